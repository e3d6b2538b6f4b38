// The part of a server that runs jobs, with graphile-worker: some at once, until the process ends. When Postgres was lost, it begins anew.
import { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { WorkerEvents } from "graphile-worker";
import type { Logger } from "pino";
import type { Database } from "../database/database.js";
import { libraryPool } from "../database/protocol/library-pool.js";
import { addJobs } from "./add-job.js";
import type { Task } from "./job.js";
import { libraryLog } from "./library-log.js";
import { librarySchema } from "./library-schema.js";
import { takePoolLock } from "./pool-lock.js";
import { type PoolContext, runningOf, runTask, stopCancelled, type TakenJob } from "./run-task.js";

export interface WorkingOptions {
  /** Of the database: jobs are taken over connections of their own, three at most. */
  readonly url: string;
  /** For the tasks. */
  readonly database: Database;
  readonly log: Logger;
  readonly tasks: readonly Task[];
  /** How many jobs run at once. 0: this process runs none. */
  readonly concurrency: number;
  /** How often jobs are looked for that have become due, in milliseconds; 2,000 when absent. New ones are heard of. */
  readonly pollMs?: number;
}

export interface Working {
  /** Takes no further job and has those that run stop; what does not stop in a moment is left to others. */
  close(): Promise<void>;
}

const againMs = 500;
const cancelledMs = 1_000;
/** How long the jobs that run may take to stop, in milliseconds. */
const stopMs = 1_500;
const lostMs = 100;
/** Periodic jobs that came due while no process ran are made up for, up to so long ago, in milliseconds. */
const backfillPeriod = 600_000;
/** One hears of new jobs, and the others take and end them. */
const connections = 3;

/** Starts to run jobs. Does not keep the process alive. */
export function startWorking(options: WorkingOptions): Working {
  const { database, log, tasks, concurrency } = options;
  const closing = new AbortController();

  async function run(): Promise<void> {
    let isFirst = true;
    while (!closing.signal.aborted) {
      try {
        if (isFirst) await addJobs(database.with(log), tasks.filter(({ atStart }) => atStart).map(firstJob));
        isFirst = false;
        await work(options, closing.signal);
      } catch (error) {
        log.warn({ err: error }, "no jobs can be run; this is repeated");
      }
      await delay(againMs, undefined, { ref: false, signal: closing.signal }).catch(() => undefined);
    }
  }

  const running = concurrency === 0 ? Promise.resolve() : run();
  return {
    async close() {
      closing.abort();
      await running;
    },
  };
}

const firstJob = ({ name }: Task): { task: string; payload: object; key: string } => ({
  task: name,
  payload: {},
  key: name,
});

/** Runs jobs until `closing` is aborted, or Postgres is lost. */
async function work(options: WorkingOptions, closing: AbortSignal): Promise<void> {
  const { url, database, log, tasks, concurrency, pollMs = 2_000 } = options;
  // Read here, so that a process that runs no jobs does without it.
  const { run, parseCronItems, Logger } = await import("graphile-worker");
  const lock = await takePoolLock(url, log);
  const stop = AbortSignal.any([closing, lock.lost]);
  const settings = { url, applicationName: "lyceum jobs", connectTimeoutMs: 1_500, statementTimeoutMs: 10_000 };
  const pool = libraryPool(settings, connections, (error) => log.debug({ err: error }, "a connection of jobs is lost"));
  const context: PoolContext = { database, log, stop, running: new Map() };
  let registered: Promise<void> = Promise.resolve();
  const events = new EventEmitter() as WorkerEvents;
  events.on("pool:create", ({ workerPool }) => {
    registered = lock.register(workerPool.id);
    registered.catch(() => undefined);
  });
  const limited = tasks.filter(({ atOnce }) => atOnce !== undefined);
  const looking = setInterval(() => void stopCancelled(context).catch(() => undefined), cancelledMs).unref();
  let stopLibrary = async (): Promise<void> => {};
  try {
    const { promise, stop: stopWorkers } = await run({
      pgPool: pool,
      schema: librarySchema,
      logger: new Logger(libraryLog(log)),
      noHandleSignals: true,
      concurrency,
      pollInterval: pollMs,
      events,
      // Without a delay the library awaits neither, and a failure there would end the process.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      taskList: Object.fromEntries(
        tasks.map((task) => [
          task.name,
          (payload: unknown, { job }: { job: TakenJob }) => runTask(task, payload as object, job, context),
        ]),
      ),
      parsedCronItems: parseCronItems(
        tasks.flatMap(({ name, cron }) =>
          cron === undefined
            ? []
            : [
                {
                  task: name,
                  match: cron,
                  options: { jobKey: name, jobKeyMode: "preserve_run_at" as const, backfillPeriod },
                },
              ],
        ),
      ),
      forbiddenFlags: async () => {
        await registered;
        return limited.filter((task) => runningOf(context, task) >= task.atOnce!).map(({ name }) => name);
      },
    });
    stopLibrary = () => stopWorkers().catch(() => undefined);
    promise.catch(() => undefined);
    await Promise.race([promise, untilAborted(stop)]);
  } finally {
    clearInterval(looking);
    // What the library asks of the lost connections fails first: of a worker that is stopped it would write that to standard error.
    if (lock.lost.aborted) await delay(lostMs, undefined, { ref: false });
    await Promise.race([stopLibrary(), delay(stopMs, undefined, { ref: false })]);
    await lock.close();
    void pool.end().catch(() => undefined);
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
