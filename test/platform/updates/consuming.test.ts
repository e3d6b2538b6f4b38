// Those who read updates: each update at least once and in order, whichever process ends, and one that fails stops no other.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import type { Consumer, StoredUpdate } from "../../../src/platform/updates/consumer.js";
import { startConsuming } from "../../../src/platform/updates/consuming.js";
import { statement } from "../../../src/platform/database/statement.js";
import { takeDue } from "../../../src/platform/updates/take-updates.js";
import { recordUpdates } from "../../../src/platform/updates/updates.js";
import { log, openSchool, type School } from "../../support/call-as.js";
import { upTo } from "../../support/numbers.js";
import { TcpProxy } from "../tcp-proxy.js";

/** Longer than a statement of the pool may take. */
const sleep = statement<object>("pool", "sleep-too-long", "select pg_sleep(10)");

describe("consumers of updates", function () {
  this.timeout(60_000);
  let school: School;
  let other: School;
  let taken: number[];
  beforeEach(async () => {
    school = await openSchool();
    other = await openSchool(school.url);
    taken = [];
  });
  afterEach(async () => {
    await other.close();
    await school.close();
  });

  const write = async (...subjects: number[]): Promise<void> => {
    for (const subjectId of subjects)
      await recordUpdates(school.database, undefined, [
        { topic: `user:${subjectId % 3}`, kind: "test.done", subjectId },
      ]);
  };
  const taking = (take: (updates: readonly StoredUpdate[]) => void | Promise<void> = () => {}): Consumer => ({
    name: "test",
    kinds: ["test.done"],
    async take(_, updates) {
      await take(updates);
      taken.push(...updates.map(({ subject_id }) => subject_id));
    },
  });
  const start = (consumer: Consumer, process_: School = school) =>
    startConsuming({ database: process_.database, log, consumers: [consumer], everyMs: 5 });

  async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
    for (let left = 1_000; !(await holds()); left--) {
      if (left === 0) throw new Error(`it has not come: ${what}`);
      await delay(20);
    }
  }

  it("take what was written before and after their start, in order, and pass over other kinds", async () => {
    await write(1, 2);
    await recordUpdates(school.database, 1, [{ topic: "school", kind: "other.done", subjectId: 99 }]);
    const consuming = start(taking());
    await until(() => taken.length === 2, "the first two");
    await write(...upTo(250).map((id) => id + 2));
    await until(() => taken.length === 252, "all");
    expect(taken).to.deep.equal(upTo(252));
    await consuming.close();
    const [{ last_id, leased_by }] = (await school.sql("select last_id, leased_by from update_consumers")) as [
      { last_id: number; leased_by?: string },
    ];
    expect(leased_by).to.equal(undefined);
    expect(last_id).to.equal((await school.sql<{ id: number }>("select max(id) as id from updates"))[0]!.id);
  });

  it("work in one process at a time; another goes on at once after a close, and takes nothing again", async () => {
    await write(...upTo(20));
    const first = start(taking());
    await until(() => taken.length === 20, "the first twenty");
    const second = start(taking(), other);
    await write(21, 22);
    await until(() => taken.length === 22, "two more");
    await first.close();
    await write(23);
    await until(() => taken.length === 23, "one by the second process");
    expect(taken).to.deep.equal(upTo(23));
    await second.close();
  });

  it("whose process is gone in the middle of a batch are succeeded within ten seconds, and the batch comes again", async () => {
    await write(1, 2, 3);
    const killed = await openSchool(school.url);
    let isWorking = false;
    start(
      taking(() => {
        isWorking = true;
        return new Promise<never>(() => {});
      }),
      killed,
    );
    await until(() => isWorking, "the first process has begun");
    // Its connections end, and so neither its work nor its lease goes on.
    await killed.close();
    const began = Date.now();
    const second = start(taking(), other);
    await until(() => taken.length === 3, "the batch");
    expect(Date.now() - began).to.be.below(10_000);
    expect(taken).to.deep.equal([1, 2, 3]);
    await second.close();
  });

  it("are not stopped by an update that fails: it is tried again at growing intervals, then set aside until somebody has it retried", async () => {
    await write(1, 2, 3, 4);
    let isMended = false;
    const consumer = taking((updates) => {
      if (!isMended && updates.some(({ subject_id }) => subject_id === 2)) throw new TypeError("text of a person");
    });
    const consuming = start(consumer);
    await until(() => taken.length === 3, "the others");
    expect(taken).to.deep.equal([1, 3, 4]);
    await consuming.close();
    const failed = () =>
      school.sql<{ id: number; attempts: number; error: string; wait?: number }>(
        "select id, attempts, error, round(extract(epoch from next_attempt_at - failed_at))::int as wait from failed_updates",
      );
    for (const attempt of upTo(9)) {
      const [row] = await failed();
      expect(row).to.include({ attempts: attempt, error: "TypeError", wait: 2 ** (attempt - 1) });
      await takeDue(school.database, log, consumer);
      expect((await failed())[0]).to.include({ attempts: attempt }, "it was not due yet");
      await school.sql("update failed_updates set next_attempt_at = now() - interval '1 second'");
      await takeDue(school.database, log, consumer);
    }
    const [row] = await failed();
    expect(row).to.include({ attempts: 10 });
    expect(row!.wait).to.equal(undefined);
    const { "lyceum.v1.UpdateService": staff } = school.services;
    const admin = school.as(1, { role: "ROLE_SUPER_ADMIN" });
    const listed = await staff.listFailedUpdates({ is_set_aside: true }, admin);
    expect(listed).to.have.property("count", 1);
    expect(listed.failed_updates[0]).to.include({
      consumer: "test",
      topic: "user:2",
      kind: "test.done",
      subject_id: 2,
    });
    isMended = true;
    await takeDue(school.database, log, consumer);
    expect(await failed()).to.have.lengthOf(1);
    expect(await staff.retryFailedUpdates({ ids: [row!.id] }, admin)).to.deep.equal({ count: 1 });
    const acts = await school.sql("select action, target_id from audit_events where target_type = 'failed_update'");
    expect(acts).to.deep.equal([{ action: "failed_update.retry", target_id: String(row!.id) }]);
    await takeDue(school.database, log, consumer);
    expect(await failed()).to.deep.equal([]);
    expect(taken).to.deep.equal([1, 3, 4, 2]);
  });

  it("wait while the database is away, and count no failure", async () => {
    const proxy = await TcpProxy.before(school.url);
    const far = await openSchool(proxy.url);
    await write(1, 2);
    proxy.isBlackHole = true;
    const consuming = start(taking(), far);
    // Longer than a statement may take: some have failed.
    await delay(4_000);
    expect(taken).to.deep.equal([]);
    proxy.isBlackHole = false;
    await until(() => taken.length === 2, "both");
    expect(taken).to.deep.equal([1, 2]);
    expect(await school.sql("select from failed_updates")).to.deep.equal([]);
    await consuming.close();
    await far.close();
    await proxy.close();
  });

  it("are not stopped by an update that takes too long, whose error is that of a database that is away", async () => {
    await write(1, 2, 3);
    const consuming = start(
      taking(async (updates) => {
        if (updates.some(({ subject_id }) => subject_id === 2)) await school.database.one(sleep, []);
      }),
    );
    await until(() => taken.length === 2, "the others");
    expect(taken).to.deep.equal([1, 3]);
    expect(await school.sql("select update_id, error from failed_updates")).to.have.nested.property(
      "[0].error",
      "DATABASE_UNAVAILABLE",
    );
    await consuming.close();
  });

  it("behind a long absence pass over what is of other kinds, some of it at a time", async () => {
    await write(1);
    await school.sql(
      `insert into updates (topic, pts, kind, subject_id) select 'school', n, 'other.done', n from generate_series(1, 25000) n`,
    );
    await write(2);
    const consuming = start(taking());
    await until(() => taken.length === 2, "both");
    const [row] = await school.sql<{ is_whole: boolean }>(
      "select last_id = (select max(id) from updates) as is_whole from update_consumers",
    );
    expect(row).to.deep.equal({ is_whole: true });
    await consuming.close();
  });
});
