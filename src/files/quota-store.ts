// The SQL of what each person has uploaded within 24 hours.
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

/** Uploads that count. One that has run for two hours was of a process that was killed: none takes so long. */
const counted = `started_at > now() - interval '24 hours' and (not is_running or started_at > now() - interval '2 hours')`;

const lockUploader = statement<object>("pool", "lock-uploader", "select from users where id = $1 for no key update");

const insertUploadRow = statement<{ id: number; size: number }>(
  "pool",
  "insert-file-upload",
  `insert into file_uploads (user_id, size)
   select $1, least($2::bigint, $3::bigint - used.bytes)
     from (select coalesce(sum(size), 0)::bigint as bytes from file_uploads where user_id = $1 and ${counted}) used
    where used.bytes < $3::bigint
   returning id, size`,
);

/**
 * Reserves as much of what is left of the quota as an upload may need, in a transaction of its own. Undefined when nothing is left.
 * Reservations of one person are made one after another.
 */
export async function insertUpload(
  queries: Queries,
  userId: number,
  size: number,
  quota: number,
): Promise<{ id: number; size: number } | undefined> {
  await queries.one(lockUploader, [userId]);
  return queries.one(insertUploadRow, [userId, size, quota]);
}

const findFreeingRow = statement<{ seconds?: number }>(
  "read",
  "find-quota-freeing",
  `select greatest(1, ceil(extract(epoch from min(started_at) + interval '24 hours' - now())))::integer as seconds
     from file_uploads where user_id = $1 and ${counted}`,
);

/** In how many seconds the oldest upload ceases to count. */
export async function findFreeing(queries: Queries, userId: number): Promise<number> {
  return (await queries.one(findFreeingRow, [userId]))?.seconds ?? 1;
}

const updateUploadRow = statement<object>(
  "pool",
  "update-file-upload",
  "update file_uploads set size = $2, is_running = false where id = $1",
);

/** Ends an upload that has brought so many bytes. */
export async function updateUpload(queries: Queries, id: number, size: number): Promise<void> {
  await queries.one(updateUploadRow, [id, size]);
}

const deleteUploadRow = statement<object>("write", "delete-file-upload", "delete from file_uploads where id = $1");

/** Gives back what was reserved for an upload that has come to nothing. */
export async function deleteUpload(queries: Queries, id: number): Promise<void> {
  await queries.one(deleteUploadRow, [id]);
}

const sweepUploadRows = statement<object>(
  "pool",
  "sweep-file-uploads",
  `delete from file_uploads
    where id = any (array(
      select id from file_uploads
       where started_at < now() - interval '2 hours' and not (${counted})
       limit $1
         for update skip locked))
   returning id`,
);

/** Deletes at most `limit` uploads that no longer count. Returns how many. */
export async function sweepUploads(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(sweepUploadRows, [limit])).length;
}
