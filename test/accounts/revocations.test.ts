import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { watchRevocations } from "../../src/accounts/sessions/revocations.js";
import { insertSession, revokeSession } from "../../src/accounts/sessions/store.js";
import type { Caller } from "../../src/call.js";
import type { Tokens } from "../../src/gen/lyceum/v1/auth.js";
import type { Role } from "../../src/gen/lyceum/v1/user.js";
import { type Account, openSchool, type School } from "../support/call-as.js";
import { reasonOf } from "../support/outcomes.js";
import { databaseGate } from "../support/server.js";

async function isNotified({ accounts }: School, caller: Caller): Promise<void> {
  while (!(await accounts.revocations.isRevoked(caller))) await pause(5);
}

describe("revocations", () => {
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

  it("reach another process that has accepted the token before", async () => {
    const anna = await here.account();
    expect(await there.isLetIn(anna)).to.equal(true);
    await here.auth.logout({}, anna.call);
    await isNotified(there, anna.caller);
    expect(await there.isLetIn(anna)).to.equal(false);
  });

  it("reach another process when a refresh token is used twice", async () => {
    const { tokens: first, caller } = await here.account();
    const second = (await here.auth.refresh(first, here.as())) as Required<Tokens>;
    await here.auth.refresh(second, here.as());
    await here.auth.refresh(first, here.as()).catch(() => undefined);
    await isNotified(there, caller);
    expect(await there.isLetIn({ tokens: second })).to.equal(false);
  });

  it("are known to a process that starts later", async () => {
    const anna = await here.account();
    await here.auth.logout({}, anna.call);
    const late = await openSchool(here.url);
    expect(await late.isLetIn(anna)).to.equal(false);
    await late.close();
  });

  it("that were missed while the connection was lost are looked up until they have been loaded, and then known", async () => {
    const { caller } = await here.account();
    let missed: () => Promise<void> = async () => undefined;
    const listener = { isCurrent: false, close: async () => undefined };
    const revocations = await watchRevocations({
      database: here.database,
      async listen(channel, _handler, load) {
        await load?.();
        if (channel === "session_revoked") missed = load!;
        return listener;
      },
      accessTokenSeconds: 600,
    });
    expect(await revocations.isRevoked(caller)).to.equal(false);
    await revokeSession(here.database, caller.sessionId, here.as(caller));
    expect(await revocations.isRevoked(caller)).to.equal(true);
    listener.isCurrent = true;
    await missed();
    expect(revocations.isRevoked(caller)).to.equal(true);
    await revocations.close();
  });

  it("that cannot be looked up are not taken to be absent", async () => {
    const gate = await databaseGate(here.url);
    const behind = await openSchool(gate.url);
    const anna = await here.account();
    expect(await behind.isLetIn(anna)).to.equal(true);
    gate.shut();
    const authenticate = async () => behind.accounts.authenticate(`Bearer ${anna.tokens.access_token}`);
    while (
      await authenticate().then(
        () => true,
        () => false,
      )
    )
      await pause(5);
    expect(await reasonOf(authenticate())).to.equal("DATABASE_UNAVAILABLE");
    await behind.close();
    await gate.close();
  });

  it("are forgotten when every access token of the session has expired", async () => {
    let now = Date.now();
    const revocations = await watchRevocations({
      database: here.database,
      listen: here.server.listen,
      accessTokenSeconds: 600,
      now: () => now,
    });
    const { caller } = await here.account();
    revocations.add(caller.sessionId);
    now += 600_000;
    revocations.add("another");
    expect(revocations.isRevoked(caller)).to.equal(true);
    now += 61_000;
    revocations.add("a third");
    expect(revocations.isRevoked(caller)).to.equal(false);
    expect(revocations.isRevoked({ ...caller, sessionId: "a third" })).to.equal(true);
    await revocations.close();
  });

  it("that are older than any access token are not loaded at all", async () => {
    const { caller } = await here.account();
    const { id } = (await insertSession(here.database, caller.id, 30, { deviceName: "", userAgent: "", address: "" }))!;
    await here.sql("update sessions set revoked_at = now() - interval '1 hour' where id = $1", [id]);
    const late = await openSchool(here.url);
    expect(late.accounts.revocations.isRevoked({ ...caller, sessionId: id })).to.equal(false);
    await late.close();
  });

  describe("a changed role", () => {
    const roleOf = async (school: School, { access_token }: Tokens) =>
      (await school.accounts.authenticate(`Bearer ${access_token}`)).role;
    const change = ({ id }: Account, role: Role) => here.sql("update users set role = $2 where id = $1", [id, role]);

    it("ends the access tokens of the person in every process, and no session", async () => {
      const anna = await here.account("ROLE_SUPER_ADMIN");
      const boris = await here.account("ROLE_TEACHER");
      for (const school of [here, there]) expect(await school.isLetIn(anna)).to.equal(true);
      await change(anna, "ROLE_STUDENT");
      for (const school of [here, there]) while (await school.isLetIn(anna)) await pause(5);
      const next = await there.auth.refresh(anna.tokens, there.as());
      for (const school of [here, there]) expect(await roleOf(school, next)).to.equal("ROLE_STUDENT");
      expect(await here.isLetIn(boris)).to.equal(true);
    });

    it("is known to a process that starts later", async () => {
      const anna = await here.account("ROLE_TEACHER");
      await change(anna, "ROLE_STUDENT");
      const late = await openSchool(here.url);
      expect(await late.isLetIn(anna)).to.equal(false);
      await late.close();
    });

    it("that is given back makes the tokens with it valid again", async () => {
      const anna = await here.account("ROLE_TEACHER");
      await change(anna, "ROLE_STUDENT");
      while (await there.isLetIn(anna)) await pause(5);
      await change(anna, "ROLE_TEACHER");
      while (!(await there.isLetIn(anna))) await pause(5);
    });

    it("that changes while the person logs in is the role of the tokens", async () => {
      const anna = await here.account("ROLE_TEACHER");
      const { login } = here.authWith({
        passwords: {
          ...here.accounts.passwords,
          async compare() {
            await change(anna, "ROLE_STUDENT");
            return { matches: true, isOutdated: false };
          },
        },
      });
      expect(await roleOf(here, await login(anna, here.as()))).to.equal("ROLE_STUDENT");
    });
  });
});
