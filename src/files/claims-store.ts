// The SQL of claims: which files are in use.
import type { File, FilePurpose } from "../gen/lyceum/v1/file.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

const claimFileRows = statement<File>(
  "pool",
  "claim-files",
  // Locked in the order of ids, so that two claims of the same files cannot deadlock. A row that another claim held is looked at
  // again when it is free, and is then claimed already.
  `with free as (
     select id from files
      where id = any($1::bigint[]) and owner_id = $2 and purpose = $3 and claimed_at is null
      order by id
        for update
   )
   update files f set claimed_at = now()
     from free, lateral (select sha256, size from file_contents where file_id = free.id order by side desc limit 1) c
    where f.id = free.id
   returning f.id, f.name, f.media_type, c.size, encode(c.sha256, 'hex') as sha256, f.purpose, f.created_at, f.claimed_at`,
);

/** Claims those of the files that are the owner's, of the purpose, and unclaimed. Returns them, in any order. */
export async function claimFree(
  queries: Queries,
  fileIds: readonly number[],
  ownerId: number,
  purpose: FilePurpose,
): Promise<File[]> {
  return queries.many(claimFileRows, [fileIds, ownerId, purpose]);
}

const deleteFileRows = statement<{ id: number }>(
  "pool",
  "delete-files",
  // What has no file any more is swept some time after it was touched. Contents are locked in an order, as files are: files of many
  // people share them.
  `with doomed as (
     select id from files where id = any($1::bigint[]) order by id for update
   ), shared as (
     select sha256 from blobs
      where sha256 = any (array(select c.sha256 from file_contents c where c.file_id = any (array(select id from doomed))))
      order by sha256
        for no key update
   ), touched as (
     update blobs b set touched_at = now() from shared where b.sha256 = shared.sha256
   )
   delete from files where id = any (array(select id from doomed))
   returning id`,
);

/** Deletes files, claimed or not. Their contents are swept later. */
export async function deleteFiles(queries: Queries, fileIds: readonly number[]): Promise<void> {
  await queries.many(deleteFileRows, [fileIds]);
}

const findAvatarRow = statement<{ avatar_file_id?: number }>(
  "pool",
  "find-avatar-file",
  "select avatar_file_id from users where id = $1",
);

/** The file of the avatar of a user, who is locked; undefined without one. */
export async function findAvatar(queries: Queries, userId: number): Promise<number | undefined> {
  return (await queries.one(findAvatarRow, [userId]))?.avatar_file_id;
}

const listOwnRows = statement<{ id: number }>(
  "pool",
  "list-own-files",
  `select id from files
    where owner_id = $1 and (claimed_at is null or purpose in ('FILE_PURPOSE_AVATAR', 'FILE_PURPOSE_DIPLOMA'))
    order by id`,
);

/** The ids of the files of a person that are theirs alone: those that nothing uses, their avatar and their diplomas. */
export async function listOwn(queries: Queries, ownerId: number): Promise<number[]> {
  return (await queries.many(listOwnRows, [ownerId])).map(({ id }) => id);
}
