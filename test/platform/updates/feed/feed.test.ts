// The feeds of two processes on one database: every update of a topic, in order, once, whatever is lost between them.
import { expect } from "chai";
import { openSignals } from "../../../../src/platform/signals/open-signals.js";
import type { Signals } from "../../../../src/platform/signals/signals.js";
import { type Feed, openFeed } from "../../../../src/platform/updates/feed/feed.js";
import { recordUpdates } from "../../../../src/platform/updates/updates.js";
import { log, openSchool, type School } from "../../../support/call-as.js";
import { upTo } from "../../../support/numbers.js";
import { until } from "../../database/opened-database.js";
import { Follower } from "./follower.js";

const key = Buffer.alloc(32, 1);

describe("the feed of updates", function () {
  this.timeout(60_000);
  let school: School;
  let other: School;
  let closing: (() => Promise<void>)[];
  let topics = 0;
  before(async () => {
    school = await openSchool();
    other = await openSchool(school.url);
  });
  after(async () => {
    await other.close();
    await school.close();
  });
  beforeEach(() => (closing = []));
  afterEach(async () => {
    for (const close of closing.reverse()) await close();
  });

  const signalsOf = async ({ server }: School): Promise<Signals> => {
    const signals = await openSignals(undefined, { server, log, key });
    closing.push(signals.close);
    return signals;
  };
  const feedOf = async (process_: School, signals: Signals, options = {}): Promise<Feed> => {
    const feed = await openFeed({ server: process_.server, log, signals, ...options });
    closing.push(feed.close);
    return feed;
  };
  const freshTopic = () => `user:${(topics += 1)}` as const;
  const write = (process_: School, topic: `user:${number}`, subjectId = 1) =>
    recordUpdates(process_.database, undefined, [{ topic, kind: "test.done", subjectId }]);
  const follow = (feed: Feed, topic: string) => new Follower(school.database, topic, feed.join);

  it("delivers what this process and another one write, in order, long before the next poll", async () => {
    const [here, there] = [
      await feedOf(school, await signalsOf(school), { pollMs: 600_000 }),
      await feedOf(other, await signalsOf(other), { pollMs: 600_000 }),
    ];
    const topic = freshTopic();
    const followers = [follow(here, topic), follow(there, topic)];
    await Promise.all(followers.map(({ read }) => read));
    for (const n of upTo(20)) await write(n % 2 === 0 ? school : other, topic);
    await until(() => followers.every(({ got }) => got.length === 20));
    for (const { got, faults, resets } of followers) {
      expect(got).to.deep.equal(upTo(20));
      expect(faults).to.deep.equal([]);
      expect(resets).to.equal(0);
    }
  });
});
