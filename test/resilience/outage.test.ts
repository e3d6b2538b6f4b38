// Requests over HTTP while the database stalls, ends, refuses connections or is locked: they are answered 503 with
// Retry-After in time, and succeed soon after the outage; no request is half done.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import pg from "pg";
import { ownServer, type OwnServer } from "../support/database.js";
import { end, serve, type Server } from "../support/program.js";
import { deeds, openCrowd, watch } from "./crowd.js";
import { allMessages, call, newPerson, type Json, type Person, type Reply } from "./person.js";
import { fairNow } from "../support/fair-clock.js";

interface Outage {
  readonly what: string;
  readonly begin: () => Promise<unknown>;
  /** Ends the outage. Resolves when Postgres can answer again. */
  readonly end: () => Promise<unknown>;
  readonly lastsMs: number;
  /** Whether Postgres is unreachable for the whole outage. */
  readonly isAway: boolean;
}

describe("the server, when Postgres", function () {
  this.timeout(60_000);
  let postgres: OwnServer;
  let server: Server;
  let person: Person;
  let outside: pg.Client;

  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: postgres.url });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  };
  const open = (pool: number): Promise<Server> =>
    serve({ env: { DATABASE_URL: postgres.url, DATABASE_POOL: String(pool), SECRET_KEY: "s".repeat(32) } });

  before(async () => {
    postgres = await ownServer();
    server = await open(4);
    person = await newPerson(() => server.url);
  });
  beforeEach(async () => (outside = await connect()));
  afterEach(() => outside.end().catch(() => undefined));
  after(async () => {
    await end(server);
    await postgres.remove();
  });

  const outages: readonly Outage[] = [
    {
      what: "stands still",
      begin: () => postgres.freeze(),
      end: () => postgres.thaw(),
      lastsMs: 3_200,
      isAway: true,
    },
    {
      what: "refuses connections",
      begin: () => postgres.stop(),
      end: () => postgres.start(),
      lastsMs: 800,
      isAway: true,
    },
    {
      what: "is killed with -9",
      begin: async () => postgres.kill9(),
      end: async () => (await connectSoon(connect)).end(),
      lastsMs: 0,
      isAway: false,
    },
    {
      what: "is locked by another session",
      begin: () => outside.query("begin; lock table messages in access exclusive mode"),
      end: () => outside.query("rollback"),
      lastsMs: 2_000,
      isAway: false,
    },
  ];

  for (const outage of outages) {
    it(`${outage.what}, answers 503 within three seconds, and succeeds within a second after the outage`, async () => {
      const chatId = await person.chat("Outage");
      const crowd = openCrowd(person, chatId, 12);
      await crowd.served();
      const healths = watch(server.url, ["/health", "/livez"]);
      const ready = watch(server.url, ["/readyz"]);
      await outage.begin();
      const began = performance.now();
      const health = outage.isAway ? call(server.url, "GET", "/health/db") : undefined;
      await delay(outage.lastsMs);
      const beforeEnd = performance.now();
      await outage.end();
      const returned = fairNow();
      expect((await crowd.served()) - returned, "from its return to the first success").to.be.below(1_000);
      expect((await call(server.url, "GET", "/readyz")).status, "/readyz after its return").to.equal(200);
      await crowd.close();

      for (const reply of crowd.remembered) {
        const { what, status, headers, body, fairMs } = reply;
        expect(fairMs, what).to.be.below(3_000);
        if (status < 300) continue;
        expect({
          what,
          status,
          reason: body["reason"],
          detail: body["detail"],
          after: headers["retry-after"],
        }).to.include({
          status: 503,
          reason: "DATABASE_UNAVAILABLE",
          after: "1",
        });
      }
      const refused = crowd.remembered.filter(({ status }) => status === 503);
      expect(new Set(refused.map(({ what }) => what)).size, "kinds of requests that were refused").to.be.greaterThan(1);
      if (outage.isAway) {
        const served = crowd.remembered.filter(
          ({ at, ms, status }) => status < 300 && at - ms > began && at < beforeEnd,
        );
        expect(served, "successes while the database was unreachable").to.deep.equal([]);
        expect(await health).to.include({ status: 503 });
      }
      for (const { status, fairMs } of await healths()) {
        expect(status).to.equal(200);
        expect(fairMs).to.be.below(500);
      }
      const readiness = (await ready()).map(({ status, fairMs }) => (fairMs < 500 ? status : fairMs));
      if (outage.isAway) expect(readiness, "while it is away").to.include(503);

      await all(200, person, chatId);
      await nothingIsHalfDone(chatId);
    });
  }

  it("has no free connection, answers 503 within two seconds, and answers requests that need no connection", async () => {
    const small = await open(1);
    try {
      const other = await newPerson(() => small.url);
      const [locked, free] = [await other.chat("Locked"), await other.chat("Free")];
      await outside.query("begin");
      await outside.query("select from chats where id = $1 for update", [locked]);
      const waiting = Array.from({ length: 4 }, () => other.call("PATCH", `/v1/chats/${locked}`, { title: "New" }));
      const hot = openHot(other, free);
      const refused = await Promise.all(waiting);
      for (const { status, fairMs, headers } of refused) {
        expect({ status, after: headers["retry-after"] }).to.deep.equal({ status: 503, after: "1" });
        expect(fairMs).to.be.below(3_000);
      }
      const busy = refused.filter(({ body }) => /busy/.test(String(body["detail"])));
      expect(busy.length).to.be.greaterThan(1);
      for (const { fairMs } of busy) expect(fairMs).to.be.below(2_000);
      for (const { status, fairMs } of await hot()) {
        expect(status).to.be.below(300);
        expect(fairMs).to.be.below(500);
      }
      await outside.query("rollback");
      expect(await other.call("PATCH", `/v1/chats/${locked}`, { title: "New" })).to.include({ status: 200 });
      await all(40, other, free);
    } finally {
      await end(small);
    }
  });

  it("stalls, still shuts down in order on SIGTERM", async () => {
    const stuck = await open(4);
    const other = await newPerson(() => stuck.url);
    await postgres.freeze();
    try {
      const waiting = other.call("GET", "/v1/chats");
      await delay(100);
      const asked = fairNow();
      stuck.child.kill("SIGTERM");
      expect(await waiting).to.include({ status: 503 });
      expect(await stuck.ended).to.include({ code: 0 });
      expect(fairNow() - asked).to.be.below(10_000);
    } finally {
      await postgres.thaw();
    }
  });

  /** Sends `count` requests of all kinds, twenty at a time, and expects all of them to succeed. */
  async function all(count: number, someone: Person, chatId: number): Promise<void> {
    const names = Object.keys(deeds);
    for (let done = 0; done < count; done += 20) {
      const twenty = Array.from({ length: 20 }, (_, place) => names[(done + place) % names.length]!);
      const replies = await Promise.all(twenty.map((name) => deeds[name]!(someone, chatId)));
      for (const [place, { status, body }] of replies.entries())
        expect(status, `${twenty[place]}: ${JSON.stringify(body)}`).to.be.below(300);
    }
  }

  async function nothingIsHalfDone(chatId: number): Promise<void> {
    const messages = await allMessages(person, chatId);
    expect(messages.map(({ seq }) => seq)).to.deep.equal(messages.map((_, place) => place + 1));
    const { body } = await person.call("GET", `/v1/chats/${chatId}`);
    expect((body["chat"] as Json)["message_count"]).to.equal(messages.length);
    const batches = new Map<string, number>();
    for (const { text } of messages) {
      const batch = /^batch \d+/.exec(String(text))?.[0];
      if (batch !== undefined) batches.set(batch, (batches.get(batch) ?? 0) + 1);
    }
    expect(new Set(batches.values())).to.deep.equal(new Set([3]));
    const client = await connect();
    const { rows } = await client.query(
      `select c.id from chats c
        where not exists (select from chat_members m where m.chat_id = c.id)
           or not exists (select from chat_sequences s where s.chat_id = c.id)`,
    );
    await client.end();
    expect(rows).to.deep.equal([]);
  }
});

/** Reads and sends without a pause. The function that is returned stops it. */
function openHot(person: Person, chatId: number): () => Promise<Reply[]> {
  const replies: Reply[] = [];
  let isOpen = true;
  const done = (async () => {
    while (isOpen) {
      for (const name of ["list messages", "send a message", "list chats"])
        replies.push(await deeds[name]!(person, chatId));
      await delay(20);
    }
  })();
  return async () => {
    isOpen = false;
    await done;
    return replies;
  };
}

/** The first connection that Postgres accepts again. */
async function connectSoon(connect: () => Promise<pg.Client>): Promise<pg.Client> {
  for (;;) {
    try {
      return await connect();
    } catch {
      await delay(10);
    }
  }
}
