// The SQL of the process that works on an import: it has a lease, and what it writes takes effect while that is its own.
import type { ImportError, ImportMode, ImportState } from "../gen/lyceum/v1/import.js";
import type { Role } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

/** An import that a process has begun, or goes on with. */
export interface LeasedImport {
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
  /** How often a process has begun with it without a step done since, this time included. */
  readonly attempts: number;
}

/** How long a lease lasts that is not renewed, in seconds. A process that was killed holds an import for so long. */
const leaseSeconds = 6;

const until = `now() + interval '${leaseSeconds} seconds'`;

const takeImportRow = statement<LeasedImport>(
  "pool",
  "take-import",
  // One import of a person at a time, so that nobody keeps others from theirs.
  `update imports
      set state = 'IMPORT_STATE_RUNNING', leased_by = $1, leased_until = ${until}, attempts = attempts + 1
    where id = (select i.id from imports i
                 where i.ended_at is null and (i.leased_until is null or i.leased_until < now())
                   and not exists (select from imports other
                                    where other.user_id = i.user_id and other.ended_at is null and other.leased_until >= now())
                 order by i.id limit 1 for update skip locked)
   returning id, user_id, means, address, request_id, dry_run, mode, csv, rows_total, rows_done,
             checked_at is not null as is_checked, attempts`,
);

/** Takes the oldest import that nobody works on, for the holder of a lease; undefined when there is none. */
export async function takeImport(queries: Queries, holder: string): Promise<LeasedImport | undefined> {
  return queries.one(takeImportRow, [holder]);
}

const renewLeaseRow = statement<{ id: number }>(
  "write",
  "renew-import-lease",
  `update imports set leased_until = ${until} where id = $1 and leased_by = $2 and ended_at is null returning id`,
);

/** Prolongs a lease; false when it is lost, or the import has ended. */
export async function renewLease(queries: Queries, id: number, holder: string): Promise<boolean> {
  return (await queries.one(renewLeaseRow, [id, holder])) !== undefined;
}

const releaseLeaseRow = statement<object>(
  "pool",
  "release-import-lease",
  "update imports set leased_by = null, leased_until = null, attempts = attempts - $3 where id = $1 and leased_by = $2",
);

/** Gives a lease back, so that another process goes on at once. The attempt counts only when it has failed. */
export async function releaseLease(queries: Queries, id: number, holder: string, hasFailed: boolean): Promise<void> {
  await queries.one(releaseLeaseRow, [id, holder, hasFailed ? 0 : 1]);
}

const lockImportRow = statement<{ id: number }>(
  "pool",
  "lock-leased-import",
  "select id from imports where id = $1 and leased_by = $2 and ended_at is null for update",
);

/** Locks an import until the transaction ends; false when the lease is lost, or the import has ended. */
export async function lockLeased(queries: Queries, id: number, holder: string): Promise<boolean> {
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
          leased_until = ${until}, attempts = 1
    where id = $1`,
);

/** Records what a step has done, and prolongs the lease. The import is locked. */
export async function updateProgress(queries: Queries, id: number, progress: Progress): Promise<void> {
  await queries.one(updateProgressRow, [id, progress.rowsDone, progress.created, progress.refused]);
}

const endImportRow = statement<{ rows_created: number; rows_refused: number }>(
  "pool",
  "end-import",
  `update imports set state = $2, ended_at = now(), csv = null, leased_by = null, leased_until = null where id = $1
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
