// The SQL of updates that a consumer could not take: they are tried again, at longer and longer intervals, then set aside.
import type { FailedUpdate } from "../../gen/lyceum/v1/update.js";
import type { Queries } from "../database/database.js";
import { statement } from "../database/statement.js";
import type { StoredUpdate } from "./consumer.js";

/** How often an update is tried before it is set aside: over about seventeen minutes. */
export const mostAttempts = 10;

/** The seconds from an attempt to the next: 1, 2, 4 ... */
const nextAttempt = (attempts: string): string =>
  `case when ${attempts} < ${mostAttempts} then now() + make_interval(secs => power(2, ${attempts} - 1)) end`;

const insertFailedRow = statement<object>(
  "write",
  "insert-failed-update",
  `insert into failed_updates (consumer, update_id, topic, pts, kind, subject_id, actor_id, update_created_at, error, next_attempt_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, ${nextAttempt("1")})
   on conflict on constraint failed_updates_once do nothing`,
);

/** Puts off an update that could not be taken. */
export async function insertFailed(
  queries: Queries,
  consumer: string,
  { id, topic, pts, kind, subject_id, actor_id, created_at }: StoredUpdate,
  error: string,
): Promise<void> {
  await queries.one(insertFailedRow, [consumer, id, topic, pts, kind, subject_id, actor_id, created_at, error]);
}

/** An update that is due for another attempt. */
export type DueUpdate = StoredUpdate & { readonly failed_id: number };

const dueRows = statement<DueUpdate>(
  "read",
  "list-due-failed-updates",
  `select id as failed_id, update_id as id, topic, pts, kind, subject_id, actor_id, update_created_at as created_at
     from failed_updates where consumer = $1 and next_attempt_at <= now() order by update_id limit 20`,
);

/** Some of the updates that are due, the oldest first. */
export async function listDue(queries: Queries, consumer: string): Promise<DueUpdate[]> {
  return queries.many(dueRows, [consumer]);
}

const deleteFailedRow = statement<object>("write", "delete-failed-update", "delete from failed_updates where id = $1");

/** Deletes an update that was taken after all. */
export async function deleteFailed(queries: Queries, id: number): Promise<void> {
  await queries.one(deleteFailedRow, [id]);
}

const updateFailedRow = statement<{ is_set_aside: boolean }>(
  "write",
  "update-failed-update",
  `update failed_updates set attempts = attempts + 1, error = $2, failed_at = now(), next_attempt_at = ${nextAttempt("attempts + 1")}
    where id = $1
   returning next_attempt_at is null as is_set_aside`,
);

/** Records another attempt that failed; returns whether it was the last. */
export async function updateFailed(queries: Queries, id: number, error: string): Promise<boolean> {
  return (await queries.one(updateFailedRow, [id, error]))?.is_set_aside ?? false;
}

const retryRows = statement<{ id: number }>(
  "pool",
  "retry-failed-updates",
  `update failed_updates set attempts = 1, next_attempt_at = date_trunc('milliseconds', now())
    where cardinality($1::bigint[]) = 0 or id = any ($1)
   returning id`,
);

/** Has updates tried again at once, as often as new ones; all of them when no id is given. Returns their ids. */
export async function retryFailed(queries: Queries, ids: readonly number[]): Promise<number[]> {
  return (await queries.many(retryRows, [ids])).map(({ id }) => id);
}

const discardRows = statement<{ id: number }>(
  "pool",
  "discard-failed-updates",
  "delete from failed_updates where id = any ($1::bigint[]) returning id",
);

/** Gives updates up; returns their ids. */
export async function discardFailed(queries: Queries, ids: readonly number[]): Promise<number[]> {
  return (await queries.many(discardRows, [ids])).map(({ id }) => id);
}

const failedRows = statement<FailedUpdate & { readonly count: number }>(
  "pool",
  "list-failed-updates",
  `select id, consumer, update_id, topic, kind, subject_id, actor_id, update_created_at as happened_at, attempts, error, failed_at,
          next_attempt_at, count(*) over () as count
     from failed_updates where not $1 or next_attempt_at is null
    order by update_id, id limit 100`,
);

/** The oldest 100 updates that could not be taken, and in each row how many there are; of those that are set aside alone, if so asked. */
export async function listFailed(
  queries: Queries,
  isSetAside: boolean,
): Promise<(FailedUpdate & { readonly count: number })[]> {
  return queries.many(failedRows, [isSetAside]);
}
