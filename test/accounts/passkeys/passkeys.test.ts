import { expect } from "chai";
import { Authenticator } from "../../../runner/cases/computed/authenticator.js";
import { sweepPasskeyChallenges } from "../../../src/accounts/passkeys/ended-passkeys.js";
import { openSchool, type School } from "../../support/call-as.js";
import { upTo } from "../../support/numbers.js";
import { outcomes, reasonOf, refusal } from "../../support/outcomes.js";
import { altered, flipped, holder, loginOptions, madeBy, OtherDevice, signedBy } from "./support.js";

interface Response {
  readonly response: Readonly<Record<string, string>>;
}

const responseOf = (credential: string): Response["response"] => (JSON.parse(credential) as Response).response;

describe("passkeys", function () {
  this.timeout(60_000);
  let school: School;
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  const register = (credential_json: string, call = school.as()) =>
    school.passkeys.registerPasskey({ credential_json, name: "Phone" }, call);
  const logIn = (credential_json: string) => school.passkeys.loginWithPasskey({ credential_json }, school.as());

  it("are made for a person under a random name that stays the same, without those that they have", async () => {
    const anna = await holder(school);
    const [one, other] = await Promise.all(
      upTo(2).map(() => school.passkeys.beginPasskey({ password: anna.password }, anna.call)),
    );
    const parsed = JSON.parse(one!.options_json) as {
      user: { id: string; name: string };
      pubKeyCredParams: { alg: number }[];
      excludeCredentials: unknown[];
    };
    expect(parsed).to.deep.include({
      rp: { name: "Lyceum", id: "localhost" },
      attestation: "none",
      timeout: 300_000,
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    });
    expect(parsed.pubKeyCredParams.map(({ alg }) => alg)).to.deep.equal([-8, -7, -257]);
    expect(parsed.excludeCredentials.length).to.equal(1);
    const { user } = parsed;
    expect(user.name).to.equal(anna.email);
    expect(Buffer.from(user.id, "base64url").length).to.equal(32);
    expect((JSON.parse(other!.options_json) as { user: { id: string } }).user.id).to.equal(user.id);
    const challenges = [one!, other!].map((each) => (JSON.parse(each.options_json) as { challenge: string }).challenge);
    expect(new Set(challenges.map((each) => Buffer.from(each, "base64url").length)).has(32)).to.equal(true);
    expect(new Set(challenges).size).to.equal(2);
  });

  it("log their owner in, by one session of twenty logins with one challenge, in whichever process", async () => {
    const there = await openSchool(school.url);
    const anna = await holder(school);
    // Without a counter, which would refuse the others by itself.
    const credential = await signedBy(school, anna.device, { signCount: 0 });
    expect(
      await tally(
        upTo(20).map((at) =>
          (at % 2 ? school : there).passkeys.loginWithPasskey({ credential_json: credential }, school.as()),
        ),
      ),
    ).to.deep.equal({ done: 1, INVALID_PASSKEY: 19 });
    const [{ count }] = (await school.sql<{ count: number }>("select count(*)::int from sessions where user_id = $1", [
      anna.id,
    ])) as [{ count: number }];
    // Beside that of the account.
    expect(count).to.equal(2);
    await there.close();
  });

  for (const kind of ["EdDSA", "RS256", "ES256"] as const)
    it(`log in with a key for ${kind}`, async () => {
      const anna = await school.account();
      const device = new OtherDevice(kind);
      await register(await madeBy(school, anna, device), anna.call);
      expect(await logIn(await signedBy(school, device))).to.have.property("access_token");
    });

  it("are not registered with a key of another kind, nor with an id that is longer than the standard allows", async () => {
    const anna = await school.account();
    for (const device of [new OtherDevice("ES384"), new OtherDevice("ES256", 1024), new OtherDevice("ES256", 4000)])
      expect(await reasonOf(register(await madeBy(school, anna, device), anna.call))).to.equal("INVALID_PASSKEY");
    const longest = new OtherDevice("ES256", 1023);
    await register(await madeBy(school, anna, longest), anna.call);
    expect(await logIn(await signedBy(school, longest))).to.have.property("access_token");
  });

  it("are registered once with a challenge, whoever sends it twenty times", async () => {
    const anna = await school.account();
    const credential = await madeBy(school, anna, new Authenticator());
    expect(await tally(upTo(20).map(() => register(credential, anna.call)))).to.deep.equal({
      done: 1,
      INVALID_PASSKEY: 19,
    });
  });

  it("of a person are twenty at most, however many are registered at once", async () => {
    const anna = await holder(school);
    await school.sql(
      `insert into passkeys (user_id, name, credential_id, public_key, sign_count, transports, is_backed_up)
       select $1, 'Old', decode(md5(n::text), 'hex'), '', 0, '{}', false from generate_series(1, 14) n`,
      [anna.id],
    );
    const made = await Promise.all(upTo(20).map(() => madeBy(school, anna, new Authenticator())));
    expect(await tally(made.map((credential) => register(credential, anna.call)))).to.deep.equal({
      done: 5,
      TOO_MANY_PASSKEYS: 15,
    });
    expect((await school.passkeys.listPasskeys({}, anna.call)).passkeys.length).to.equal(20);
    const { password } = anna;
    expect(await reasonOf(school.passkeys.beginPasskey({ password }, anna.call))).to.equal("TOO_MANY_PASSKEYS");
  });

  it("are registered by the person alone whose challenge it is, and never twice", async () => {
    const [anna, boris] = [await school.account(), await school.account()];
    const device = new Authenticator();
    const credential = await madeBy(school, anna, device);
    expect(await reasonOf(register(credential, boris.call))).to.equal("INVALID_PASSKEY");
    await register(credential, anna.call);
    // The same key under a new challenge, of another person too.
    for (const person of [anna, boris]) {
      const again = await madeBy(school, person, new Authenticator());
      const { attestationObject } = responseOf(credential);
      const { id } = JSON.parse(credential) as { id: string };
      const forged = altered(again, { attestationObject }, { id, rawId: id });
      expect(await reasonOf(register(forged, person.call))).to.equal("INVALID_PASSKEY");
    }
    // Neither kind of challenge is good for the other.
    const { options_json, origin } = await school.passkeys.beginPasskey({ password: boris.password }, boris.call);
    const asLogin = { ...(JSON.parse(options_json) as object), rpId: "localhost" };
    expect(await reasonOf(logIn(device.get(JSON.stringify(asLogin), origin)))).to.equal("INVALID_PASSKEY");
    const login = await loginOptions(school);
    const asMaking = { ...(JSON.parse(login.options_json) as object), rp: { id: "localhost" }, user: { id: "AAAA" } };
    const made = new Authenticator().create(JSON.stringify(asMaking), origin);
    expect(await reasonOf(register(made, anna.call))).to.equal("INVALID_PASSKEY");
  });

  const lies: readonly (readonly [what: string, changes: Parameters<Authenticator["get"]>[2]])[] = [
    ["of another origin", { origin: "https://localhost" }],
    ["of an origin that begins alike", { origin: "http://localhost:8080.evil.example" }],
    ["of an origin with a path", { origin: "http://localhost:8080/" }],
    ["of another server", { rpId: "evil.example" }],
    ["with another challenge", { challenge: "A".repeat(43) }],
    ["of the other ceremony", { type: "webauthn.other" }],
    ["from a frame of another site", { more: { crossOrigin: true } }],
    ["from a frame, in other words", { more: { crossOrigin: "yes" } }],
  ];

  for (const [what, changes] of [
    ...lies,
    ["without a person who was verified", { flags: 0x41 }],
    ["without a person", { flags: 0x44 }],
    ["without a key", { flags: 0x05 }],
  ] as typeof lies)
    it(`are not registered ${what}`, async () => {
      const anna = await school.account();
      const made = await madeBy(school, anna, new Authenticator(), changes);
      expect(await reasonOf(register(made, anna.call))).to.equal("INVALID_PASSKEY");
      expect((await school.passkeys.listPasskeys({}, anna.call)).passkeys).to.deep.equal([]);
    });

  for (const [what, changes] of [
    ...lies,
    ["without a person who was verified", { flags: 0x01 }],
    ["without a person", { flags: 0x04 }],
    ["of another person", { userHandle: "A".repeat(43) }],
  ] as typeof lies)
    it(`log nobody in ${what}`, async () => {
      const anna = await holder(school);
      expect(await reasonOf(logIn(await signedBy(school, anna.device, changes)))).to.equal("INVALID_PASSKEY");
      // The device itself is still good.
      expect(await logIn(await signedBy(school, anna.device))).to.have.property("access_token");
    });

  it("log nobody in with what was changed after it was signed, and the answer is that for a passkey that nobody has", async () => {
    const [anna, boris] = [await holder(school), await holder(school)];
    const forged = async (change: (response: Response["response"]) => object, more = {}): Promise<unknown> => {
      const credential = await signedBy(school, anna.device);
      return seen(logIn(altered(credential, change(responseOf(credential)), more)));
    };
    const stranger = new Authenticator();
    await madeBy(school, anna, stranger);
    const unknown = await seen(logIn(await signedBy(school, stranger)));
    expect(unknown).to.have.property("reason", "INVALID_PASSKEY");
    const other = JSON.parse(await signedBy(school, boris.device)) as Response & { id: string };
    const tries = [
      forged(({ signature }) => ({ signature: flipped(signature!) })),
      forged(() => ({ signature: "AAAA" })),
      forged(() => other.response),
      forged(({ authenticatorData }) => ({ authenticatorData: flipped(authenticatorData!) })),
      forged(({ authenticatorData }) => ({ authenticatorData: flipped(authenticatorData!, 0) })),
      forged(() => ({ authenticatorData: "AAAA" })),
      forged(({ clientDataJSON }) => ({
        clientDataJSON: Buffer.from(`${Buffer.from(clientDataJSON!, "base64url").toString()} `).toString("base64url"),
      })),
      // The signature of one person under the passkey of another.
      forged(() => ({}), { id: other.id, rawId: other.id }),
      forged(() => ({ userHandle: other.response["userHandle"] }), { id: other.id, rawId: other.id }),
    ];
    for (const found of await Promise.all(tries)) expect(found).to.deep.equal(unknown);
  });

  it("are read strictly: what is no credential is refused as such, however long or deep it is", async () => {
    const anna = await holder(school);
    const login = await signedBy(school, anna.device);
    const making = await madeBy(school, anna, new Authenticator());
    const texts = [
      "",
      "{",
      "null",
      "[]",
      "7",
      '"x"',
      "{}",
      "[".repeat(16_000),
      `{"a":`.repeat(3_000),
      `{"id":"${"A".repeat(16_000)}"}`,
      '{"__proto__":{"id":"AAAA","rawId":"AAAA","type":"public-key"},"response":{}}',
      altered(login, {}, { type: "password" }),
      altered(login, {}, { rawId: "BBBB" }),
      altered(login, {}, { id: "A".repeat(1400), rawId: "A".repeat(1400) }),
      altered(login, { signature: null }),
      altered(login, { signature: "Ä" }),
      altered(login, { authenticatorData: [1, 2] }),
      altered(login, { clientDataJSON: Buffer.from("{}").toString("base64url") }),
      altered(login, { clientDataJSON: Buffer.from('{"challenge":7}').toString("base64url") }),
      altered(login, { clientDataJSON: Buffer.from("null").toString("base64url") }),
      altered(login, { userHandle: undefined }),
    ];
    const unread = {
      reason: "INVALID_PASSKEY",
      detail: "credential_json is not the JSON of a WebAuthn credential of this kind",
      more: { headers: { "WWW-Authenticate": 'Bearer realm="lyceum"' } },
    };
    for (const text of [...texts, making]) expect(await seen(logIn(text)), text).to.deep.equal(unread);
    for (const text of [...texts.slice(0, 14), login])
      expect(await seen(register(text, anna.call)), text).to.deep.equal(unread);
  });

  it("that no device would make are refused, and nothing of them is looked up", async () => {
    const anna = await school.account();
    const objects = [
      "AAAA",
      Buffer.alloc(2_000, 0x81).toString("base64url"),
      Buffer.from("bfff", "hex").toString("base64url"),
      Buffer.from("a363666d74646e6f6e656761747453746d74a068617574684461746143000000", "hex").toString("base64url"),
    ];
    for (const attestationObject of objects) {
      const made = altered(await madeBy(school, anna, new Authenticator()), { attestationObject });
      expect(await reasonOf(register(made, anna.call))).to.equal("INVALID_PASSKEY");
    }
  });

  it("are registered whatever attests them, since nobody looks at it", async () => {
    const anna = await school.account();
    const device = new Authenticator();
    const made = await madeBy(school, anna, device);
    const object = Buffer.from(responseOf(made)["attestationObject"]!, "base64url").toString("latin1");
    const packed = Buffer.from(object.replace("\x64none", "\x66packed"), "latin1").toString("base64url");
    await register(altered(made, { attestationObject: packed }), anna.call);
    expect(await logIn(await signedBy(school, device))).to.have.property("access_token");
  });

  it("are registered under the id that the device has given them, and no other", async () => {
    const anna = await school.account();
    const made = await madeBy(school, anna, new Authenticator());
    const id = "A".repeat(43);
    expect(await reasonOf(register(altered(made, {}, { id, rawId: id }), anna.call))).to.equal("INVALID_PASSKEY");
  });

  it("need a new challenge after a try that was refused", async () => {
    const anna = await holder(school);
    const credential = await signedBy(school, anna.device);
    const { signature } = responseOf(credential);
    const forged = altered(credential, { signature: flipped(signature!) });
    for (const each of [forged, credential]) expect(await reasonOf(logIn(each))).to.equal("INVALID_PASSKEY");
  });

  it("whose counter does not go on log nobody in, which is recorded; of two at once with one count one does", async () => {
    const anna = await holder(school);
    await logIn(await signedBy(school, anna.device, { signCount: 7 }));
    for (const signCount of [7, 6, 0])
      expect(await reasonOf(logIn(await signedBy(school, anna.device, { signCount })))).to.equal("INVALID_PASSKEY");
    const both = await Promise.all(upTo(20).map(() => signedBy(school, anna.device, { signCount: 8 })));
    expect(await tally(both.map(logIn))).to.deep.equal({ done: 1, INVALID_PASSKEY: 19 });
    const [{ count }] = (await school.sql<{ count: number }>(
      "select count(*)::int from audit_events where actor_id = $1 and action = 'passkey.count' and outcome = 'AUDIT_OUTCOME_FAILURE'",
      [anna.id],
    )) as [{ count: number }];
    expect(count).to.equal(22);
  });

  it("that do not count stay at 0", async () => {
    const anna = await holder(school);
    for (const signCount of [0, 0]) await logIn(await signedBy(school, anna.device, { signCount }));
  });

  it("log nobody in after five minutes, and what is left is swept", async () => {
    const anna = await holder(school);
    const credential = await signedBy(school, anna.device);
    const making = await madeBy(school, anna, new Authenticator());
    await school.sql("update passkey_challenges set expires_at = now() - interval '1 second'");
    expect(await reasonOf(logIn(credential))).to.equal("INVALID_PASSKEY");
    expect(await reasonOf(register(making, anna.call))).to.equal("INVALID_PASSKEY");
    const live = await loginOptions(school);
    await sweepPasskeyChallenges.run(school.database, new AbortController().signal);
    expect(await school.sql("select 1 from passkey_challenges")).to.have.length(1);
    expect(await logIn(anna.device.get(live.options_json, live.origin))).to.have.property("access_token");
  });

  it("are recorded in the audit, without a secret, and end with the account", async () => {
    const anna = await holder(school);
    const { id: passkey_id } = anna.passkey;
    await school.passkeys.renamePasskey({ passkey_id, name: "New phone" }, anna.call);
    const credential = await signedBy(school, anna.device);
    await logIn(credential);
    const waiting = await signedBy(school, anna.device);
    await school.passkeys.removePasskey({ passkey_id, password: anna.password }, anna.call);
    expect(await reasonOf(logIn(waiting))).to.equal("INVALID_PASSKEY");
    const events = await school.sql<{ action: string }>(
      "select action from audit_events where actor_id = $1 and outcome = 'AUDIT_OUTCOME_SUCCESS' order by id",
      [anna.id],
    );
    expect(events.map(({ action }) => action)).to.deep.equal([
      "account.create",
      "session.begin_with_password",
      "passkey.register",
      "passkey.rename",
      "session.begin_with_passkey",
      "passkey.remove",
    ]);
    const secret = (
      JSON.parse(Buffer.from(responseOf(credential)["clientDataJSON"]!, "base64url").toString()) as {
        challenge: string;
      }
    ).challenge;
    for (const table of ["audit_events", "passkeys", "passkey_challenges", "sessions"])
      expect(await school.sql(`select from ${table} t where concat(t) like $1`, [`%${secret}%`]), table).to.deep.equal(
        [],
      );

    const boris = await holder(school);
    await madeBy(school, boris, new Authenticator());
    const last = await signedBy(school, boris.device);
    await school.auth.deleteMe(boris, boris.call);
    for (const table of ["passkeys", "passkey_handles", "passkey_challenges"])
      expect(await school.sql(`select from ${table} where user_id = $1`, [boris.id]), table).to.deep.equal([]);
    expect(await reasonOf(logIn(last))).to.equal("INVALID_PASSKEY");
  });
});

/** How many promises were fulfilled, and how many refused for each reason. */
async function tally(promises: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const { answers, reasons } = await outcomes(promises);
  const counted: Record<string, number> = { done: answers.length };
  for (const reason of reasons) counted[reason] = (counted[reason] ?? 0) + 1;
  return counted;
}

/** What a client sees of a refusal. */
async function seen(answer: Promise<unknown>): Promise<unknown> {
  const { reason, detail, more } = await refusal(answer);
  return { reason, detail, more };
}
