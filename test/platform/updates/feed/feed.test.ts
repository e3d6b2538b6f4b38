// The feeds of two processes on one database: every update of a topic, in order, once, whatever is lost between them; and at no cost
// where nothing happens.
import { expect } from "chai";
import { pino } from "pino";
import { type DatabaseServer, openDatabase } from "../../../../src/platform/database/database.js";
import { statement } from "../../../../src/platform/database/statement.js";
import type { Signals } from "../../../../src/platform/signals/signals.js";
import { openSignals } from "../../../../src/platform/signals/open-signals.js";
import { type Feed, type FeedOptions, openFeed } from "../../../../src/platform/updates/feed/feed.js";
import { recordUpdates } from "../../../../src/platform/updates/updates.js";
import { ownServer, testDatabase, type TestDatabase } from "../../../support/database.js";
import { seeded, upTo } from "../../../support/numbers.js";
import { until } from "../../database/opened-database.js";
import { type RunningKind, signalKinds } from "../../signals/signal-kinds.js";
import { Follower } from "./follower.js";

const log = pino({ level: "silent" });
const key = Buffer.alloc(32, 1);
const never = 600_000;
type Topic = `user:${number}`;

/** A process, and the names of the statements that it has run. */
interface Process {
  readonly server: DatabaseServer;
  readonly ran: string[];
}

async function openProcess(url: string): Promise<Process> {
  const ran: string[] = [];
  const server = await openDatabase({ url, pool: 4, readers: 2, writers: 2, log, observe: (name) => ran.push(name) });
  return { server, ran };
}

const write = ({ server }: Process, topic: Topic): Promise<void> =>
  recordUpdates(server.database, undefined, [{ topic, kind: "test.done", subjectId: 1 }]);

/** The same signals, of which not all are sent. */
const losing = (signals: Signals, isSent: () => boolean): Signals => ({
  ...signals,
  publish: (channel, text) => void (isSent() && signals.publish(channel, text)),
});

