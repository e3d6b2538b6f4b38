// The callers' view of a Postgres that stalls, dies, restarts or cannot be reached: a 503 in time, and success soon after.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { pino } from "pino";
import { ApiError } from "../../../src/errors.js";
import { type Database, type DatabaseServer, openDatabase } from "../../../src/platform/database/database.js";
import { type ConnectionGroup, statement } from "../../../src/platform/database/statement.js";
import { type OwnServer, ownServer } from "../../support/database.js";
import { fairNow } from "../../support/fair-clock.js";
import { TcpProxy } from "../tcp-proxy.js";
import { groups } from "./opened-database.js";

const log = pino({ level: "silent" });
const echo = Object.fromEntries(
  groups.map((group) => [group, statement<{ n: number }>(group, `outage-${group}`, "select $1::int8 as n")]),
) as Record<ConnectionGroup, ReturnType<typeof statement<{ n: number }>>>;

/** How long an operation took, and whether it succeeded. Fails when the result is neither success nor 503. */
async function outcome(work: Promise<unknown>): Promise<{ ms: number; ok: boolean }> {
  const start = fairNow();
  const ok = await work.then(
    () => true,
    (error: unknown) => {
      if (error instanceof ApiError && error.reason === "DATABASE_UNAVAILABLE") return false;
      throw error;
    },
  );
  return { ms: fairNow() - start, ok };
}

/** One operation of every kind. */
function everyOperation({ database, ping }: DatabaseServer): Promise<unknown>[] {
  return [
    ...groups.map((group) => database.one(echo[group], [1])),
    database.transaction((queries) => queries.one(echo.pool, [1])),
    ping(),
  ];
}

/** Repeats one operation of every kind until all succeed at once. Resolves with the milliseconds that this took. */
async function recovery(server: DatabaseServer): Promise<number> {
  const start = fairNow();
  while (fairNow() - start < 15_000) {
    const outcomes = await Promise.all(everyOperation(server).map(outcome));
    if (outcomes.every(({ ok }) => ok)) return fairNow() - start;
    await delay(10);
  }
  throw new Error("the database did not recover");
}

