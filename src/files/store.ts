// The SQL of files: their rows, and who may see them.
import type { File, FilePurpose } from "../gen/lyceum/v1/file.js";
import type { Role } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

const columns = `f.id, f.name, f.media_type, f.purpose, f.created_at, f.claimed_at`;

/** Whether user $2 with role $3 may see file `f`. */
const isVisible = `
  case when f.claimed_at is null then f.owner_id = $2
       when f.purpose = 'FILE_PURPOSE_AVATAR' then true
       when f.purpose = 'FILE_PURPOSE_ATTACHMENT' then exists (
         select from message_attachments a
           join chat_members m on m.chat_id = a.chat_id and m.user_id = $2
          where a.file_id = f.id)
       else f.owner_id = $2 or $3 in ('ROLE_TEACHER', 'ROLE_SUPER_ADMIN')
  end`;

/** Somebody who wants to see a file. */
export interface Viewer {
  readonly id: number;
  readonly role: Role;
}

const findFileRow = statement<File>(
  "read",
  "find-file",
  `select ${columns}, c.size, encode(c.sha256, 'hex') as sha256
     from files f
    cross join lateral (select size, sha256 from file_contents where file_id = f.id order by side desc limit 1) c
    where f.id = $1 and ${isVisible}`,
);

/** A file that the viewer may see; undefined for every other. */
export async function findFile(queries: Queries, id: number, viewer: Viewer): Promise<File | undefined> {
  return queries.one(findFileRow, [id, viewer.id, viewer.role]);
}

/** The content of a file. */
export interface StoredContent {
  readonly file_id: number;
  readonly name: string;
  readonly media_type: string;
  readonly size: number;
  readonly sha256: Buffer;
}

const contentOf = (condition: string): string =>
  `select f.id as file_id, f.name, f.media_type, c.size, c.sha256
     from files f
     join file_contents c on c.file_id = f.id
    where ${condition}`;

const findVisibleContentRow = statement<StoredContent>(
  "read",
  "find-visible-content",
  // The size that is asked for, else the largest.
  `${contentOf(`f.id = $1 and ${isVisible}`)} order by (c.side = $4) desc, c.side desc limit 1`,
);

/** The content of a file that the viewer may see, in a size if it has several; undefined for every other file. */
export async function findVisibleContent(
  queries: Queries,
  id: number,
  viewer: Viewer,
  side: number,
): Promise<StoredContent | undefined> {
  return queries.one(findVisibleContentRow, [id, viewer.id, viewer.role, side]);
}

const findContentRow = statement<StoredContent>(
  "read",
  "find-content",
  `${contentOf("f.id = $1")} order by (c.side = $2) desc, c.side desc limit 1`,
);

/** The content of any file: for who has a link to it. */
export async function findContent(queries: Queries, id: number, side: number): Promise<StoredContent | undefined> {
  return queries.one(findContentRow, [id, side]);
}

/** One of the contents of a new file. */
export interface NewContent {
  readonly side: number;
  readonly size: number;
  readonly sha256: Buffer;
}

export interface NewFile {
  readonly owner_id: number;
  readonly purpose: FilePurpose;
  readonly name: string;
  readonly media_type: string;
  readonly contents: readonly NewContent[];
}

const insertFileRow = statement<File>(
  "pool",
  "insert-file",
  `with f as (
     insert into files (owner_id, purpose, name, media_type) values ($1, $2, $3, $4)
     returning *
   ), c as (
     insert into file_contents (file_id, side, size, sha256)
     select f.id, n.side, n.size, n.sha256 from f, unnest($5::integer[], $6::bigint[], $7::bytea[]) n (side, size, sha256)
     returning *
   )
   select ${columns}, c.size, encode(c.sha256, 'hex') as sha256 from f, c order by c.side desc limit 1`,
);

/** Inserts a file whose contents are in the store. */
export async function insertFile(
  queries: Queries,
  { owner_id, purpose, name, media_type, contents }: NewFile,
): Promise<File> {
  const sides = contents.map(({ side }) => side);
  const sizes = contents.map(({ size }) => size);
  const hashes = contents.map(({ sha256 }) => sha256);
  return (await queries.one(insertFileRow, [owner_id, purpose, name, media_type, sides, sizes, hashes]))!;
}

const lockOwnFileRow = statement<{ is_claimed: boolean }>(
  "pool",
  "lock-own-file",
  "select claimed_at is not null as is_claimed from files where id = $1 and owner_id = $2 for update",
);

/** Locks a file of its owner, and says whether something uses it; undefined for a file of another. */
export async function lockOwnFile(queries: Queries, id: number, ownerId: number): Promise<boolean | undefined> {
  return (await queries.one(lockOwnFileRow, [id, ownerId]))?.is_claimed;
}
