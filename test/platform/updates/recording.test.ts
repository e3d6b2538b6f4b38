// Updates as they are recorded: gapless within their topic, in the order of the commits, and settled in the order of ids.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import pg from "pg";
import { statement } from "../../../src/platform/database/statement.js";
import { sweepUpdates } from "../../../src/platform/updates/retention.js";
import { SettledEnd } from "../../../src/platform/updates/settled-end.js";
import { recordUpdates, type Topic } from "../../../src/platform/updates/updates.js";
import { updateInsert } from "../../../src/platform/updates/updates-store.js";
import { openSchool, type School } from "../../support/call-as.js";
import { seeded, upTo } from "../../support/numbers.js";

const insert = `with source as (select $1::text as topic), ${updateInsert("source", {
  topic: "source.topic",
  kind: "'test.done'",
  subjectId: "0",
  actorId: "null",
})} select`;
const insertUpdate = statement<object>("write", "insert-test-update", insert);

interface Row {
  readonly id: number;
  readonly topic: string;
  readonly pts: number;
  readonly subject_id: number;
}

describe("updates", function () {
  this.timeout(60_000);
  let school: School;
  let clients: pg.Client[];
  beforeEach(async () => {
    school = await openSchool();
    clients = [];
  });
  afterEach(async () => {
    for (const client of clients) await client.end();
    await school.close();
  });
  const rows = (): Promise<Row[]> => school.sql("select id, topic, pts, subject_id from updates order by topic, pts");

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: school.url });
    await client.connect();
    clients.push(client);
    return client;
  }

  it("have no gap in a topic when twenty write, some of them roll back, and ids and times follow the order of pts", async () => {
    const topics: Topic[] = ["school", "staff", "chat:1", "user:7"];
    const kept = await Promise.all(
      upTo(20).map(async (writer) => {
        const random = seeded(writer);
        let count = 0;
        for (const turn of upTo(15)) {
          const chosen = topics.filter(() => random(2) === 0);
          const fails = random(4) === 0;
          const act = school.database.transaction(async (queries) => {
            await recordUpdates(
              queries,
              undefined,
              [...chosen, ...chosen].map((topic) => ({ topic, kind: "test.done", subjectId: writer * 1000 + turn })),
            );
            if (random(3) === 0) await delay(random(3));
            if (fails) throw new Error("rolled back");
          });
          await act.catch(() => undefined);
          if (!fails) count += chosen.length * 2;
          await school.database.one(insertUpdate, [topics[random(4)]]);
          count++;
        }
        return count;
      }),
    );
    const all = await rows();
    expect(all).to.have.lengthOf(kept.reduce((sum, count) => sum + count));
    for (const topic of topics) {
      const own = all.filter((row) => row.topic === topic);
      expect(own.map(({ pts }) => pts)).to.deep.equal(upTo(own.length));
      expect(own.map(({ id }) => id)).to.deep.equal(own.map(({ id }) => id).toSorted((a, b) => a - b));
    }
    const topicsRows = await school.sql<{ topic: string; pts: number }>("select topic, pts from update_topics");
    for (const { topic, pts } of topicsRows)
      expect(pts).to.equal(all.filter((row) => row.topic === topic).length, topic);
  });

  it("of one transaction keep their order within a topic", async () => {
    await recordUpdates(school.database, 5, [
      { topic: "chat:1", kind: "test.done", subjectId: 3 },
      { topic: "user:1", kind: "test.done", subjectId: 9 },
      { topic: "chat:1", kind: "test.done", subjectId: 1 },
      { topic: "chat:1", kind: "test.done", subjectId: 2 },
    ]);
    await recordUpdates(school.database, undefined, []);
    expect((await rows()).map(({ topic, pts, subject_id }) => [topic, pts, subject_id])).to.deep.equal([
      ["chat:1", 1, 3],
      ["chat:1", 2, 1],
      ["chat:1", 3, 2],
      ["user:1", 1, 9],
    ]);
  });

  it("are settled up to the first that is not committed, and a transaction without updates delays nothing", async () => {
    const [slow, idle, other] = [await connect(), await connect(), await connect()];
    const settled = new SettledEnd();
    expect(await settled.read(school.database)).to.equal(0);
    await idle.query("begin");
    await idle.query("insert into groups (name, colour) values ('open', '#112233')");
    await slow.query("begin");
    await slow.query(insert, ["chat:1"]);
    await other.query(insert, ["chat:2"]);
    // The second is visible, and the first has the smaller id.
    expect((await rows()).map(({ topic }) => topic)).to.deep.equal(["chat:2"]);
    expect(await settled.read(school.database)).to.equal(0);
    await other.query(insert, ["chat:3"]);
    expect(await settled.read(school.database)).to.equal(0);
    await slow.query("commit");
    const [end, all] = [await settled.read(school.database), await rows()];
    expect(end).to.equal(Math.max(...all.map(({ id }) => id)));
    await idle.query("rollback");
  });

  it("settle under writers that never rest", async () => {
    const settled = new SettledEnd();
    let isOver = false;
    const writers = upTo(8).map(async (writer) => {
      while (!isOver)
        await school.database.transaction((queries) =>
          recordUpdates(queries, writer, [{ topic: `user:${writer}`, kind: "test.done", subjectId: 1 }]),
        );
    });
    const seen: number[] = [];
    let end = 0;
    while (seen.length < 1_000) {
      const next = await settled.read(school.database);
      const found = await school.sql<{ id: number }>("select id from updates where id > $1 and id <= $2 order by id", [
        end,
        next,
      ]);
      seen.push(...found.map(({ id }) => id));
      end = next;
      await delay(2);
    }
    isOver = true;
    await Promise.all(writers);
    const all = await school.sql<{ id: number }>("select id from updates where id <= $1 order by id", [end]);
    expect(seen).to.deep.equal(all.map(({ id }) => id));
  });

  it("are kept for thirty days, and until every consumer has read them", async () => {
    for (const id of upTo(5))
      await recordUpdates(school.database, id, [{ topic: "school", kind: "test.done", subjectId: id }]);
    await school.sql("update updates set created_at = now() - interval '31 days' where subject_id < 4");
    const reader = { name: "reader", kinds: [], take: () => Promise.resolve() };
    const sweep = () => sweepUpdates([reader]).run(school.database, new AbortController().signal);
    expect((await sweep()).rows).to.equal(0);
    await school.sql(
      "insert into update_consumers (name, last_id) select 'reader', id from updates where subject_id = 2",
    );
    expect((await sweep()).rows).to.equal(2);
    await school.sql("update update_consumers set last_id = 1000000");
    expect((await sweep()).rows).to.equal(1);
    expect((await rows()).map(({ pts }) => pts)).to.deep.equal([4, 5]);
    await recordUpdates(school.database, 1, [{ topic: "school", kind: "test.done", subjectId: 6 }]);
    expect((await rows()).map(({ pts }) => pts)).to.deep.equal([4, 5, 6]);
  });
});
