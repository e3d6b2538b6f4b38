// The SQL of those who read updates: how far each has read, which process does its work, and what it could not take.
import type { Queries } from "../database/database.js";
import { statement } from "../database/statement.js";
import type { StoredUpdate } from "./consumer.js";

/** How long a lease lasts that is not renewed, in seconds. A process that was killed holds a consumer for so long. */
const leaseSeconds = 6;

const until = `now() + interval '${leaseSeconds} seconds'`;

const insertConsumerRow = statement<object>(
  "write",
  "insert-update-consumer",
  "insert into update_consumers (name, last_id) values ($1, 0) on conflict (name) do nothing",
);

/** Makes a consumer known. It begins with the oldest update there is. */
export async function insertConsumer(queries: Queries, name: string): Promise<void> {
  await queries.one(insertConsumerRow, [name]);
}

const takeLeaseRow = statement<{ last_id: number }>(
  "write",
  "take-update-consumer",
  `update update_consumers set leased_by = $2, leased_until = ${until}
    where name = $1 and (leased_by = $2 or leased_until is null or leased_until < now())
   returning last_id`,
);

/** Takes or prolongs the lease of a consumer; returns how far it has read, or undefined while another process works. */
export async function takeLease(queries: Queries, name: string, holder: string): Promise<number | undefined> {
  return (await queries.one(takeLeaseRow, [name, holder]))?.last_id;
}

const updateCursorRow = statement<{ last_id: number }>(
  "write",
  "move-update-cursor",
  `update update_consumers set last_id = $3, leased_until = ${until}
    where name = $1 and leased_by = $2 and last_id <= $3
   returning last_id`,
);

/** Records how far a consumer has read, and prolongs its lease; false when the lease is lost. */
export async function updateCursor(queries: Queries, name: string, holder: string, lastId: number): Promise<boolean> {
  return (await queries.one(updateCursorRow, [name, holder, lastId])) !== undefined;
}

const releaseLeaseRow = statement<object>(
  "write",
  "release-update-consumer",
  "update update_consumers set leased_by = null, leased_until = null where name = $1 and leased_by = $2",
);

/** Gives a lease back, so that another process goes on at once. */
export async function releaseLease(queries: Queries, name: string, holder: string): Promise<void> {
  await queries.one(releaseLeaseRow, [name, holder]);
}

/** The last id that was taken, and who may still write an update with an id up to it. */
export interface Mark {
  readonly last_id: number;
  readonly holders: readonly string[];
}

const markRow = statement<Mark>("read", "read-update-mark", "select last_id, holders from update_mark()");

/** Reads the mark of this moment. */
export async function readMark(queries: Queries): Promise<Mark> {
  return (await queries.one(markRow, []))!;
}

const updateRows = statement<StoredUpdate>(
  "read",
  "list-updates",
  `select id, topic, pts, kind, subject_id, actor_id, created_at from updates
    where id > $1 and id <= $2 and kind = any ($3::text[])
    order by id limit $4`,
);

/** The updates of some kinds with ids after one and up to another, in their order. */
export async function listUpdates(
  queries: Queries,
  after: number,
  upTo: number,
  kinds: readonly string[],
  limit: number,
): Promise<StoredUpdate[]> {
  return queries.many(updateRows, [after, upTo, kinds, limit]);
}

const deleteOldRows = statement<object>(
  "pool",
  "delete-old-updates",
  // The oldest of all are looked at, so that a run reads no more than it deletes. What a consumer has not read stays.
  `with read_by_all as (
     select coalesce(min(coalesce(c.last_id, 0)), 9007199254740991) as id
       from unnest($3::text[]) as consumer (name) left join update_consumers c on c.name = consumer.name
   )
   delete from updates u
    using (select id, created_at from updates where id <= (select id from read_by_all) order by id limit $1) oldest
    where u.id = oldest.id and oldest.created_at < now() - make_interval(days => $2)
   returning u.id`,
);

/**
 * Deletes up to `limit` updates that are older than so many days, and that all of these consumers have read; returns how many.
 */
export async function deleteOld(
  queries: Queries,
  limit: number,
  days: number,
  consumers: readonly string[],
): Promise<number> {
  return (await queries.many(deleteOldRows, [limit, days, consumers])).length;
}