describe("the database, when Postgres", function () {
  this.timeout(60_000);
  let postgres: OwnServer;
  let server: DatabaseServer;
  let database: Database;

  before(async () => {
    postgres = await ownServer();
    server = await openDatabase({ url: postgres.url, pool: 4, log });
    ({ database } = server);
    await server.knex.raw("create table counted (n bigint primary key)");
  });

  after(async () => {
    await server.close();
    await postgres.remove();
  });

  it("is frozen, fails with 503 within three seconds, then at once, and succeeds within a second of its return", async () => {
    await Promise.all(everyOperation(server));
    await postgres.freeze();
    try {
      const first = await Promise.all(Array.from({ length: 20 }, () => everyOperation(server).map(outcome)).flat());
      for (const { ms, ok } of first) {
        expect(ok).to.equal(false);
        expect(ms).to.be.below(3_000);
      }
      await delay(1_500);
      for (const { ms, ok } of await Promise.all(everyOperation(server).map(outcome))) {
        expect(ok).to.equal(false);
        expect(ms).to.be.below(500);
      }
    } finally {
      await postgres.thaw();
    }
    expect(await recovery(server)).to.be.below(1_000);
  });

  it("is frozen for a moment, succeeds late, every operation", async () => {
    await recovery(server);
    await postgres.freeze();
    const outcomes = everyOperation(server).map(outcome);
    await delay(700);
    await postgres.thaw();
    for (const { ok } of await Promise.all(outcomes)) expect(ok).to.equal(true);
  });

  it("is killed with -9 under load, fails with 503 or succeeds, and has every confirmed row afterwards", async () => {
    const insert = statement<{ n: number }>("write", "outage-insert", "insert into counted values ($1) returning n");
    const pairs = statement<{ n: number }>("pool", "outage-pair", "insert into counted values ($1), (-$1) returning n");
    const confirmed: number[] = [];
    let next = 0;
    let isOver = false;
    const writer = async (): Promise<void> => {
      while (!isOver) {
        const n = (next += 1);
        const write =
          n % 3 === 0
            ? database.transaction(async (queries) => {
                await queries.one(insert, [n]);
                await queries.one(insert, [-n]);
              })
            : database.one(n % 3 === 1 ? insert : pairs, [n]);
        const { ok, ms } = await outcome(write);
        expect(ms).to.be.below(3_000);
        if (ok) confirmed.push(n);
        else await delay(5);
      }
    };
    const writers = Array.from({ length: 8 }, writer);
    await delay(300);
    postgres.kill9();
    await delay(300);
    const recoveryMs = await recovery(server);
    await delay(200);
    isOver = true;
    await Promise.all(writers);
    expect(recoveryMs).to.be.below(10_000);
    const rows = await database.many<{ n: number }>(statement("read", "outage-all", "select n from counted"), []);
    const stored = new Set(rows.map(({ n }) => n));
    expect(confirmed.length).to.be.above(10);
    for (const n of confirmed) {
      expect(stored.has(n), `${n} was confirmed`).to.equal(true);
      if (n % 3 !== 1) expect(stored.has(-n), `${-n} was confirmed`).to.equal(true);
    }
    for (const n of stored) {
      if (n > 0 && n % 3 !== 1) expect(stored.has(-n), `${n} is not half a transaction`).to.equal(true);
    }
  });

  it("is stopped and started again, fails with 503 at once meanwhile, and succeeds within a second of its return", async () => {
    await recovery(server);
    let loads = 0;
    const received: string[] = [];
    const listener = await server.listen(
      "outage",
      (payload) => received.push(payload),
      async () => void (loads += 1),
    );
    await postgres.stop();
    await delay(500);
    for (const { ms, ok } of await Promise.all(everyOperation(server).map(outcome))) {
      expect(ok).to.equal(false);
      expect(ms).to.be.below(200);
    }
    await postgres.start();
    expect(await recovery(server)).to.be.below(1_000);
    while (loads < 2 || !listener.isCurrent) await delay(10);
    await database.one(statement("write", "outage-notify", "select pg_notify('outage', 'again')"), []);
    while (received.length === 0) await delay(10);
    expect(received).to.deep.equal(["again"]);
    await listener.close();
  });

  it("ends all sessions, has as many connections as before soon after", async () => {
    await recovery(server);
    const kill = statement(
      "write",
      "outage-terminate",
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lyceum' and pid <> pg_backend_pid()",
    );
    const sessions = statement<{ n: number }>(
      "read",
      "outage-sessions",
      "select count(*) as n from pg_stat_activity where application_name = 'lyceum'",
    );
    /** The readers and writers, and at most four of the pool. */
    const isWithin = (n: number): boolean => n >= 11 && n <= 15;
    for (let round = 0; round < 5; round += 1) {
      await database.one(kill, []).catch(() => undefined);
      expect(await recovery(server)).to.be.below(1_000);
    }
    const count = async (): Promise<number> => (await database.one(sessions, []))!.n;
    while (!isWithin(await count())) await delay(20);
    expect(isWithin(await count())).to.equal(true);
  });

  it("ends the session of a transaction, fails the transaction, which has no effect", async () => {
    await recovery(server);
    const insert = statement("pool", "outage-lost", "insert into counted values (1000001)");
    const pid = statement<{ pid: number }>("pool", "outage-pid", "select pg_backend_pid() as pid");
    const kill = statement("write", "outage-kill", "select pg_terminate_backend($1)");
    const { ok } = await outcome(
      database.transaction(async (queries) => {
        await queries.one(insert, []);
        await database.one(kill, [(await queries.one(pid, []))!.pid]);
        await delay(100);
      }),
    );
    expect(ok).to.equal(false);
    const left = statement("read", "outage-left", "select n from counted where n = 1000001");
    expect(await database.one(left, [])).to.equal(undefined);
  });
});

describe("the database, when the network", function () {
  this.timeout(60_000);
  let postgres: OwnServer;
  let server: DatabaseServer;
  let proxy: TcpProxy;

  before(async () => {
    postgres = await ownServer();
    proxy = await TcpProxy.before(postgres.url);
    server = await openDatabase({ url: proxy.url, pool: 2, log });
  });

  after(async () => {
    await server.close();
    await proxy.close();
    await postgres.remove();
  });

  it("loses every packet, fails with 503 within three seconds and succeeds within a second of its return", async () => {
    await Promise.all(everyOperation(server));
    proxy.isBlackHole = true;
    for (const { ms, ok } of await Promise.all(everyOperation(server).map(outcome))) {
      expect(ok).to.equal(false);
      expect(ms).to.be.below(3_000);
    }
    await delay(3_000);
    // The connections of before stay dead, as with a router that has restarted.
    proxy.isBlackHole = false;
    expect(await recovery(server)).to.be.below(1_000);
  });

  it("resets every connection, succeeds again within a second", async () => {
    await recovery(server);
    proxy.cut();
    expect(await recovery(server)).to.be.below(1_000);
  });
});
