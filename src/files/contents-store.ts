// The SQL of contents: the rows of what is in the store. A row is there before the bytes are, and until after they are gone.
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

const touchBlobRows = statement<object>(
  "write",
  "touch-blobs",
  // In one order, so that two uploads of the same contents cannot deadlock. Who sweeps one of them is waited for.
  `insert into blobs (sha256) select distinct unnest($1::bytea[]) order by 1
       on conflict (sha256) do update set touched_at = now(), lost_at = null`,
);

/** Announces contents that are about to be stored: no sweep takes them for an hour. */
export async function touchBlobs(queries: Queries, hashes: readonly Buffer[]): Promise<void> {
  await queries.many(touchBlobRows, [hashes]);
}

const markLostRow = statement<object>(
  "write",
  "mark-blob-lost",
  "update blobs set lost_at = now() where sha256 = $1 and lost_at is null returning sha256",
);

/** Marks a content as lost. False when it is marked already. */
export async function markLost(queries: Queries, hash: Buffer): Promise<boolean> {
  return (await queries.one(markLostRow, [hash])) !== undefined;
}

const lockUnusedRows = statement<{ sha256: Buffer }>(
  "pool",
  "lock-unused-blobs",
  `select sha256 from blobs b
    where touched_at < now() - interval '1 hour' and not exists (select from file_contents c where c.sha256 = b.sha256)
    order by touched_at
    limit $1
      for update skip locked`,
);

/** Locks at most `limit` contents that no file has had for an hour. An upload of one of them waits. */
export async function lockUnused(queries: Queries, limit: number): Promise<Buffer[]> {
  return (await queries.many(lockUnusedRows, [limit])).map(({ sha256 }) => sha256);
}

const deleteBlobRows = statement<object>("pool", "delete-blobs", "delete from blobs where sha256 = any($1::bytea[])");

/** Deletes the rows of locked contents, whose bytes are removed. */
export async function deleteBlobs(queries: Queries, hashes: readonly Buffer[]): Promise<void> {
  await queries.many(deleteBlobRows, [hashes]);
}

const deleteUnclaimedRows = statement<{ id: number }>(
  "pool",
  "sweep-unclaimed-files",
  `with doomed as (
     select id from files
      where claimed_at is null and created_at < now() - interval '24 hours'
      order by created_at
      limit $1
        for update skip locked
   ), touched as (
     update blobs set touched_at = now()
      where sha256 = any (array(select c.sha256 from file_contents c where c.file_id = any (array(select id from doomed))))
   )
   delete from files where id = any (array(select id from doomed))
   returning id`,
);

/** Deletes at most `limit` files that nobody has used for a day. Returns how many. */
export async function deleteUnclaimed(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(deleteUnclaimedRows, [limit])).length;
}
