// One run of a job: the task gets its payload, and what comes of it is recorded: done, again later, dead, or given back.
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { classOf } from "../../errors.js";
import type { Database } from "../database/database.js";
import { NeverRetry, RetryLater, retryMs, type Task } from "./job.js";
import * as store from "./worker-store.js";

/** A job as the library has taken it. */
export interface TakenJob {
  readonly id: string;
  readonly key: string | null;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly locked_by: string | null;
}

/** What the runs of one pool share. */
export interface PoolContext {
  readonly database: Database;
  readonly log: Logger;
  /** Aborted when the pool stops, or has lost its lock. */
  readonly stop: AbortSignal;
  /** The jobs that run now, each with what cancels it; and by task, how many. */
  readonly running: Map<string, { readonly task: string; readonly cancelled: AbortController }>;
}

/** Why a job that was cancelled is stopped. */
class Cancelled extends Error {
  override readonly name = "Cancelled";
}

/** Thrown for the library, which has nothing left to do: the failure is recorded. Its text is the class of the error. */
export class JobFailed extends Error {
  override readonly name = "JobFailed";
}

/** Of a task of which the process runs enough already. The workers look for jobs at the same time, so that one may take too many. */
class TooMany extends Error {
  override readonly name = "TooMany";
}

/** For so long such a job waits for the others, looking so often, in milliseconds; then it is given back, to be looked at after a second. */
const longestLookMs = 500;
const lookMs = 10;
const tooManyMs = 1_000;
/** How soon a failure is recorded again while the database is away, in milliseconds, and how often by a pool that stops. */
const settleAgainMs = 100;
const mostTries = 8;
/** Progress is recorded no more often than this, in milliseconds. */
const progressMs = 500;

/** Runs a job. Rejects with JobFailed when it is to be run again, or is dead. */
export async function runTask(task: Task, payload: object, job: TakenJob, pool: PoolContext): Promise<void> {
  const { database, stop, running } = pool;
  const { id, attempts: attempt, max_attempts: maxAttempts } = job;
  const held = { id, poolId: job.locked_by ?? "" };
  const log = pool.log.child({ task: task.name, job_id: Number(id), attempt });
  const logged = database.with(log);
  const cancelled = new AbortController();
  let toldAt = -Infinity;
  running.set(id, { task: task.name, cancelled });
  const begunAt = performance.now();
  try {
    stop.throwIfAborted();
    for (let waited = 0; rankOf(pool, task, id) > (task.atOnce ?? Infinity); waited += lookMs) {
      if (waited >= longestLookMs) throw new TooMany();
      await delay(lookMs, undefined, { ref: false });
    }
    await task.run(payload, {
      database: logged,
      log,
      signal: AbortSignal.any([stop, cancelled.signal]),
      attempt,
      maxAttempts,
      async progress(share) {
        if (performance.now() - toldAt < progressMs) return;
        toldAt = performance.now();
        await store.updateProgress(logged, id, Math.min(Math.max(share, 0), 1));
      },
    });
    if (toldAt > -Infinity) await store.deleteMark(logged, id);
    log.debug({ duration_ms: Math.round(performance.now() - begunAt) }, "a job is done");
  } catch (error) {
    if (cancelled.signal.aborted) {
      log.info("a job was cancelled");
      return await store.deleteCancelled(logged, held);
    }
    await settleAtLast(error);
    throw new JobFailed(classOf(error));
  } finally {
    running.delete(id);
  }

  /** Settles again while the database is away: what the library would record itself makes the job wait for minutes, and later for hours. */
  async function settleAtLast(error: unknown): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await settle(error);
      } catch {
        if (stop.aborted && tries >= mostTries) return;
        await delay(settleAgainMs, undefined, { ref: false });
      }
    }
  }

  async function settle(error: unknown): Promise<void> {
    if (stop.aborted) return store.updateGivenBack(logged, held, 0);
    if (error instanceof TooMany) return store.updateGivenBack(logged, held, tooManyMs);
    if (job.key !== null && (await store.deleteSuperseded(logged, held))) return;
    const isLater = error instanceof RetryLater;
    const shown = (isLater || error instanceof NeverRetry) && error.cause !== undefined ? error.cause : error;
    const waitMs = isLater ? error.after.getTime() - Date.now() : retryMs(attempt);
    const isDead = await store.updateFailed(logged, held, classOf(shown), waitMs, error instanceof NeverRetry);
    const line = { err: shown, retry_in_ms: Math.round(waitMs) };
    if (isDead) log.error({ err: shown }, "a job is dead: it is not run again by itself");
    else if (isLater) log.debug(line, "a job is run again later");
    else log.warn(line, "a job has failed; it is run again");
  }
}

/** Cancels those of the jobs that run here which somebody has cancelled. */
export async function stopCancelled({ database, running }: PoolContext): Promise<void> {
  if (running.size === 0) return;
  for (const id of await store.listCancelled(database, [...running.keys()]))
    running.get(id)?.cancelled.abort(new Cancelled("The job was cancelled"));
}

/** The place of a job among those of its task that run here, from 1. */
function rankOf({ running }: PoolContext, { name }: Task, id: string): number {
  const ids = [...running].flatMap(([each, { task }]) => (task === name ? [each] : []));
  return ids.indexOf(id) + 1;
}

/** How many jobs of a task run here. */
export function runningOf({ running }: PoolContext, { name }: Task): number {
  return [...running.values()].filter(({ task }) => task === name).length;
}
