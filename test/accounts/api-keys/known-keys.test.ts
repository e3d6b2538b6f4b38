import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { Authenticator } from "../../../runner/cases/computed/authenticator.js";
import { totp } from "../../../runner/cases/computed/totp.js";
import { type KnownKeys, type KnownKeysOptions, watchKeys } from "../../../src/accounts/api-keys/known-keys.js";
import { createMfaPolicy } from "../../../src/accounts/second-factor/obligation.js";
import type { Caller } from "../../../src/call.js";
import type { Scope } from "../../../src/gen/lyceum/v1/scope.js";
import type { Database } from "../../../src/platform/database/database.js";
import { type Account, openSchool, type School } from "../../support/call-as.js";
import { reasonOf } from "../../support/outcomes.js";
import { databaseGate } from "../../support/server.js";
import { madeBy } from "../passkeys/support.js";

interface Key {
  readonly id: number;
  readonly secret: string;
}

describe("API keys as credentials", () => {
  let here: School;
  let there: School;

  before(async () => {
    here = await openSchool();
    there = await openSchool(here.url);
  });
  after(async () => {
    await there.close();
    await here.close();
  });

  const makeKey = async ({ call }: Pick<Account, "call">, scopes: Scope[] = ["SCOPE_USERS_READ"]): Promise<Key> =>
    (await here.apiKeys.createApiKey({ name: "Script", scopes }, call)) as Key;
  const callerOf = async (school: Pick<School, "accounts">, { secret }: Key): Promise<Caller> =>
    school.accounts.knownKeys.callerOf(secret);
  const isLetIn = (school: School, key: Key): Promise<boolean> =>
    callerOf(school, key).then(
      () => true,
      () => false,
    );
  const isRefused = async (school: School, key: Key): Promise<void> => {
    while (await isLetIn(school, key)) await pause(5);
  };

  /** Known keys of a process whose look-ups are counted, and can be held up. */
  async function counted(options: Partial<KnownKeysOptions> = {}): Promise<{
    keys: KnownKeys;
    lookUps: () => number;
    hold: (until: Promise<void>) => void;
  }> {
    let lookUps = 0;
    let held: Promise<void> | undefined;
    const database: Database = {
      ...here.database,
      many: (statement, values) => here.database.many(statement, values),
      async one(statement, values) {
        const row = await here.database.one(statement, values);
        if (statement.name === "find-live-api-key") lookUps++;
        await held;
        return row;
      },
    };
    const isFactorMissing = async (): Promise<boolean> => false;
    const keys = await watchKeys({ database, listen: here.server.listen, isFactorMissing, ...options });
    return { keys, lookUps: () => lookUps, hold: (until) => (held = until) };
  }

  it("are those of their owner, with the role of now and their scopes", async () => {
    const anna = await here.account("ROLE_TEACHER");
    const key = await makeKey(anna, ["SCOPE_CHATS_READ", "SCOPE_MESSAGES_READ"]);
    expect(await callerOf(here, key)).to.deep.equal({
      id: anna.id,
      role: "ROLE_TEACHER",
      sessionId: "",
      means: "api_key",
      apiKeyId: key.id,
      scopes: ["SCOPE_CHATS_READ", "SCOPE_MESSAGES_READ"],
    });
  });

  it("cost no query once seen, and one where twenty requests bring them at once", async () => {
    const key = await makeKey(await here.account());
    const { keys, lookUps } = await counted();
    await Promise.all(Array.from({ length: 20 }, () => keys.callerOf(key.secret)));
    expect(lookUps()).to.equal(1);
    expect(keys.callerOf(key.secret)).not.to.be.instanceOf(Promise);
    expect(lookUps()).to.equal(1);
    await keys.close();
  });

  it("that are misspelt cost no query, and unknown ones get the same answer", async () => {
    const { secret } = await makeKey(await here.account());
    const { keys, lookUps } = await counted();
    for (const text of ["", "lyc_", `${secret}x`, secret.replace(/.$/, (last) => (last === "a" ? "b" : "a"))])
      expect(await reasonOf((async () => keys.callerOf(text))())).to.equal("INVALID_TOKEN");
    expect(lookUps()).to.equal(0);
    await here.sql("delete from api_keys");
    expect(await reasonOf((async () => keys.callerOf(secret))())).to.equal("INVALID_TOKEN");
    expect(lookUps()).to.equal(1);
    await keys.close();
  });

  it("are stored as a hash that opens nothing", async () => {
    const { secret } = await makeKey(await here.account());
    const [{ row } = { row: "" }] = await here.sql<{ row: string }>(
      "select string_agg(k::text, ' ') as row from api_keys k",
    );
    expect(row).to.contain(secret.slice(0, 12));
    for (let at = 8; at + 8 < secret.length; at++) expect(row).not.to.contain(secret.slice(at, at + 8));
  });

  it("that are revoked are refused by every process that has accepted them before", async () => {
    const anna = await here.account();
    const [key, other] = [await makeKey(anna), await makeKey(anna)];
    for (const school of [here, there]) await callerOf(school, key);
    await here.apiKeys.revokeApiKey({ api_key_id: key.id }, anna.call);
    expect(await isLetIn(here, key)).to.equal(false);
    await isRefused(there, key);
    for (const school of [here, there]) expect(await isLetIn(school, other)).to.equal(true);
  });

  it("that were looked up before a change, and found after it, are looked up again", async () => {
    const anna = await here.account();
    const key = await makeKey(anna);
    // The notification has come before: there is no second one.
    const listen = async () => ({ isCurrent: true, close: async () => undefined });
    const { keys, lookUps, hold } = await counted({ listen });
    let release: () => void = () => undefined;
    hold(new Promise((resolve) => (release = resolve)));
    const early = (async () => keys.callerOf(key.secret))();
    while (lookUps() === 0) await pause(1);
    await here.apiKeys.revokeApiKey({ api_key_id: key.id }, anna.call);
    keys.forget(anna.id);
    release();
    await early.catch(() => undefined);
    expect(await reasonOf((async () => keys.callerOf(key.secret))())).to.equal("INVALID_TOKEN");
    await keys.close();
  });

  it("have the role that their owner is given, in every process", async () => {
    const anna = await here.account("ROLE_SUPER_ADMIN");
    const key = await makeKey(anna);
    for (const school of [here, there]) expect((await callerOf(school, key)).role).to.equal("ROLE_SUPER_ADMIN");
    await here.sql("update users set role = 'ROLE_STUDENT' where id = $1", [anna.id]);
    for (const school of [here, there]) while ((await callerOf(school, key)).role !== "ROLE_STUDENT") await pause(5);
  });

  it("of somebody who is suspended are refused, in every process, until that is taken back", async () => {
    const [anna, admin] = [await here.account(), await here.account("ROLE_SUPER_ADMIN")];
    const key = await makeKey(anna);
    for (const school of [here, there]) expect(await isLetIn(school, key)).to.equal(true);
    await here.administration.suspendUser({ user_id: anna.id }, admin.call);
    for (const school of [here, there]) await isRefused(school, key);
    await here.administration.restoreUser({ user_id: anna.id }, admin.call);
    for (const school of [here, there]) while (!(await isLetIn(school, key))) await pause(5);
  });

  it("of somebody whose second factor is missing are as their sessions, until there is one", async () => {
    const anna = await here.account("ROLE_TEACHER");
    const key = await makeKey(anna);
    const { isMissing: isFactorMissing } = createMfaPolicy(["ROLE_TEACHER"], 14);
    const { keys } = await counted({ isFactorMissing });
    const mustEnrol = async (): Promise<boolean> => (await keys.callerOf(key.secret)).mustEnrol === true;
    expect(await mustEnrol()).to.equal(true);
    const { secret } = await here.secondFactor.beginTotp({ password: anna.password }, anna.call);
    await here.secondFactor.confirmTotp({ code: totp(secret) }, anna.call);
    while (await mustEnrol()) await pause(5);
    await here.secondFactor.disableTotp({ password: anna.password }, anna.call);
    while (!(await mustEnrol())) await pause(5);
    const credential_json = await madeBy(here, anna, new Authenticator());
    const { id: passkey_id } = await here.passkeys.registerPasskey({ credential_json, name: "Phone" }, anna.call);
    while (await mustEnrol()) await pause(5);
    await here.passkeys.removePasskey({ passkey_id, password: anna.password }, anna.call);
    while (!(await mustEnrol())) await pause(5);
    await keys.close();
  });

  it("end with the account of their owner, in every process", async () => {
    const anna = await here.account();
    const key = await makeKey(anna);
    for (const school of [here, there]) expect(await isLetIn(school, key)).to.equal(true);
    await here.auth.deleteMe(anna, anna.call);
    expect(await isLetIn(here, key)).to.equal(false);
    await isRefused(there, key);
    expect(await here.sql("select id from api_keys where user_id = $1", [anna.id])).to.deep.equal([]);
    expect(await reasonOf(makeKey(anna))).to.equal("INVALID_TOKEN");
  });

  it("are looked up again after any change of their owner's row, whoever makes it", async () => {
    const anna = await here.account();
    const key = await makeKey(anna);
    const { keys, lookUps } = await counted();
    await keys.callerOf(key.secret);
    await here.sql("update users set first_name = 'Anna' where id = $1", [anna.id]);
    while (lookUps() === 1) {
      await keys.callerOf(key.secret);
      await pause(5);
    }
    await keys.close();
  });

  it("are refused from their last moment on, also where they are known", async () => {
    let now = Date.now();
    const key = await makeKey(await here.account());
    const { keys } = await counted({ now: () => now });
    await keys.callerOf(key.secret);
    now += 90 * 86_400_000 - 60_000;
    await keys.callerOf(key.secret);
    now += 120_000;
    expect(await reasonOf((async () => keys.callerOf(key.secret))())).to.equal("INVALID_TOKEN");
    await keys.close();
    const old = await makeKey(await here.account());
    await here.sql("update api_keys set expires_at = now() - interval '1 second' where id = $1", [old.id]);
    expect(await reasonOf(callerOf(here, old))).to.equal("INVALID_TOKEN");
  });

  it("are asked for at each request while changes may be missed, and forgotten when they are loaded again", async () => {
    const anna = await here.account();
    const [key, other] = [await makeKey(anna), await makeKey(anna)];
    let missed: () => Promise<void> = async () => undefined;
    const listener = { isCurrent: true, close: async () => undefined };
    const keys = await watchKeys({
      database: here.database,
      isFactorMissing: async () => false,
      async listen(_channel, _handler, load) {
        missed = load!;
        return listener;
      },
    });
    for (const { secret } of [key, other]) await keys.callerOf(secret);
    await here.apiKeys.revokeApiKey({ api_key_id: key.id }, anna.call);
    listener.isCurrent = false;
    expect(await reasonOf((async () => keys.callerOf(key.secret))())).to.equal("INVALID_TOKEN");
    await here.apiKeys.revokeApiKey({ api_key_id: other.id }, anna.call);
    await missed();
    listener.isCurrent = true;
    expect(await reasonOf((async () => keys.callerOf(other.secret))())).to.equal("INVALID_TOKEN");
    await keys.close();
  });

  it("that cannot be looked up are not taken to be valid", async () => {
    const gate = await databaseGate(here.url);
    const behind = await openSchool(gate.url);
    const key = await makeKey(await here.account());
    expect(await isLetIn(behind, key)).to.equal(true);
    gate.shut();
    while (await isLetIn(behind, key)) await pause(5);
    expect(await reasonOf(callerOf(behind, key))).to.equal("DATABASE_UNAVAILABLE");
    await behind.close();
    await gate.close();
  });

  it("beyond the number that is remembered are let in too", async () => {
    const anna = await here.account();
    const all: Key[] = [];
    for (let count = 0; count < 4; count++) all.push(await makeKey(anna));
    const { keys, lookUps } = await counted({ remembered: 3 });
    for (const { secret } of all) await keys.callerOf(secret);
    const found = all.map(({ secret }) => keys.callerOf(secret));
    expect(found.map((caller) => caller instanceof Promise)).to.deep.equal([true, false, false, false]);
    await Promise.all(found);
    expect(lookUps()).to.equal(5);
    await keys.close();
  });
});
