// Jobs: added with their act or not at all, run once, again after an error, and by somebody else when their process is gone.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { addJobs } from "../../../src/platform/jobs/add-job.js";
import { type JobWork, NeverRetry, RetryLater, type Task } from "../../../src/platform/jobs/job.js";
import { deleteDead } from "../../../src/platform/jobs/worker-store.js";
import { startWorking, type Working } from "../../../src/platform/jobs/working.js";
import { log, openSchool, type School } from "../../support/call-as.js";
import { upTo } from "../../support/numbers.js";

interface Row {
  readonly attempts: number;
  readonly is_locked: boolean;
  readonly last_error: string | undefined;
  readonly key: string | undefined;
}

describe("jobs", function () {
  this.timeout(60_000);
  let school: School;
  let working: Working[];
  /** The payloads of what was run, each as often as it was. */
  let ran: number[];
  before(async () => (school = await openSchool()));
  after(() => school.close());
  beforeEach(() => {
    working = [];
    ran = [];
  });
  afterEach(async () => {
    await Promise.all(working.map((each) => each.close()));
    await school.sql("delete from graphile_worker._private_jobs");
    await school.sql("delete from job_marks");
  });

  const add = (place: number, more: object = {}) =>
    addJobs(school.database, [{ task: "test", payload: { place }, ...more }]);
  const taskOf = (run: (place: number, work: JobWork) => unknown = () => {}, more: Partial<Task> = {}): Task => ({
    name: "test",
    async run(payload, work) {
      const { place } = payload as { place: number };
      ran.push(place);
      await run(place, work);
    },
    ...more,
  });
  const start = (task: Task, concurrency = 4): Working => {
    const { url, database } = school;
    const started = startWorking({ url, database, log, tasks: [task], concurrency, pollMs: 100 });
    working.push(started);
    return started;
  };
  const rows = () =>
    school.sql<Row>(
      "select attempts, locked_at is not null as is_locked, last_error, key from graphile_worker._private_jobs order by id",
    );
  const none = async () => (await rows()).length === 0;

  async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
    for (let left = 1_500; !(await holds()); left--) {
      if (left === 0) throw new Error(`it has not come: ${what}`);
      await delay(20);
    }
  }

  it("have the schema that the installed library expects", async () => {
    const { getUtilsAndReleasersFromOptions } = (await import("graphile-worker/dist/lib.js" as string)) as {
      getUtilsAndReleasersFromOptions: (
        options: object,
      ) => Promise<[{ maxMigrationNumber: number }, () => Promise<void>]>;
    };
    const before_ = await school.sql<{ id: number }>("select max(id) as id from graphile_worker.migrations");
    const [{ maxMigrationNumber }, release] = await getUtilsAndReleasersFromOptions({ connectionString: school.url });
    await release();
    expect(before_[0]!.id).to.equal(maxMigrationNumber);
  });

  it("are added with their transaction, in order, and are not there when it is rolled back", async () => {
    const failing = school.database.transaction(async (queries) => {
      await addJobs(queries, [{ task: "test", payload: { place: 1 } }]);
      throw new Error("rolled back");
    });
    expect(await failing.catch(String)).to.equal("Error: rolled back");
    expect(await rows()).to.have.length(0);
    await school.database.transaction((queries) =>
      addJobs(
        queries,
        upTo(5).map((place) => ({ task: "test", payload: { place } })),
      ),
    );
    start(taskOf(), 1);
    await until(none, "all are done");
    expect(ran).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it("of one key are one, when twenty are added at once, and within one call: the last of it", async () => {
    await Promise.all(upTo(20).map((place) => add(place, { key: "one" })));
    expect(await rows()).to.have.length(1);
    await addJobs(school.database, [
      { task: "test", payload: { place: 21 }, key: "one" },
      { task: "test", payload: { place: 22 }, key: "one" },
    ]);
    start(taskOf());
    await until(none, "it is done");
    expect(ran).to.deep.equal([22]);
  });

  it("of a key whose job runs are added beside it, and are run after all, and that which failed is not", async () => {
    let go: () => void = () => {};
    start(
      taskOf(async (place) => {
        if (place > 1) return;
        await new Promise<void>((resolve) => (go = resolve));
        throw new Error("the first fails");
      }),
    );
    await add(1, { key: "one" });
    await until(() => ran.length === 1, "the first runs");
    await Promise.all(upTo(20).map((place) => add(place + 1, { key: "one" })));
    await until(() => ran.length > 1, "the newer one runs");
    go();
    await until(none, "all are done");
    expect(ran.filter((place) => place === 1)).to.have.length(1);
  });

  it("are each run by one of two processes, a hundred of them", async () => {
    await addJobs(
      school.database,
      upTo(100).map((place) => ({ task: "test", payload: { place } })),
    );
    start(taskOf());
    start(taskOf());
    await until(none, "all are done");
    expect(ran.toSorted((a, b) => a - b)).to.deep.equal(upTo(100));
  });

  it("are run again after an error, whose class alone is kept, then are dead, and deleted after thirty days", async () => {
    const attempts: number[] = [];
    await add(1, { maxAttempts: 2 });
    start(
      taskOf((_, { attempt, maxAttempts }) => {
        attempts.push(attempt, maxAttempts);
        throw Object.assign(new TypeError("the secret text"), { code: "EOOPS" });
      }),
    );
    await until(async () => (await rows())[0]?.attempts === 1 && !(await rows())[0]!.is_locked, "the first failure");
    expect((await rows())[0]).to.include({ last_error: "TypeError EOOPS" });
    await until(async () => ran.length === 2 && !(await rows())[0]!.is_locked, "the second failure");
    await delay(300);
    expect(attempts).to.deep.equal([1, 2, 2, 2]);
    expect(await deleteDead(school.database, 10)).to.equal(0);
    await school.sql(
      "update graphile_worker._private_jobs set updated_at = now() - interval '31 days', run_at = now() - interval '31 days'",
    );
    expect(await deleteDead(school.database, 10)).to.equal(1);
  });

  it("are dead at once when the task says so, and are run when it says so", async () => {
    await add(1);
    await add(2);
    const at = new Date(Date.now() + 1_200);
    start(
      taskOf((place, { attempt }) => {
        if (place === 1) throw new NeverRetry({ cause: new RangeError("never") });
        if (attempt === 1) throw new RetryLater(at);
      }),
    );
    await until(async () => ran.filter((place) => place === 2).length === 2, "the later one");
    expect(Date.now()).to.be.at.least(at.getTime() - 50);
    await until(async () => (await rows()).length === 1, "it is done");
    expect(await rows()).to.deep.equal([{ attempts: 25, is_locked: false, last_error: "RangeError", key: undefined }]);
  });

  it("of a bounded task are run no more than so many at once", async () => {
    let now = 0;
    let most = 0;
    await addJobs(
      school.database,
      upTo(6).map((place) => ({ task: "test", payload: { place } })),
    );
    start(
      taskOf(
        async () => {
          most = Math.max(most, ++now);
          await delay(30);
          now -= 1;
        },
        { atOnce: 1 },
      ),
    );
    await until(none, "all are done");
    expect([most, ran.length]).to.deep.equal([1, 6]);
  });

  it("show how far they are, and stop when they are cancelled", async () => {
    let reason: unknown;
    await add(1);
    start(
      taskOf(async (_, { progress, signal }) => {
        await progress(0.25);
        await delay(30_000, undefined, { signal }).catch((error: unknown) => {
          reason = (error as Error).cause;
          throw error;
        });
      }),
    );
    const marks = () => school.sql<{ progress: number }>("select progress from job_marks");
    await until(async () => (await marks())[0]?.progress === 0.25, "its progress");
    await school.sql("update job_marks set is_cancelled = true");
    await until(none, "it is gone");
    expect([String(reason), ran, await marks()]).to.deep.equal(["Cancelled: The job was cancelled", [1], []]);
  });

  it("of a process that ends are given back, and the attempt does not count", async () => {
    await add(1, { maxAttempts: 1 });
    const hang = taskOf((_, { signal }) => delay(30_000, undefined, { signal }));
    const first = start(hang);
    await until(() => ran.length === 1, "it runs");
    await first.close();
    expect(await rows()).to.deep.equal([{ attempts: 0, is_locked: false, last_error: undefined, key: undefined }]);
    start(taskOf());
    await until(none, "it is done");
    expect(ran).to.deep.equal([1, 1]);
  });

  it("of a process that is killed are run by another", async () => {
    const script = fileURLToPath(new URL("hanging-worker.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), script, school.url]);
    try {
      await add(1);
      await once(child.stdout, "data");
      start(taskOf());
      // It is alive: nobody takes its job.
      await delay(1_500);
      expect(ran).to.deep.equal([]);
    } finally {
      child.kill("SIGKILL");
    }
    await until(none, "it is done");
    expect(ran).to.deep.equal([1]);
  });

  it("are run again when the sessions of their process were ended, and new ones are taken", async () => {
    await add(1);
    let signal: AbortSignal | undefined;
    start(
      taskOf(async (place, work) => {
        if (place > 1 || signal) return;
        ({ signal } = work);
        await delay(30_000, undefined, { signal });
      }),
    );
    await until(() => ran.length === 1, "it runs");
    await school.sql(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'lyceum jobs'",
    );
    await until(() => signal!.aborted, "it is told to stop");
    await add(2);
    await until(none, "both are done");
    expect(ran.toSorted((a, b) => a - b)).to.deep.equal([1, 1, 2]);
  });

  it("that are periodic are added once over two processes, also when nobody was there at the time", async () => {
    const minute = new Date(Math.floor(Date.now() / 60_000) * 60_000);
    const task = taskOf(() => undefined, { cron: `${minute.getUTCMinutes()} * * * *` });
    await school.sql(
      `insert into graphile_worker._private_known_crontabs (identifier, known_since) values ('test', now() - interval '20 minutes')`,
    );
    await Promise.all(upTo(2).map(() => start(task)));
    await until(() => ran.length > 0, "the job");
    await until(none, "it is done");
    const [known] = await school.sql<{ last_execution: string }>(
      "select last_execution from graphile_worker._private_known_crontabs",
    );
    expect([ran.length, known]).to.deep.equal([1, { last_execution: minute.toISOString() }]);
  });

  it("of the start of a process are added by each, and are one while they wait", async () => {
    const waiting = start(taskOf(undefined, { atStart: true }), 1);
    await until(() => ran.length === 1, "the first start");
    await waiting.close();
    await Promise.all(upTo(20).map(() => start(taskOf(undefined, { atStart: true, atOnce: 0 }), 1)));
    await until(async () => (await rows()).length > 0, "those of the others");
    await delay(200);
    expect(await rows()).to.deep.equal([{ attempts: 0, is_locked: false, last_error: undefined, key: "test" }]);
  });
});
