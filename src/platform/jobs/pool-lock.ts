// Whether a process that runs jobs is alive: it holds an advisory lock, which Postgres frees the moment the process dies, and each
// process gives back the jobs of those whose lock is free.
import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Connection } from "../database/protocol/connection.js";
import { openConnection } from "../database/protocol/open-connection.js";

export interface PoolLock {
  /** Aborted when the lock is lost: others run this process's jobs from then on. */
  readonly lost: AbortSignal;
  /** Makes the lock known as that of a pool. Before this has resolved, the pool takes no job. */
  register(poolId: string): Promise<void>;
  /** Frees the lock. Jobs that the pool has left are given back by the next process that looks. */
  close(): Promise<void>;
}

/** "Jobs" in ASCII: the first of the two numbers of each lock. */
const lockClass = 0x4a6f_6273;
const lookEveryMs = 1_000;
/** How long Postgres may take to answer before the lock counts as lost, in milliseconds. */
const answerMs = 2_500;

const registerPool = "insert into job_pools (id, lock_key) values ($1, $2)";

// A pool that is not in the table has not begun, or has been given up; none of them has a job.
const giveBack = `
  with dead as materialized (
    select id from job_pools where case when id = $1 then false else pg_try_advisory_xact_lock($2::integer, lock_key) end
  ), given_back as (
    update graphile_worker._private_jobs
       set locked_at = null, locked_by = null, last_error = 'WorkerLost', updated_at = now()
     where locked_by is not null and (locked_by in (select id from dead) or locked_by not in (select id from job_pools))
    returning id
  ), forgotten as (
    delete from job_pools where id in (select id from dead)
  ), told as (
    select pg_notify('jobs:insert', json_build_object('count', count(*))::text) from given_back having count(*) > 0
  )
  select (select count(*)::int from given_back) as jobs, (select count(*)::int from told) as told`;

/** Takes a lock of this process, on a connection of its own. Rejects with ConnectionLost. */
export async function takePoolLock(url: string, log: Logger): Promise<PoolLock> {
  const connection = await openConnection({
    url,
    applicationName: "lyceum jobs",
    connectTimeoutMs: 1_500,
    statementTimeoutMs: answerMs,
  });
  const lost = new AbortController();
  connection.onLost((cause) => lost.abort(cause));
  const ask = (name: string, text: string, values: readonly unknown[]): Promise<object[]> =>
    answered(connection, connection.run(name, text, values, performance.now() + answerMs));
  const key = randomInt(2 ** 31);
  await ask("lock-job-pool", "select pg_advisory_lock($1::integer, $2::integer)", [lockClass, key]);

  /** Until the lock is lost, or closed. */
  async function look(poolId: string): Promise<void> {
    while (!lost.signal.aborted) {
      try {
        const [found] = (await ask("give-back-jobs", giveBack, [poolId, lockClass])) as { jobs: number }[];
        if (found!.jobs > 0) log.warn({ jobs: found!.jobs }, "jobs of a process that is gone are run again");
      } catch (error) {
        if (!lost.signal.aborted) log.warn({ err: error }, "jobs of processes that are gone were not looked for");
      }
      await delay(lookEveryMs, undefined, { ref: false, signal: lost.signal }).catch(() => undefined);
    }
  }

  return {
    lost: lost.signal,
    async register(poolId) {
      await ask("register-job-pool", registerPool, [poolId, key]);
      void look(poolId);
    },
    async close() {
      lost.abort();
      await connection.close(500);
    },
  };
}

/** The same answer; when none comes in time, the connection is destroyed. */
async function answered<T>(connection: Connection, answer: Promise<T>): Promise<T> {
  const timer = setTimeout(() => connection.destroy("no response arrived in time"), answerMs + 500).unref();
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
  }
}
