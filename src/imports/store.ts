// The SQL of imports as people see them: begin, find, list and cancel them, find the next one and the file of one.
import type { Caller } from "../call.js";
import type { FilePurpose } from "../gen/lyceum/v1/file.js";
import type { ImportError, ImportMode, UserImport } from "../gen/lyceum/v1/import.js";
import type { AuditedCall } from "../platform/audit/audit.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import type { KeysetPage } from "../platform/page.js";

const columns = `i.id, i.user_id, i.state, i.dry_run, i.mode, i.rows_total, i.rows_done, i.rows_created, i.rows_refused, i.created_at,
  i.ended_at`;

const firstErrors = `(select coalesce(json_agg(e), '[]') from (
     select line, "column", rule, message from import_errors where import_id = i.id order by line, id limit 100) e) as errors`;

/** SQL for whether the user $1 with the role $2 may see an import. */
const isSeen = "(i.user_id = $1 or $2 = 'ROLE_SUPER_ADMIN')";

/** An import that is not inserted yet. */
export interface NewImport {
  readonly dry_run: boolean;
  readonly mode: ImportMode;
  readonly rows_total: number;
  /** Encrypted. */
  readonly csv: Buffer;
}

const insertImportRow = statement<UserImport>(
  "pool",
  "insert-import",
  `with made as (
     insert into imports (user_id, means, address, request_id, dry_run, mode, rows_total, csv)
     select $1, $2, $3, $4, $5, $6, $7, $8
      where (select count(*) from imports where user_id = $1 and ended_at is null) < $9
     returning *
   )
   select ${columns}, json_build_array() as errors from made i`,
);

/** Inserts an import of a person, who is locked. Undefined when `mostOpen` of theirs have not ended. */
export async function insertImport(
  queries: Queries,
  call: AuditedCall,
  draft: NewImport,
  mostOpen: number,
): Promise<UserImport | undefined> {
  const { user, client, requestId } = call;
  const { dry_run, mode, rows_total, csv } = draft;
  const values = [user.id, user.means, client.address, requestId, dry_run, mode, rows_total, csv, mostOpen];
  return queries.one(insertImportRow, values);
}

const findImportRow = statement<UserImport>(
  "read",
  "find-import",
  `select ${columns}, ${firstErrors} from imports i where i.id = $3 and ${isSeen}`,
);

/** An import with its first errors; undefined when the viewer does not see it. */
export async function findImport(queries: Queries, viewer: Caller, id: number): Promise<UserImport | undefined> {
  return queries.one(findImportRow, [viewer.id, viewer.role, id]);
}

const listImportRows = statement<UserImport>(
  "read",
  "list-imports",
  `select ${columns}, json_build_array() as errors
     from imports i
    where ${isSeen} and ($3::bigint is null or i.id < $3)
    order by i.id desc limit $4 offset $5`,
);

/** The imports that the viewer sees, the latest first. `page.after` is an id. */
export async function listImports(
  queries: Queries,
  viewer: Caller,
  { after, limit, skip }: KeysetPage,
): Promise<UserImport[]> {
  return queries.many(listImportRows, [viewer.id, viewer.role, after?.[0], limit, skip]);
}

const listErrorRows = statement<ImportError & { readonly id: number }>(
  "read",
  "list-import-errors",
  `select id, line, "column", rule, message
     from import_errors
    where import_id = $1 and (line, id) > ($2, $3)
    order by line, id limit $4 offset $5`,
);

/** What is wrong with the file of an import, in the order of its lines. `page.after` is a line and an id. */
export async function listErrors(
  queries: Queries,
  importId: number,
  { after = [0, 0], limit, skip }: KeysetPage,
): Promise<(ImportError & { readonly id: number })[]> {
  return queries.many(listErrorRows, [importId, ...after, limit, skip]);
}

const cancelImportRow = statement<{ user_id: number }>(
  "pool",
  "cancel-import",
  `update imports i set state = 'IMPORT_STATE_CANCELLED', ended_at = now(), csv = null, leased_by = null
    where i.id = $3 and ${isSeen} and i.ended_at is null returning i.user_id`,
);

/** Ends an import that has not ended, and returns whose it was; undefined when there is none that the viewer sees. */
export async function cancelImport(queries: Queries, viewer: Caller, id: number): Promise<number | undefined> {
  return (await queries.one(cancelImportRow, [viewer.id, viewer.role, id]))?.user_id;
}

const cancelImportRows = statement<object>(
  "pool",
  "cancel-imports-of-user",
  `update imports set state = 'IMPORT_STATE_CANCELLED', ended_at = now(), csv = null, leased_by = null
    where user_id = $1 and ended_at is null`,
);

/** Ends the imports of a user that have not ended. */
export async function cancelImportsOf(queries: Queries, userId: number): Promise<void> {
  await queries.many(cancelImportRows, [userId]);
}

/** An import of a person. */
export interface OpenImport {
  readonly id: number;
  readonly user_id: number;
}

const listNextRows = statement<OpenImport>(
  "pool",
  "list-next-imports",
  `select distinct on (user_id) id, user_id
     from imports
    where ended_at is null and ($1::bigint is null or user_id = $1)
    order by user_id, id`,
);

/** Of each person, or of one, the oldest import that has not ended: the one that is worked on, or is next. */
export async function listNext(queries: Queries, userId?: number): Promise<OpenImport[]> {
  return queries.many(listNextRows, [userId]);
}

const deleteImportRows = statement<{ id: number }>(
  "pool",
  "delete-ended-imports",
  `delete from imports
    where id = any (array(select id from imports where ended_at < now() - interval '14 days' limit $1 for update skip locked))
   returning id`,
);

/** Deletes up to `limit` imports that ended two weeks ago; returns how many. */
export async function deleteEndedImports(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(deleteImportRows, [limit])).length;
}

/** An uploaded file, and what its owner meant it for. */
export interface UploadedFile {
  readonly file_id: number;
  readonly name: string;
  readonly media_type: string;
  readonly size: number;
  readonly sha256: Buffer;
  readonly purpose: FilePurpose;
  readonly is_claimed: boolean;
}

const findUploadedRow = statement<UploadedFile>(
  "read",
  "find-uploaded-file",
  `select f.id as file_id, f.name, f.media_type, c.size, c.sha256, f.purpose, f.claimed_at is not null as is_claimed
     from files f join file_contents c on c.file_id = f.id
    where f.id = $1 and f.owner_id = $2
    order by c.side desc limit 1`,
);

/** A file of its owner; undefined for another's. */
export async function findUploaded(queries: Queries, id: number, ownerId: number): Promise<UploadedFile | undefined> {
  return queries.one(findUploadedRow, [id, ownerId]);
}
