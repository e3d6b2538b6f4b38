// What callers see of a Postgres that stalls, dies, restarts or cannot be reached: a 503 in time, and soon no longer.
import { once } from "node:events";
import { createServer, type Server, type Socket, connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { pino } from "pino";
import { ApiError } from "../../../src/errors.js";
import { type Database, type DatabaseServer, openDatabase } from "../../../src/platform/database/database.js";
import { type ConnectionGroup, statement } from "../../../src/platform/database/statement.js";
import { type OwnServer, ownServer } from "../../support/database.js";

const log = pino({ level: "silent" });
const lanes: readonly ConnectionGroup[] = ["read", "write", "pool"];
const asking = Object.fromEntries(
  lanes.map((lane) => [lane, statement<{ n: number }>(lane, `outage-${lane}`, "select $1::int8 as n")]),
) as Record<ConnectionGroup, ReturnType<typeof statement<{ n: number }>>>;

/** How long an operation took, and whether it succeeded; anything but success and 503 is thrown. */
async function outcome(work: Promise<unknown>): Promise<{ ms: number; ok: boolean }> {
  const start = performance.now();
  const ok = await work.then(
    () => true,
    (error: unknown) => {
      if (error instanceof ApiError && error.reason === "DATABASE_UNAVAILABLE") return false;
      throw error;
    },
  );
  return { ms: performance.now() - start, ok };
}

/** Every way in, once. */
function everyWay({ database, ping }: DatabaseServer): Promise<unknown>[] {
  return [
    ...lanes.map((lane) => database.one(asking[lane], [1])),
    database.transaction((queries) => queries.one(asking.pool, [1])),
    ping(),
  ];
}

/** Asks every way until all succeed at once; answers how many milliseconds that took. */
async function recovery(server: DatabaseServer): Promise<number> {
  const start = performance.now();
  while (performance.now() - start < 15_000) {
    const outcomes = await Promise.all(everyWay(server).map(outcome));
    if (outcomes.every(({ ok }) => ok)) return performance.now() - start;
    await delay(10);
  }
  throw new Error("it never came back");
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

  it("is frozen, answers 503 within three seconds, then at once, and succeeds within a second of its return", async () => {
    await Promise.all(everyWay(server));
    await postgres.freeze();
    try {
      const first = await Promise.all(Array.from({ length: 20 }, () => everyWay(server).map(outcome)).flat());
      for (const { ms, ok } of first) {
        expect(ok).to.equal(false);
        expect(ms).to.be.below(3_000);
      }
      await delay(1_500);
      for (const { ms, ok } of await Promise.all(everyWay(server).map(outcome))) {
        expect(ok).to.equal(false);
        expect(ms).to.be.below(500);
      }
    } finally {
      await postgres.thaw();
    }
    expect(await recovery(server)).to.be.below(1_000);
  });

  it("is frozen for a moment, answers late and loses nothing", async () => {
    await recovery(server);
    await postgres.freeze();
    const asked = everyWay(server).map(outcome);
    await delay(700);
    await postgres.thaw();
    for (const { ok } of await Promise.all(asked)) expect(ok).to.equal(true);
  });

  it("is killed with -9 under load, answers 503 or what was asked for, and what was confirmed is there when it is back", async () => {
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
    const back = await recovery(server);
    await delay(200);
    isOver = true;
    await Promise.all(writers);
    expect(back).to.be.below(10_000);
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

  it("is stopped and started again: 503 at once while it is away, success within a second of its return", async () => {
    await recovery(server);
    let isAgain = false;
    const heard: string[] = [];
    const listener = await server.listen(
      "outage",
      (payload) => heard.push(payload),
      () => (isAgain = true),
    );
    await postgres.stop();
    await delay(500);
    for (const { ms, ok } of await Promise.all(everyWay(server).map(outcome))) {
      expect(ok).to.equal(false);
      expect(ms).to.be.below(200);
    }
    await postgres.start();
    expect(await recovery(server)).to.be.below(1_000);
    while (!isAgain) await delay(10);
    await database.one(statement("write", "outage-notify", "select pg_notify('outage', 'again')"), []);
    while (heard.length === 0) await delay(10);
    expect(heard).to.deep.equal(["again"]);
    await listener.close();
  });

  it("ends our sessions, has them all again, and no more than before", async () => {
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
    for (let round = 0; round < 5; round += 1) {
      await database.one(kill, []).catch(() => undefined);
      expect(await recovery(server)).to.be.below(1_000);
    }
    await delay(1_500);
    const row = await database.one(sessions, []);
    expect(row!.n).to.be.within(11, 15);
  });

  it("ends the session of a transaction, the transaction is an error and nothing of it is there", async () => {
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
  let proxy: Proxy;

  before(async () => {
    postgres = await ownServer();
    proxy = await Proxy.before(postgres.url);
    server = await openDatabase({ url: proxy.url, pool: 2, log });
  });

  after(async () => {
    await server.close();
    await proxy.close();
    await postgres.remove();
  });

  it("swallows everything, answers 503 within three seconds and succeeds within a second of its return", async () => {
    await Promise.all(everyWay(server));
    proxy.isBlackHole = true;
    for (const { ms, ok } of await Promise.all(everyWay(server).map(outcome))) {
      expect(ok).to.equal(false);
      expect(ms).to.be.below(3_000);
    }
    await delay(3_000);
    // As with a router that has forgotten: what was connected before stays dead.
    proxy.isBlackHole = false;
    expect(await recovery(server)).to.be.below(1_000);
  });

  it("cuts every connection, all succeed again within a second", async () => {
    await recovery(server);
    proxy.cut();
    expect(await recovery(server)).to.be.below(1_000);
  });
});

describe("the database does not open", function () {
  this.timeout(60_000);
  let postgres: OwnServer;

  before(async () => (postgres = await ownServer()));
  after(() => postgres.remove());

  const sentence = async (url: string, waitMs = 0): Promise<string> =>
    openDatabase({ url, pool: 1, log, waitMs }).then(
      async (opened) => {
        await opened.close();
        return "it opened";
      },
      (error: Error) => `${error.name}: ${error.message}`,
    );

  it("when nobody answers, the database is unknown, or the address cannot be read: one sentence says what to do", async () => {
    const unknown = new URL(postgres.url);
    unknown.pathname = "/nowhere";
    expect(await sentence("postgres://me:secret@localhost:1/db")).to.equal(
      "OperatorError: No Postgres answers at localhost:1: start it, or correct DATABASE_URL.",
    );
    expect(await sentence(unknown.href)).to.match(
      /^OperatorError: Postgres at .+ has no database "nowhere": create it/,
    );
    expect(await sentence("postgres://me:secret@[/")).to.match(/^OperatorError: DATABASE_URL cannot be read/);
  });

  const refusal = (state: string): string => {
    const fields = `SFATAL\0C${state}\0Mno\0\0`;
    return `E\0\0\0${String.fromCharCode(fields.length + 4)}${fields}`;
  };
  for (const [name, greeting, said] of [
    ["a web server", "HTTP/1.1 400 Bad Request\r\n\r\n", "The server at PLACE is not Postgres: correct DATABASE_URL."],
    ["MySQL", "\x4a\0\0\0\x0a8.0.36\0", "The server at PLACE is not Postgres: correct DATABASE_URL."],
    [
      "a Postgres that knows another password",
      refusal("28P01"),
      'Postgres at PLACE refuses the password of user "me": correct DATABASE_URL.',
    ],
    [
      "a Postgres with no room",
      refusal("53300"),
      "Postgres at PLACE has no connection left: raise its max_connections, or lower DATABASE_POOL, DATABASE_READERS or DATABASE_WRITERS.",
    ],
    [
      "a Postgres with another reason",
      refusal("0A000"),
      "Postgres at PLACE refuses the connection (0A000): see the server's log.",
    ],
  ] as const) {
    it(`when what answers is ${name}`, async () => {
      const other = createServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => socket.end(greeting, "latin1"));
      });
      other.listen(0, "127.0.0.1");
      await once(other, "listening");
      const place = `127.0.0.1:${(other.address() as { port: number }).port}`;
      const answer = await sentence(`postgres://me:secret@${place}/db`, 5_000);
      expect(answer).to.equal(`OperatorError: ${said.replace("PLACE", place)}`);
      other.close();
    });
  }

  it("when there is room for some of its connections only, and leaves none of them behind", async () => {
    const admin = await openDatabase({ url: postgres.url, pool: 1, log });
    await admin.knex.raw("create role narrow login connection limit 8");
    const url = new URL(postgres.url);
    url.username = "narrow";
    expect(await sentence(url.href)).to.match(/^OperatorError: Postgres at .+ has no connection left/);
    await delay(200);
    const left = statement<{ n: number }>(
      "read",
      "outage-narrow",
      "select count(*) as n from pg_stat_activity where usename = 'narrow'",
    );
    expect(await admin.database.one(left, [])).to.deep.equal({ n: 0 });
    await admin.close();
  });

  it("at once, but when told to wait it opens as soon as the server is there", async () => {
    await postgres.stop();
    const opening = sentence(postgres.url, 10_000);
    await delay(500);
    await postgres.start();
    expect(await opening).to.equal("it opened");
  });
});

/** A TCP port before a Postgres that listens on a Unix socket: something to cut. */
class Proxy {
  isBlackHole = false;
  readonly #sockets = new Set<Socket>();

  private constructor(
    readonly server: Server,
    readonly url: string,
  ) {}

  static async before(target: string): Promise<Proxy> {
    const socketFolder = new URL(target).searchParams.get("host")!;
    const port = new URL(target).port || "5432";
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = new URL(target);
    url.searchParams.delete("host");
    url.hostname = "127.0.0.1";
    url.port = String((server.address() as { port: number }).port);
    const proxy = new Proxy(server, url.href);
    server.on("connection", (near) => proxy.#join(near, connect(`${socketFolder}/.s.PGSQL.${port}`)));
    return proxy;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, "close");
  }

  #join(near: Socket, far: Socket): void {
    let isDead = this.isBlackHole;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on("error", () => undefined);
      from.on("data", (bytes) => {
        isDead ||= this.isBlackHole;
        if (!isDead) to.write(bytes);
      });
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