describe("the feed of updates", function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let here: Process;
  let there: Process;
  let closing: (() => Promise<void>)[];
  let topics = 0;
  before(async () => {
    database = await testDatabase();
    [here, there] = await Promise.all([openProcess(database.url), openProcess(database.url)]);
  });
  after(async () => {
    await here.server.close();
    await there.server.close();
    await database.drop();
  });
  beforeEach(() => (closing = []));
  afterEach(async () => {
    for (const close of closing.reverse()) await close();
  });

  const signalsOf = async ({ server }: Process, running?: RunningKind): Promise<Signals> => {
    const signals = await openSignals(running?.given, { server, log, key });
    closing.push(signals.close);
    return signals;
  };
  const feedOf = async ({ server }: Process, signals: Signals, options: Partial<FeedOptions> = {}): Promise<Feed> => {
    const feed = await openFeed({ server, log, signals, ...options });
    closing.push(feed.close);
    return feed;
  };
  const freshTopic = (): Topic => `user:${(topics += 1)}`;
  const follow = (feed: Feed, topic: string): Follower => {
    const follower = new Follower(here.server.database, topic, feed.join);
    closing.push(async () => follower.close());
    return follower;
  };
  const expectAll = async (follower: Follower, count: number): Promise<void> => {
    await until(() => follower.got.length >= count);
    expect(follower.got).to.deep.equal(upTo(count));
    expect(follower.faults).to.deep.equal([]);
    expect(follower.resets).to.equal(0);
  };

  /** Twenty writers in two processes, some of whose acts are undone, and followers in both who come at any time. */
  async function playWriters(feeds: readonly [Feed, Feed]): Promise<void> {
    const names = upTo(3).map(freshTopic);
    const written = new Map(names.map((name) => [name, 0]));
    const random = seeded(7);
    const followers: [Follower, Topic][] = [];
    await Promise.all(
      upTo(20).map(async (writer) => {
        const { database } = (writer % 2 === 0 ? here : there).server;
        for (const _ of upTo(6)) {
          const topic = names[random(names.length)]!;
          if (random(5) === 0) followers.push([follow(feeds[random(2)]!, topic), topic]);
          const isUndone = random(4) === 0;
          const act = database.transaction(async (queries) => {
            const updates = upTo(1 + random(3)).map((subjectId) => ({ topic, kind: "test.done" as const, subjectId }));
            await recordUpdates(queries, undefined, updates);
            if (isUndone) {
              await queries.last!.run(queries);
              throw new Error("undone");
            }
            return updates.length;
          });
          const count = await act.catch(() => 0);
          expect(count > 0).to.equal(!isUndone);
          written.set(topic, written.get(topic)! + count);
        }
      }),
    );
    for (const topic of names) followers.push([follow(feeds[0], topic), topic], [follow(feeds[1], topic), topic]);
    expect(followers.length).to.be.greaterThan(15);
    for (const [follower, topic] of followers) await expectAll(follower, written.get(topic)!);
  }

  for (const { name, open } of signalKinds) {
    describe(`with signals over ${name}`, () => {
      let running: RunningKind;
      before(async () => (running = await open()));
      after(() => running.server?.stop());

      it("delivers what this process and another one write, in order, long before the next poll", async () => {
        const signals = [await signalsOf(here, running), await signalsOf(there, running)] as const;
        const feeds = [
          await feedOf(here, signals[0], { pollMs: never }),
          await feedOf(there, signals[1], { pollMs: never }),
        ] as const;
        // What is published before the others listen is lost, and only a poll would bring it.
        let hello = 0;
        signals[1].listen("hello", () => (hello += 1));
        const back = signals[0].listen("hello", () => (hello += 1));
        await until(() => {
          for (const each of signals) each.publish("hello", "");
          return hello > 1;
        });
        back.close();
        const topic = freshTopic();
        const followers = feeds.map((feed) => follow(feed, topic));
        await Promise.all(followers.map(({ read }) => read));
        for (const n of upTo(20)) await write(n % 2 === 0 ? here : there, topic);
        for (const follower of followers) await expectAll(follower, 20);
      });

      for (const [lost, isSent] of [
        ["none is", () => true],
        ["every second one is", (n: number) => n % 2 === 0],
        ["all are", () => false],
      ] as const)
        it(`delivers all that twenty write at once, when of the signals ${lost} lost`, async () => {
          const feeds: Feed[] = [];
          for (const each of [here, there]) {
            let sent = 0;
            const signals = losing(await signalsOf(each, running), () => isSent((sent += 1)));
            feeds.push(await feedOf(each, signals, { pollMs: 100 }));
          }
          await playWriters(feeds as [Feed, Feed]);
        });
    });
  }

  it("delivers what has an early id and is committed late, behind later ones", async () => {
    const feed = await feedOf(here, await signalsOf(here), { pollMs: 50 });
    const [early, late] = [freshTopic(), freshTopic()];
    const followers = [follow(feed, early), follow(feed, late)] as const;
    await there.server.database.transaction(async (queries) => {
      await recordUpdates(queries, undefined, [{ topic: early, kind: "test.done", subjectId: 1 }]);
      await queries.last!.run(queries);
      for (const _ of upTo(10)) await write(here, late);
      await expectAll(followers[1], 10);
      expect(followers[0].got).to.deep.equal([]);
    });
    await expectAll(followers[0], 1);
  });

  it("opened while somebody writes delivers what is committed after that", async () => {
    const topic = freshTopic();
    let follower: Follower | undefined;
    await there.server.database.transaction(async (queries) => {
      await recordUpdates(queries, undefined, [{ topic, kind: "test.done", subjectId: 1 }]);
      await queries.last!.run(queries);
      const feed = await feedOf(here, await signalsOf(here), { pollMs: 50 });
      follower = follow(feed, topic);
      await follower.read;
      expect(follower.got).to.deep.equal([]);
    });
    await expectAll(follower!, 1);
  });

  it("goes on where it was when Postgres was killed and is there again", async () => {
    const postgres = await ownServer();
    closing.push(postgres.remove);
    const own = await openProcess(postgres.url);
    closing.push(own.server.close);
    const feed = await openFeed({ server: own.server, log, signals: await signalsOf(own), pollMs: 100 });
    closing.push(feed.close);
    const topic = freshTopic();
    const follower = new Follower(own.server.database, topic, feed.join);
    for (const _ of upTo(5)) await write(own, topic);
    await until(() => follower.got.length === 5);
    postgres.kill9();
    let after = 0;
    await until(async () => {
      await write(own, topic).then(
        () => (after += 1),
        () => undefined,
      );
      return after === 2;
    });
    // A write whose answer was lost may be there as well.
    const [last] = await own.server.database.many(
      statement<{ pts: number }>("read", "test-find-pts", "select pts from update_topics where topic = $1"),
      [topic],
    );
    expect(last!.pts).to.be.at.least(7);
    await expectAll(follower, last!.pts);
  });

  it("asks one thing of the database in each poll while nothing happens, however many topics are joined", async () => {
    const feed = await feedOf(here, await signalsOf(here), { pollMs: 20 });
    const subscriptions = upTo(10_000).map((n) => feed.join(`chat:${n}`, () => {}));
    await until(() => here.ran.at(-1) === "read-update-mark");
    here.ran.length = 0;
    await until(() => here.ran.length >= 5);
    expect(new Set(here.ran)).to.deep.equal(new Set(["read-update-mark"]));
    for (const each of subscriptions) each.close();
  });

  it("reads nothing for a signal of topics that nobody here has joined", async () => {
    const [signals, feed] = [await signalsOf(there), await feedOf(here, await signalsOf(here), { pollMs: never })];
    const topic = freshTopic();
    let heard = 0;
    feed.join(topic, () => (heard += 1));
    here.ran.length = 0;
    signals.publish("updates", "chat:1 5,chat:2 6");
    signals.publish("updates", "no pairs,,chat:3 -1");
    await write(there, topic);
    signals.publish("updates", `${topic} 1`);
    await until(() => heard > 0);
    expect(here.ran.filter((name) => name === "list-unseen-updates")).to.have.length(1);
  });

  it("knows the newest pts of joined topics by itself, once it has asked or delivered", async () => {
    const feed = await feedOf(here, await signalsOf(here));
    const [quiet, busy, unknown] = [freshTopic(), freshTopic(), freshTopic()];
    await write(here, quiet);
    const follower = follow(feed, busy);
    feed.join(quiet, () => {});
    await follower.read;
    await write(here, busy);
    await write(here, busy);
    await until(() => follower.got.length === 2);
    const expected = new Map([
      [quiet, 1],
      [busy, 2],
    ]);
    expect(await feed.newestPts([quiet, busy, unknown])).to.deep.equal(new Map([...expected, [unknown, 0]]));
    here.ran.length = 0;
    expect(await feed.newestPts([quiet, busy])).to.deep.equal(expected);
    expect(here.ran).not.to.include("list-newest-pts");
  });

  it("has its listeners read anew when more was written meanwhile than it reads, and goes on from there", async () => {
    const feed = await feedOf(here, await signalsOf(here), { pollMs: never, farBehind: 50, markMs: 0 });
    const follower = follow(feed, freshTopic());
    const topic = freshTopic();
    const busy = follow(feed, topic);
    await Promise.all([follower.read, busy.read]);
    await there.server.database.many(
      statement(
        "pool",
        "test-write-many",
        "insert into updates (topic, pts, kind, subject_id) select $1, n, 'a.b', 1 from generate_series(1, 60) n",
      ),
      [topic],
    );
    await there.server.database.one(statement("pool", "test-last-pts", "insert into update_topics values ($1, 60)"), [
      topic,
    ]);
    await write(here, topic);
    await until(() => busy.got.length === 61);
    expect([follower.resets, busy.resets]).to.deep.equal([1, 1]);
    await write(here, topic);
    await until(() => busy.got.length === 62);
    expect(busy.got).to.deep.equal(upTo(62));
    expect(busy.faults).to.deep.equal([]);
  });

  it("has its listeners read anew after a long absence, in which rows may have been deleted", async () => {
    // So short that each poll comes after one.
    const feed = await feedOf(here, await signalsOf(here), { pollMs: 20, longAbsenceMs: -1 });
    const topic = freshTopic();
    const follower = follow(feed, topic);
    await until(async () => {
      await write(here, topic);
      return follower.resets > 2 && follower.got.length > 5;
    });
    expect(follower.got).to.deep.equal(upTo(follower.got.length));
    expect(follower.faults).to.deep.equal([]);
  });

  it("has the listeners of a topic read anew when some of its updates were deleted before it saw them", async () => {
    const feed = await feedOf(here, await signalsOf(here), { pollMs: never });
    const topic = freshTopic();
    const follower = follow(feed, topic);
    await follower.read;
    await write(here, topic);
    await until(() => follower.got.length === 1);
    await there.server.database.transaction(async (queries) => {
      await recordUpdates(
        queries,
        undefined,
        [1, 2, 3].map((subjectId) => ({ topic, kind: "a.b" as const, subjectId })),
      );
      await queries.last!.run(queries);
      await queries.one(statement("pool", "test-delete", "delete from updates where topic = $1 and pts = 2"), [topic]);
    });
    await write(here, topic);
    await until(() => follower.got.length === 4);
    expect(follower.got).to.deep.equal([1, 3, 4, 5]);
    expect(follower.resets).to.equal(1);
  });

  it("calls every listener although one fails, and none after its end", async () => {
    const feed = await feedOf(here, await signalsOf(here));
    const topic = freshTopic();
    const calls: string[] = [];
    feed.join(topic, () => {
      throw new Error("on purpose");
    });
    const ended = feed.join(topic, () => calls.push("ended"));
    feed.join(topic, (_, updates) => calls.push(`second ${updates?.map(({ pts }) => pts).join()}`));
    ended.close();
    ended.close();
    await write(here, topic);
    await until(() => calls.length > 0);
    await feed.close();
    await write(here, topic);
    expect(calls).to.deep.equal(["second 1"]);
  });
});
