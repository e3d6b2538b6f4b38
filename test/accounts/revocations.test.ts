import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { watchRevocations } from "../../src/accounts/sessions/revocations.js";
import { insertSession, revokeSession } from "../../src/accounts/store.js";
import type { Caller } from "../../src/call.js";
import { testDatabase } from "../support/database.js";
import { log, open, type Opened, somebody } from "./opened.js";

async function isLetIn({ accounts }: Opened, header: string): Promise<boolean> {
  try {
    await accounts.authenticate(header);
    return true;
  } catch {
    return false;
  }
}

async function hears({ accounts }: Opened, sessionId: string): Promise<void> {
  while (!accounts.revocations.has(sessionId)) await pause(5);
}

describe("revocations", () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let here: Opened;
  let there: Opened;

  before(async () => {
    database = await testDatabase();
    [here, there] = await Promise.all([open(database.url), open(database.url)]);
  });
  after(async () => {
    await Promise.all([here.close(), there.close()]);
    await database.drop();
  });

  /** A new session of a new person: its access token's header, and who it speaks for. */
  async function session(): Promise<{ header: string; caller: Caller }> {
    const person = somebody();
    await here.auth.register(person, here.call());
    const header = `Bearer ${(await here.auth.login(person, here.call())).access_token}`;
    return { header, caller: await here.accounts.authenticate(header) };
  }
  it("reach another process that has let the token in before", async () => {
    const { header, caller } = await session();
    expect(await isLetIn(there, header)).to.equal(true);
    await here.auth.logout({}, here.call(caller));
    await hears(there, caller.sessionId);
    expect(await isLetIn(there, header)).to.equal(false);
  });

  it("reach another process when a refresh token is used twice", async () => {
    const person = somebody();
    await here.auth.register(person, here.call());
    const first = await here.auth.login(person, here.call());
    const { sessionId } = await here.accounts.authenticate(`Bearer ${first.access_token}`);
    const second = await here.auth.refresh(first, here.call());
    await here.auth.refresh(second, here.call());
    await here.auth.refresh(first, here.call()).catch(() => undefined);
    await hears(there, sessionId);
    expect(await isLetIn(there, `Bearer ${second.access_token}`)).to.equal(false);
  });

  it("are known to a process that starts later", async () => {
    const { header, caller } = await session();
    await here.auth.logout({}, here.call(caller));
    const late = await open(database.url);
    expect(await isLetIn(late, header)).to.equal(false);
    await late.close();
  });

  it("that were missed while the connection was away are loaded when it is back", async () => {
    let reconnected: (() => void) | undefined;
    const revocations = await watchRevocations({
      database: here.server.database,
      async listen(_channel, _handler, onReconnect) {
        reconnected = onReconnect;
        return { close: async () => undefined };
      },
      accessTokenSeconds: 600,
      log,
    });
    const { caller } = await session();
    await revokeSession(here.server.database, caller.sessionId);
    expect(revocations.has(caller.sessionId)).to.equal(false);
    reconnected!();
    while (!revocations.has(caller.sessionId)) await pause(5);
    await revocations.close();
  });

  it("are forgotten when no access token of the session can be good any more", async () => {
    let now = Date.now();
    const revocations = await watchRevocations({
      database: here.server.database,
      listen: here.server.listen,
      accessTokenSeconds: 600,
      log,
      now: () => now,
    });
    const { caller } = await session();
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
    const { caller } = await session();
    const old = (await insertSession(here.server.database, caller.id, 30))!;
    await here.sql("update sessions set revoked_at = now() - interval '1 hour' where id = $1", old);
    const late = await open(database.url);
    expect(late.accounts.revocations.has(old)).to.equal(false);
    await late.close();
  });
});
