import { expect } from "chai";
import { Authenticator } from "../../../runner/cases/computed/authenticator.js";
import { totp } from "../../../runner/cases/computed/totp.js";
import { createMfaPolicy } from "../../../src/accounts/second-factor/obligation.js";
import type { Tokens } from "../../../src/gen/lyceum/v1/auth.js";
import { type Account, openSchool, type School } from "../../support/call-as.js";
import { outcomes, reasonOf } from "../../support/outcomes.js";
import { enrolled } from "../second-factor/support.js";
import { holder, madeBy, signedBy } from "./support.js";
import type { Mailer } from "../../../src/platform/mail/mailer.js";

describe("a passkey as a second factor", function () {
  this.timeout(60_000);
  let here: School;
  const mfaPolicy = createMfaPolicy(["ROLE_TEACHER"], 14);

  before(async () => {
    here = await openSchool();
  });
  after(() => here.close());

  const login = ({ email, password }: Account): Promise<Tokens> =>
    here.authWith({ mfaPolicy }).login({ email, password }, here.as());
  const passkeys = () => here.passkeysWith({ mfaPolicy });
  const factor = () => here.secondFactorWith({ mfaPolicy });
  const callerOf = ({ access_token }: { access_token?: string | undefined }) =>
    here.accounts.authenticate(`Bearer ${access_token}`);

  it("is what a role needs: whoever has registered one may call everything, at once and at the next login", async () => {
    const anna = await here.account("ROLE_TEACHER");
    const tokens = await login(anna);
    const caller = await callerOf(tokens);
    expect(caller.mustEnrol).to.equal(true);
    const device = new Authenticator();
    const credential_json = await madeBy(here, { ...anna, call: here.as(caller) }, device);
    const answer = await passkeys().registerPasskey({ credential_json, name: "Key" }, here.as(caller));
    expect(await callerOf(answer)).to.deep.include({ id: anna.id, sessionId: caller.sessionId });
    expect((await callerOf(answer)).mustEnrol ?? false).to.equal(false);
    expect((await callerOf(await login(anna))).mustEnrol ?? false).to.equal(false);
    const byPasskey = await passkeys().loginWithPasskey({ credential_json: await signedBy(here, device) }, here.as());
    expect((await callerOf(byPasskey)).mustEnrol ?? false).to.equal(false);
    expect(await factor().getTotp({}, here.as(await callerOf(answer)))).to.deep.include({
      is_enabled: false,
      is_required: true,
      due_at: undefined,
    });
  });

  it("in a session by cookie gives no token to scripts", async () => {
    const anna = await here.account();
    const credential_json = await madeBy(here, anna, new Authenticator());
    const call = here.as({ ...anna.caller, means: "cookie" });
    expect(await here.passkeys.registerPasskey({ credential_json, name: "Key" }, call)).to.have.all.keys(
      "id",
      "name",
      "created_at",
      "is_backed_up",
    );
  });

  it("logs in without a code where there is an authenticator app, and asks for a code before it is made", async () => {
    const anna = await enrolled(here);
    const { password } = anna;
    expect(await reasonOf(here.passkeys.beginPasskey({ password }, anna.call))).to.equal("MALFORMED_REQUEST");
    expect(await reasonOf(here.passkeys.beginPasskey({ password, code: anna.code }, anna.call))).to.equal(
      "INVALID_CODE",
    );
    const begun = await here.passkeys.beginPasskey({ password, code: totp(anna.secret, 1) }, anna.call);
    const device = new Authenticator();
    const credential_json = device.create(begun.options_json, begun.origin);
    await here.passkeys.registerPasskey({ credential_json, name: "Key" }, anna.call);
    const tokens = await here.passkeys.loginWithPasskey({ credential_json: await signedBy(here, device) }, here.as());
    expect(tokens).to.include.keys("access_token", "refresh_token", "device_token");
    expect(tokens.mfa_challenge).to.equal(undefined);
    expect(here.accounts.deviceTokens.read(tokens.device_token!, anna.email)).to.be.a("string");
    expect((await here.auth.login({ email: anna.email, password }, here.as())).mfa_challenge).to.be.a("string");
  });

  it("alone asks nobody who logs in by password for a code that they do not have", async () => {
    const anna = await holder(here);
    const tokens = await here.auth.login({ email: anna.email, password: anna.password }, here.as());
    expect(tokens).to.include.keys("access_token");
    expect(tokens.mfa_challenge).to.equal(undefined);
  });

  it("is not removed when it is the last one that a role needs, also where two are removed at once", async () => {
    const anna = await holder(here, "ROLE_TEACHER");
    const call = here.as({ ...anna.caller, role: "ROLE_TEACHER" });
    const { password } = anna;
    // Comparing passwords would let one come after the other.
    const passwords = { ...here.accounts.passwords, matches: () => Promise.resolve(true) };
    const remove = (id: number) =>
      here.passkeysWith({ mfaPolicy, passwords }).removePasskey({ passkey_id: id, password }, call);
    for (let round = 1; round <= 10; round++) {
      await here.sql(
        `insert into passkeys (user_id, name, credential_id, public_key, sign_count, transports, is_backed_up)
         values ($1, 'Old', decode(md5($2), 'hex'), '', 0, '{}', false)`,
        [anna.id, `round ${round}`],
      );
      const both = (await here.passkeys.listPasskeys({}, call)).passkeys;
      const { answers, reasons } = await outcomes(both.map(({ id }) => remove(id)));
      expect([answers.length, reasons]).to.deep.equal([1, ["MFA_REQUIRED"]]);
    }
    const [{ id } = { id: 0 }] = (await here.passkeys.listPasskeys({}, call)).passkeys;
    expect(await reasonOf(remove(id))).to.equal("MFA_REQUIRED");

    // An authenticator app in its place.
    const { secret } = await factor().beginTotp({ password }, call);
    await factor().confirmTotp({ code: totp(secret) }, call);
    const both = await outcomes([remove(id), factor().disableTotp({ password }, call)]);
    expect([both.answers.length, both.reasons]).to.deep.equal([1, ["MFA_REQUIRED"]]);
  });

  it("is removed by a reset, with the authenticator app", async () => {
    const [anna, admin] = [await holder(here), await here.account("ROLE_SUPER_ADMIN")];
    const waiting = await signedBy(here, anna.device);
    await here.secondFactor.resetTotp({ user_id: anna.id }, admin.call);
    expect((await here.passkeys.listPasskeys({}, anna.call)).passkeys).to.deep.equal([]);
    expect(await reasonOf(here.passkeys.loginWithPasskey({ credential_json: waiting }, here.as()))).to.equal(
      "INVALID_PASSKEY",
    );
  });

  it("is told of by mail when it is added and when it is removed", async () => {
    const mails: { subject: string; text: string }[] = [];
    const mailer: Mailer = { isOn: true, send: async (_, sent) => void mails.push(...sent) };
    const told = here.passkeysWith({ mailer });
    const anna = await here.account();
    const credential_json = await madeBy(here, anna, new Authenticator());
    const { id: passkey_id } = await told.registerPasskey({ credential_json, name: "Blue phone" }, anna.call);
    await told.removePasskey({ passkey_id, password: anna.password }, anna.call);
    expect(mails.map(({ subject }) => subject)).to.deep.equal(["Lyceum: your passkeys", "Lyceum: your passkeys"]);
    for (const { text } of mails) expect(text).to.contain("Blue phone");
  });
});
