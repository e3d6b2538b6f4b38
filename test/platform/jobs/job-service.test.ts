// The jobs as staff see them, have them run again, and give them up.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import type { Job, JobState } from "../../../src/gen/lyceum/v1/job.js";
import { addJobs } from "../../../src/platform/jobs/add-job.js";
import type { Task } from "../../../src/platform/jobs/job.js";
import { startWorking, type Working } from "../../../src/platform/jobs/working.js";
import { log, openSchool, type Account, type School } from "../../support/call-as.js";
import { upTo } from "../../support/numbers.js";

describe("the list of jobs", function () {
  this.timeout(60_000);
  let school: School;
  let admin: Account;
  let working: Working | undefined;
  before(async () => {
    school = await openSchool();
    admin = await school.account("ROLE_SUPER_ADMIN");
  });
  after(() => school.close());
  afterEach(async () => {
    await working?.close();
    working = undefined;
    await school.sql("delete from graphile_worker._private_jobs");
    await school.sql("delete from job_marks");
  });

  const staff = () => school.services["lyceum.v1.JobService"];
  const list = async (filter: object = {}): Promise<Job[]> => (await staff().listJobs(filter, admin.call)).jobs;
  const audited = () =>
    school.sql<{ action: string; target_id: string }>(
      "select action, target_id from audit_events where action like 'job.%' order by id",
    );
  const start = (run: Task["run"]) => {
    const { url, database } = school;
    working = startWorking({ url, database, log, tasks: [{ name: "test", run }], concurrency: 2, pollMs: 100 });
  };
  async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
    for (let left = 1_500; !(await holds()); left--) {
      if (left === 0) throw new Error(`it has not come: ${what}`);
      await delay(20);
    }
  }

  it("has each in its state, and no payload", async () => {
    const secret = "the secret text";
    await addJobs(school.database, [
      { task: "test", payload: { secret, kind: "good" } },
      { task: "test", payload: { secret, kind: "bad" } },
      { task: "test", payload: { secret, kind: "bad" }, maxAttempts: 1 },
      { task: "test", payload: { secret }, runAt: new Date(Date.now() + 60_000) },
      { task: "other", payload: { secret } },
    ]);
    start(async (payload, { signal, progress }) => {
      if ((payload as { kind: string }).kind === "bad") throw new TypeError(secret);
      await progress(0.5);
      await delay(30_000, undefined, { signal });
    });
    const wanted: readonly JobState[] = [
      "JOB_STATE_RUNNING",
      "JOB_STATE_FAILED",
      "JOB_STATE_DEAD",
      "JOB_STATE_SCHEDULED",
      "JOB_STATE_WAITING",
    ];
    await until(async () => {
      const now = new Set((await list()).map(({ state }) => state));
      return wanted.every((state) => now.has(state));
    }, "each state");
    const [job] = await list({ state: "JOB_STATE_DEAD" });
    expect(job).to.include({ task: "test", attempts: 1, max_attempts: 1, error: "TypeError", is_cancelled: false });
    const [running] = await list({ state: "JOB_STATE_RUNNING" });
    expect(running).to.include({ task: "test", progress: 0.5, error: "" });
    expect(await list({ task: "other" })).to.have.length(1);
    const ids = (await list({ task: "test" })).map(({ id }) => id);
    expect(await list({ task: "test", below_id: ids[1]! })).to.have.length(2);
    expect(JSON.stringify(await list())).to.not.contain(secret);
  });

  it("shows the latest hundred, and how many there are", async () => {
    await addJobs(
      school.database,
      upTo(150).map((place) => ({ task: "other", payload: { place } })),
    );
    const { jobs, count } = await staff().listJobs({}, admin.call);
    expect([jobs.length, count]).to.deep.equal([100, 150]);
    expect(await list({ below_id: jobs.at(-1)!.id })).to.have.length(50);
  });

  it("has a dead one run again when it is retried, and says so in the audit", async () => {
    let isMended = false;
    await addJobs(school.database, [{ task: "test", payload: {}, maxAttempts: 1 }]);
    start(async () => {
      if (!isMended) throw new Error("broken");
    });
    await until(async () => (await list({ state: "JOB_STATE_DEAD" })).length === 1, "its death");
    const [{ id } = { id: 0 }] = await list();
    isMended = true;
    const counts = await Promise.all(
      upTo(20).map(async () => (await staff().retryJobs({ ids: [id, 99_999_999] }, admin.call)).count),
    );
    await until(async () => (await list()).length === 0, "it is done");
    expect(counts.reduce((sum, count) => sum + count)).to.be.within(1, 2);
    expect((await audited())[0]).to.deep.equal({ action: "job.retry", target_id: String(id) });
    expect(await staff().retryJobs({ ids: [] }, admin.call)).to.deep.equal({ count: 0 });
  });

  it("loses those that are cancelled: one that runs is told to stop", async () => {
    await addJobs(school.database, [
      { task: "other", payload: {} },
      { task: "test", payload: {} },
    ]);
    let isStopped = false;
    start(async (_, { signal }) => {
      await delay(30_000, undefined, { signal }).catch(() => (isStopped = true));
      signal.throwIfAborted();
    });
    await until(async () => (await list({ state: "JOB_STATE_RUNNING" })).length === 1, "it runs");
    const ids = (await list()).map(({ id }) => id);
    expect(await staff().cancelJobs({ ids: [...ids, 99_999_999] }, admin.call)).to.deep.equal({ count: 2 });
    await until(async () => (await list()).length === 0, "they are gone");
    expect(isStopped).to.equal(true);
    expect((await audited()).filter(({ action }) => action === "job.cancel")).to.have.length(2);
    expect(await school.sql("select from job_marks")).to.deep.equal([]);
  });
});
