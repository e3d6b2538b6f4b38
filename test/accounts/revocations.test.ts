import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { watchRevocations } from "../../src/accounts/sessions/revocations.js";
import { insertSession, revokeSession } from "../../src/accounts/sessions/store.js";
import { log, openSchool, type School } from "../support/call-as.js";

async function isNotified({ accounts }: School, sessionId: string): Promise<void> {
  while (!accounts.revocations.has(sessionId)) await pause(5);
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
    await isNotified(there, anna.caller.sessionId);
    expect(await there.isLetIn(anna)).to.equal(false);
  });

  it("reach another process when a refresh token is used twice", async () => {
    const { tokens: first, caller } = await here.account();
    const second = await here.auth.refresh(first, here.as());
    await here.auth.refresh(second, here.as());
    await here.auth.refresh(first, here.as()).catch(() => undefined);
    await isNotified(there, caller.sessionId);
    expect(await there.isLetIn({ tokens: second })).to.equal(false);
  });

  it("are known to a process that starts later", async () => {
    const anna = await here.account();
    await here.auth.logout({}, anna.call);
    const late = await openSchool(here.url);
    expect(await late.isLetIn(anna)).to.equal(false);
    await late.close();
  });

  it("that were missed while the connection was lost are loaded when it is made again", async () => {
    let reconnected: (() => void) | undefined;
    const revocations = await watchRevocations({
      database: here.database,
      async listen(_channel, _handler, onReconnect) {
        reconnected = onReconnect;
        return { close: async () => undefined };
      },
      accessTokenSeconds: 600,
      log,
    });
    const { caller } = await here.account();
    await revokeSession(here.database, caller.sessionId);
    expect(revocations.has(caller.sessionId)).to.equal(false);
    reconnected!();
    while (!revocations.has(caller.sessionId)) await pause(5);
    await revocations.close();
  });

  it("are forgotten when every access token of the session has expired", async () => {
    let now = Date.now();
    const revocations = await watchRevocations({
      database: here.database,
      listen: here.server.listen,
      accessTokenSeconds: 600,
      log,
      now: () => now,
    });
    const { caller } = await here.account();
    revocations.add(caller.sessionId);
    now += 600_000;
    revocations.add("another");
    expect(revocations.has(caller.sessionId)).to.equal(true);
    now += 61_000;
    revocations.add("a third");
    expect(revocations.has(caller.sessionId)).to.equal(false);
    expect(revocations.has("a third")).to.equal(true);
    await revocations.close();
  });

  it("that are older than any access token are not loaded at all", async () => {
    const { caller } = await here.account();
    const old = (await insertSession(here.database, caller.id, 30))!;
    await here.sql("update sessions set revoked_at = now() - interval '1 hour' where id = $1", [old]);
    const late = await openSchool(here.url);
    expect(late.accounts.revocations.has(old)).to.equal(false);
    await late.close();
  });
});
