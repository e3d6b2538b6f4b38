// The order of the chain: that of the commits, without a gap, whoever writes and whoever chains.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import pg from "pg";
import { operatorCall, recordAudit } from "../../../src/platform/audit/audit.js";
import { chainKey } from "../../../src/platform/audit/chain.js";
import { chainCommitted, startChaining } from "../../../src/platform/audit/chaining.js";
import { verifyAudit } from "../../../src/platform/audit/verification.js";
import { log, openSchool, type School } from "../../support/call-as.js";
import { seeded, upTo } from "../../support/numbers.js";

const key = chainKey(Buffer.alloc(32, 7));
const insert = `insert into audit_events (means, action, target_id, outcome)
                values ('AUDIT_MEANS_NONE', 'a.b', $1, 'AUDIT_OUTCOME_SUCCESS')`;

describe("the chain of the audit", function () {
  this.timeout(60_000);
  let school: School;
  let other: School;
  let clients: pg.Client[];

  beforeEach(async () => {
    school = await openSchool();
    other = await openSchool(school.url);
    clients = [];
  });
  afterEach(async () => {
    for (const client of clients) await client.end();
    await other.close();
    await school.close();
  });

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: school.url });
    await client.connect();
    clients.push(client);
    return client;
  }

  /** What the events of the chain are about, in its order. Fails over a gap and over any fault. */
  async function chained(): Promise<string[]> {
    const rows = await school.sql<{ position: number; target_id: string }>(
      "select c.position, e.target_id from audit_chain c join audit_events e on e.id = c.event_id order by c.position",
    );
    expect(rows.map(({ position }) => position)).to.deep.equal(upTo(rows.length));
    const found = await verifyAudit(school.database, { keys: [key] }).next();
    expect(found).to.include({ done: true });
    return rows.map(({ target_id }) => target_id);
  }

  const queued = async (): Promise<number> =>
    (await school.sql<{ count: number }>("select count(*) as count from audit_queue"))[0]!.count;

  it("is in the order of the commits, whatever the order of the inserts", async () => {
    const [a, b, c] = [await connect(), await connect(), await connect()];
    for (const client of [a, b, c]) await client.query("begin");
    for (const [client, name] of [
      [a, "first inserted"],
      [b, "second inserted"],
      [c, "third inserted"],
    ] as const)
      await client.query(insert, [name]);
    await c.query("commit");
    await b.query("rollback");
    await a.query("commit");
    expect(await chainCommitted(school.database, key)).to.equal(2);
    expect(await chained()).to.deep.equal(["third inserted", "first inserted"]);
  });

  it("does not wait for a transaction that stays open, and takes its event after its commit", async () => {
    const [open, writer] = [await connect(), await connect()];
    await open.query("begin");
    await open.query(insert, ["long"]);
    // Would a writer or the chain wait for it, these would end with an error.
    await writer.query("set lock_timeout = 1");
    await writer.query(insert, ["short"]);
    expect(await chainCommitted(school.database, key)).to.equal(1);
    expect(await chained()).to.deep.equal(["short"]);
    await open.query("commit");
    expect(await chainCommitted(school.database, key)).to.equal(1);
    expect(await chained()).to.deep.equal(["short", "long"]);
  });

  it("lets writers write while it is being made", async () => {
    const [chaining, writer] = [await connect(), await connect()];
    await writer.query(insert, ["before"]);
    await chaining.query("begin");
    await chaining.query("select pg_try_advisory_xact_lock(hashtextextended('audit_chain', 0))");
    await chaining.query("delete from audit_queue");
    await writer.query("set lock_timeout = 1");
    await writer.query(insert, ["meanwhile"]);
    // Nor does another process wait for it.
    expect(await chainCommitted(other.database, key)).to.equal(0);
    await chaining.query("rollback");
    expect(await chainCommitted(other.database, key)).to.equal(2);
    expect(await chained()).to.deep.equal(["before", "meanwhile"]);
  });

  it("has each event once when twenty write, some of them roll back, and four chain in two processes", async () => {
    const chaining = [school, other, school, other].map(({ database }) =>
      startChaining({ database, key, log, everyMs: 1 }),
    );
    const stays = await connect();
    await stays.query("begin");
    await stays.query(insert, ["open"]);
    const written: string[][] = await Promise.all(
      upTo(20).map(async (writer) => {
        const random = seeded(writer);
        const { database } = writer % 2 ? school : other;
        const kept: string[] = [];
        for (const turn of upTo(25)) {
          const id = `${writer}-${turn}`;
          const fails = random(3) === 0;
          const act = database.transaction(async (queries) => {
            await recordAudit(queries, operatorCall, { action: "a.b", target: ["x", id] });
            if (random(2) === 0) await delay(random(3));
            if (fails) throw new Error("rolled back");
          });
          await act.then(
            () => kept.push(id),
            (error: Error) => expect(error.message).to.equal("rolled back"),
          );
        }
        return kept;
      }),
    );
    await stays.query("commit");
    while ((await queued()) > 0) await delay(5);
    await Promise.all(chaining.map((each) => each.close()));
    const order = await chained();
    expect(order.toSorted()).to.deep.equal([...written.flat(), "open"].toSorted());
    expect(order.at(-1)).to.equal("open");
    // Of one writer each act was committed before the next began.
    for (const kept of written) expect(order.filter((id) => kept.includes(id))).to.deep.equal(kept);
  });
});
