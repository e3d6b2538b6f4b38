// The SQL of the process that runs jobs: what becomes of one that has failed, how far one is, and which are cancelled.
import type { Queries } from "../database/database.js";
import { statement } from "../database/statement.js";

/** A job that a pool runs. */
export interface HeldJob {
  readonly id: string;
  readonly poolId: string;
}

const failRow = statement<{ is_dead: boolean }>(
  "write",
  "fail-job",
  // Never sooner than in a second: the library, which records failures too, must find the job given back.
  `update graphile_worker._private_jobs
      set locked_at = null, locked_by = null, last_error = $3, updated_at = now(),
          run_at = now() + make_interval(secs => greatest($4::float8, 1)),
          attempts = case when $5 then max_attempts else attempts end
    where id = $1 and locked_by = $2
   returning attempts >= max_attempts as is_dead`,
);

/** Records that a job has failed, to be run again after some time unless that was its last attempt, or `isLast`. Returns whether it is dead. */
export async function updateFailed(
  queries: Queries,
  { id, poolId }: HeldJob,
  error: string,
  waitMs: number,
  isLast: boolean,
): Promise<boolean> {
  return (await queries.one(failRow, [id, poolId, error, waitMs / 1_000, isLast]))?.is_dead ?? false;
}

const supersededRow = statement<{ id: number }>(
  "write",
  "delete-superseded-job",
  "delete from graphile_worker._private_jobs where id = $1 and locked_by = $2 and key is null returning id",
);

/** Deletes a job that had a key and has lost it to a newer one; false when it has not. */
export async function deleteSuperseded(queries: Queries, { id, poolId }: HeldJob): Promise<boolean> {
  return (await queries.one(supersededRow, [id, poolId])) !== undefined;
}

const giveBackRow = statement<object>(
  "write",
  "give-back-job",
  `update graphile_worker._private_jobs
      set locked_at = null, locked_by = null, updated_at = now(), attempts = greatest(attempts - 1, 0),
          run_at = now() + make_interval(secs => $3::float8)
    where id = $1 and locked_by = $2`,
);

/** Gives back a job that this process does not finish: another one goes on after some time, and the attempt does not count. */
export async function updateGivenBack(queries: Queries, { id, poolId }: HeldJob, waitMs: number): Promise<void> {
  await queries.one(giveBackRow, [id, poolId, waitMs / 1_000]);
}

const deleteJobRow = statement<object>(
  "write",
  "delete-cancelled-job",
  `with gone as (delete from graphile_worker._private_jobs where id = $1 and locked_by = $2 returning id)
   delete from job_marks where job_id in (select id from gone)`,
);

/** Deletes a job that was cancelled while it ran. */
export async function deleteCancelled(queries: Queries, { id, poolId }: HeldJob): Promise<void> {
  await queries.one(deleteJobRow, [id, poolId]);
}

const progressRow = statement<object>(
  "write",
  "update-job-progress",
  `insert into job_marks as m (job_id, progress) values ($1, $2)
   on conflict (job_id) do update set progress = excluded.progress`,
);

/** Records how much of a job is done, from 0 to 1. */
export async function updateProgress(queries: Queries, id: string, share: number): Promise<void> {
  await queries.one(progressRow, [id, share]);
}

const deleteMarkRow = statement<object>("write", "delete-job-mark", "delete from job_marks where job_id = $1");

/** Forgets how far a job was. */
export async function deleteMark(queries: Queries, id: string): Promise<void> {
  await queries.one(deleteMarkRow, [id]);
}

const cancelledRows = statement<{ id: string }>(
  "read",
  "list-cancelled-jobs",
  "select job_id::text as id from job_marks where is_cancelled and job_id = any ($1::bigint[])",
);

/** Those of some jobs that are cancelled. */
export async function listCancelled(queries: Queries, ids: readonly string[]): Promise<string[]> {
  return (await queries.many(cancelledRows, [ids])).map(({ id }) => id);
}

const deleteDeadRows = statement<{ id: number }>(
  "pool",
  "delete-dead-jobs",
  `with gone as (
     delete from graphile_worker._private_jobs
      where id = any (array(select id from graphile_worker._private_jobs
                             where not is_available and locked_at is null and greatest(updated_at, run_at) < now() - interval '30 days'
                             limit $1 for update skip locked))
     returning id
   ), unmarked as (
     delete from job_marks where not exists (select from graphile_worker._private_jobs j where j.id = job_id)
   )
   select id from gone`,
);

/** Deletes up to `limit` dead jobs after thirty days, and what is kept of jobs that are gone; returns how many. */
export async function deleteDead(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(deleteDeadRows, [limit])).length;
}
