// The SQL of jobs as the staff see them: which there are, and the acts on them.
import type { Job, JobState } from "../../gen/lyceum/v1/job.js";
import type { Queries } from "../database/database.js";
import { statement } from "../database/statement.js";

// A payload is none of it: it may be what people wrote, or secret.
const listRows = statement<Job & { readonly count: number }>(
  "pool",
  "list-jobs",
  `select *, count(*) over ()::integer as count
     from (select j.id, t.identifier as task,
                 case when j.locked_at is not null then 'JOB_STATE_RUNNING'
                      when j.attempts >= j.max_attempts then 'JOB_STATE_DEAD'
                      when j.attempts > 0 then 'JOB_STATE_FAILED'
                      when j.run_at > now() then 'JOB_STATE_SCHEDULED'
                      else 'JOB_STATE_WAITING' end as state,
                 j.attempts::integer as attempts, j.max_attempts::integer as max_attempts, coalesce(m.progress, 0) as progress,
                 coalesce(j.last_error, '') as error, j.created_at, j.run_at, j.locked_at as started_at,
                 coalesce(m.is_cancelled, false) as is_cancelled
            from graphile_worker._private_jobs j
            join graphile_worker._private_tasks t on t.id = j.task_id
            left join job_marks m on m.job_id = j.id) jobs
    where ($1::text is null or state = $1) and ($2::text is null or task = $2) and ($3::bigint is null or id < $3)
    order by id desc limit 100`,
);

export interface JobFilter {
  readonly state: JobState | undefined;
  readonly task: string | undefined;
  readonly belowId: number | undefined;
}

/** The latest 100 jobs that a filter chooses, and in each row how many it chooses. */
export async function listJobs(
  queries: Queries,
  { state, task, belowId }: JobFilter,
): Promise<(Job & { readonly count: number })[]> {
  return queries.many(listRows, [state, task, belowId]);
}

const retryRows = statement<{ id: number }>(
  "pool",
  "retry-jobs",
  `with retried as (
     update graphile_worker._private_jobs
        set attempts = 0, run_at = now(), updated_at = now()
      where locked_at is null and attempts > 0 and (cardinality($1::bigint[]) = 0 or id = any ($1))
     returning id
   ), told as (
     select pg_notify('jobs:insert', json_build_object('count', count(*))::text) from retried having count(*) > 0
   )
   select id, (select count(*) from told) as told from retried order by id`,
);

/** Has jobs that have failed run at once, as often as new ones; all of them when no id is given. Returns their ids. */
export async function retryJobs(queries: Queries, ids: readonly number[]): Promise<number[]> {
  return (await queries.many(retryRows, [ids])).map(({ id }) => id);
}

const cancelRows = statement<{ id: number }>(
  "pool",
  "cancel-jobs",
  // A job that is taken or is done at this moment is waited for: it is then told to stop, or is none.
  `with chosen as (
     select id, locked_at is not null as is_running from graphile_worker._private_jobs where id = any ($1::bigint[]) order by id for update
   ), gone as (
     delete from graphile_worker._private_jobs where id in (select id from chosen where not is_running) returning id
   ), unmarked as (
     delete from job_marks where job_id in (select id from gone)
   ), told as (
     insert into job_marks as m (job_id, is_cancelled) select id, true from chosen where is_running
     on conflict (job_id) do update set is_cancelled = true
   )
   select id from chosen order by id`,
);

/** Deletes jobs, and marks those that run, so that they are told to stop. Returns their ids. */
export async function cancelJobs(queries: Queries, ids: readonly number[]): Promise<number[]> {
  return (await queries.many(cancelRows, [ids])).map(({ id }) => id);
}
