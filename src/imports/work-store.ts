// The SQL of the work on an import: a run of its job takes it, and what it writes takes effect while no later run has.
import type { ImportError, ImportMode, ImportState } from "../gen/lyceum/v1/import.js";
import type { Role } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

/** An import that a run of its job has begun, or goes on with. */
export interface TakenImport {
  readonly id: number;
  readonly user_id: number;
  readonly means: "bearer" | "cookie" | "api_key";
  readonly address: string;
  readonly request_id: string;
  readonly dry_run: boolean;
  readonly mode: ImportMode;
  readonly csv: Buffer;
  readonly rows_total: number;
  readonly rows_done: number;
  readonly is_checked: boolean;
  /** How often a run has begun with it without a step done since, this time included. */
  readonly attempts: number;
}

const takeImportRow = statement<TakenImport>(
  "pool",
  "take-import",
  `update imports set state = 'IMPORT_STATE_RUNNING', leased_by = $2, attempts = attempts + 1
    where id = $1 and ended_at is null
   returning id, user_id, means, address, request_id, dry_run, mode, csv, rows_total, rows_done,
             checked_at is not null as is_checked, attempts`,
);

/** Takes an import for a holder, from whoever has it: their next step fails. Undefined when it has ended. */
export async function takeImport(queries: Queries, id: number, holder: string): Promise<TakenImport | undefined> {
  return queries.one(takeImportRow, [id, holder]);
}

const findHeldRow = statement<{ id: number }>(
  "read",
  "find-held-import",
  "select id from imports where id = $1 and leased_by = $2 and ended_at is null",
);

/** Whether the holder has the import still, and it has not ended. */
export async function isHeld(queries: Queries, id: number, holder: string): Promise<boolean> {
  return (await queries.one(findHeldRow, [id, holder])) !== undefined;
}

const releaseImportRow = statement<object>(
  "write",
  "release-import",
  "update imports set leased_by = null, attempts = attempts - 1 where id = $1 and leased_by = $2 and ended_at is null",
);

/** Records that a holder was stopped: that it has begun does not count. */
export async function releaseImport(queries: Queries, id: number, holder: string): Promise<void> {
  await queries.one(releaseImportRow, [id, holder]);
}

const lockImportRow = statement<{ id: number }>(
  "pool",
  "lock-held-import",
  "select id from imports where id = $1 and leased_by = $2 and ended_at is null for update",
);

/** Locks an import until the transaction ends; false when another has taken it, or it has ended. */
export async function lockHeld(queries: Queries, id: number, holder: string): Promise<boolean> {
  return (await queries.one(lockImportRow, [id, holder])) !== undefined;
}

/** What a step has done. */
export interface Progress {
  /** The rows that are made or refused by now, those of earlier steps included. */
  readonly rowsDone: number;
  readonly created: number;
  /** Rows that were found bad in this step. */
  readonly refused: number;
}

const updateProgressRow = statement<object>(
  "pool",
  "update-import-progress",
  `update imports
      set rows_done = $2, rows_created = rows_created + $3, rows_refused = rows_refused + $4, checked_at = coalesce(checked_at, now()),
          attempts = 1
    where id = $1`,
);

/** Records what a step has done. The import is locked. */
export async function updateProgress(queries: Queries, id: number, progress: Progress): Promise<void> {
  await queries.one(updateProgressRow, [id, progress.rowsDone, progress.created, progress.refused]);
}

const endImportRow = statement<{ rows_created: number; rows_refused: number }>(
  "pool",
  "end-import",
  `update imports set state = $2, ended_at = now(), csv = null, leased_by = null where id = $1
   returning rows_created, rows_refused`,
);

/** Ends an import, which is locked, and deletes its file; returns what came of it. */
export async function updateEnded(
  queries: Queries,
  id: number,
  state: ImportState,
): Promise<{ readonly rows_created: number; readonly rows_refused: number }> {
  return (await queries.one(endImportRow, [id, state]))!;
}

const insertErrorRows = statement<object>(
  "pool",
  "insert-import-errors",
  `insert into import_errors (import_id, line, "column", rule, message)
   select $1, * from unnest($2::integer[], $3::text[], $4::text[], $5::text[])`,
);

/** How many rows one statement takes. */
const batch = 1_000;

/** Inserts what is wrong with a file. */
export async function insertErrors(queries: Queries, id: number, errors: readonly ImportError[]): Promise<void> {
  for (let at = 0; at < errors.length; at += batch) {
    const some = errors.slice(at, at + batch);
    const lists = [
      some.map((e) => e.line),
      some.map((e) => e.column),
      some.map((e) => e.rule),
      some.map((e) => e.message),
    ];
    await queries.one(insertErrorRows, [id, ...lists]);
  }
}

const badLineRows = statement<{ line: number }>(
  "pool",
  "list-bad-lines",
  "select distinct line from import_errors where import_id = $1",
);

/** The lines with an error. */
export async function listBadLines(queries: Queries, id: number): Promise<number[]> {
  return (await queries.many(badLineRows, [id])).map(({ line }) => line);
}

const insertImportedRows = statement<object>(
  "pool",
  "insert-imported-users",
  "insert into imported_users (import_id, user_id) select $1, unnest($2::bigint[])",
);

/** Records whom an import has made. */
export async function insertImported(queries: Queries, id: number, userIds: readonly number[]): Promise<void> {
  if (userIds.length > 0) await queries.one(insertImportedRows, [id, userIds]);
}

const findRoleRow = statement<{ role: Role }>(
  "read",
  "find-importer-role",
  "select role from users where id = $1 and deleted_at is null and suspended_at is null",
);

/** The role of a person at this moment; undefined when they are suspended, or their account has ended. */
export async function findRole(queries: Queries, userId: number): Promise<Role | undefined> {
  return (await queries.one(findRoleRow, [userId]))?.role;
}

const groupRows = statement<{ id: number; name: string }>(
  "read",
  "find-groups-by-name",
  "select id, lower(name) as name from groups where lower(name) = any ($1::text[]) order by id",
);

/** The ids of groups by their names in lower case, in the order of ids: that of locks. */
export async function findGroups(queries: Queries, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = names.length > 0 ? await queries.many(groupRows, [names]) : [];
  return new Map(rows.map(({ id, name }) => [name, id]));
}
