// Adds jobs, in the transaction of the act that wants them: there is no job of an act that was rolled back, and none is missing.
import type { Queries } from "../database/database.js";
import { statement } from "../database/statement.js";
import type { NewJob } from "./job.js";

// The flag is the name of the task: a process passes over those of which it runs enough. Those that are due at once are run in their order.
const addJobRows = statement<{ count: number }>(
  "write",
  "add-jobs",
  `select count(*)::int as count
     from graphile_worker.add_jobs(array(
       select row(task, payload, null, coalesce(run_at, clock_timestamp() + (place - 1000) * interval '1 microsecond'),
                  max_attempts, key, priority, array[task])::graphile_worker.job_spec
         from rows from (json_to_recordset($1::json)
                as (task text, payload json, key text, run_at timestamptz, max_attempts smallint, priority smallint))
              with ordinality as given (task, payload, key, run_at, max_attempts, priority, place)
        order by place))`,
);

/** How many jobs one statement adds. */
const batch = 500;
/** How often a statement is repeated: a job of the same key that begins to run just then makes it pass over one. */
const mostTries = 5;

/**
 * Adds jobs in the transaction of `queries`, or at once on a database. Of several with one key the last counts. Adding costs every
 * transaction a notification, for which commits wait in line: for acts that are rare, and for relays that add many at once.
 */
export async function addJobs(queries: Queries, jobs: readonly NewJob[]): Promise<void> {
  const keyed = new Map(jobs.flatMap((job) => (job.key === undefined ? [] : [[job.key, job] as const])));
  // In the order of their keys, so that no two transactions wait for each other.
  const unique = [...keyed.values()].toSorted((a, b) => (a.key! < b.key! ? -1 : 1));
  const all = [...unique, ...jobs.filter(({ key }) => key === undefined)];
  for (let at = 0; at < all.length; at += batch) {
    const some = all.slice(at, at + batch);
    for (let tried = 1; tried <= mostTries; tried += 1) {
      const added = await queries.one(addJobRows, [JSON.stringify(some.map(rowOf))]);
      if (added!.count === some.length) break;
    }
  }
}

const liveKeyRows = statement<{ key: string }>(
  "read",
  "list-live-job-keys",
  "select key from graphile_worker._private_jobs where key = any ($1::text[]) and (locked_at is not null or attempts < max_attempts)",
);

/** Adds those jobs, all with a key, of whose key none waits or runs; returns how many. */
export async function addMissingJobs(queries: Queries, jobs: readonly NewJob[]): Promise<number> {
  const live = await queries.many(liveKeyRows, [jobs.map(({ key }) => key)]);
  const keys = new Set(live.map(({ key }) => key));
  const missing = jobs.filter(({ key }) => !keys.has(key!));
  await addJobs(queries, missing);
  return missing.length;
}

function rowOf({ task, payload, key, runAt, maxAttempts, priority }: NewJob): object {
  return { task, payload, key, run_at: runAt, max_attempts: maxAttempts, priority };
}
