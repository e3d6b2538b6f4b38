// Migrations up and down, by Knex, from the files of a folder, on connections of its own, since a migration may take longer
// than any query of the server. It knows no table but those of Knex's records.
import { fileURLToPath } from "node:url";
import knexLibrary, { type Knex } from "knex";
import { type Direction, type MigrationSource, listMigrations, migrationSource } from "./migration-source.js";
import { OperatorError } from "../operator-error.js";

export { makeMigration } from "./migration-source.js";

/** The project's: `migrations/` beside `src/`, and the same in the compiled files. */
export const migrationsDirectory = fileURLToPath(new URL("../../../migrations/", import.meta.url));

/** A migration begins (`durationMs` is undefined) or has ended. `waiting`: another process migrates this database. */
export type MigrationProgress =
  | "waiting"
  | { readonly name: string; readonly direction: Direction; readonly durationMs: number | undefined };

interface MigrationStatus {
  readonly name: string;
  /** `unknown`: it has been applied, and its file does not exist. */
  readonly state: "done" | "pending" | "unknown";
}

/** The schema in comparison with this version. `unknown`: it has migrations that this version does not have. */
export type SchemaState = "current" | "behind" | "unknown";

export interface MigrationsOptions {
  /** Of the database. */
  readonly url: string;
  /** `migrationsDirectory` by default. */
  readonly directory?: string;
  readonly progress?: (progress: MigrationProgress) => void;
}

/** The first three resolve with the names of the migrations that have run, in that order. */
export interface Migrations {
  /** Runs the pending migrations, in one transaction: all or none. */
  latest(): Promise<string[]>;
  /** Reverts the migrations of the last `latest` or `to`, or all with `all`, one transaction for each. */
  rollback(options?: { readonly all?: boolean }): Promise<string[]>;
  /** Migrates up or down until that migration is the last applied one. A unique beginning of its name is sufficient. */
  to(name: string): Promise<string[]>;
  /** All migrations, by name. Changes nothing. */
  status(): Promise<MigrationStatus[]>;
}

/**
 * The migrations of a database. One process at a time runs them; others wait. Fails with an OperatorError when a migration
 * fails, which has no effect then and is named, and when the database has migrations that the folder does not have.
 */
export function migrations({ url, directory = migrationsDirectory, progress }: MigrationsOptions): Migrations {
  const run = async (work: (run: Run) => Promise<unknown>): Promise<string[]> => {
    const source = migrationSource(directory, (step) => progress?.(step));
    const runLocked = async (knex: Knex): Promise<void> => {
      const status = await readStatus(knex, directory);
      refuseUnknown(status);
      // This process has the advisory lock: the holder of Knex's own lock has ended.
      await knex.migrate.forceFreeMigrationsLock({});
      await work({ knex, source, done: status.filter(({ state }) => state === "done").map(({ name }) => name) });
    };
    await withKnex(url, (knex) => withLock(knex, progress, () => runLocked(knex)));
    return source.finished;
  };
  return {
    latest: () => run(({ knex, source }) => knex.migrate.latest({ migrationSource: source })),
    rollback: ({ all = false } = {}) => run(async (run) => goDown(run, all ? run.done : await lastBatch(run.knex))),
    to: (name) => run((run) => goTo(run, name)),
    status: () => withKnex(url, (knex) => readStatus(knex, directory)),
  };
}

/** Compares a database with the files of a folder. Changes nothing. */
export async function schemaState(knex: Knex, directory = migrationsDirectory): Promise<SchemaState> {
  const status = await readStatus(knex, directory);
  if (status.some(({ state }) => state === "unknown")) return "unknown";
  return status.some(({ state }) => state === "pending") ? "behind" : "current";
}

interface Run {
  readonly knex: Knex;
  readonly source: MigrationSource;
  /** The names of the applied migrations. */
  readonly done: readonly string[];
}

async function goTo(run: Run, wanted: string): Promise<void> {
  const name = pick(await run.source.getMigrations(), wanted);
  await goDown(
    run,
    run.done.filter((each) => each > name),
  );
  await run.knex.migrate.to({ migrationSource: run.source, name });
}

function pick(all: readonly string[], wanted: string): string {
  const exact = all.find((name) => name === wanted.replace(/\.(ts|js)$/, ""));
  const [name, another] = exact === undefined ? all.filter((each) => each.startsWith(wanted)) : [exact];
  if (name !== undefined && another === undefined) return name;
  const fault = name === undefined ? "There is no migration" : "There is more than one migration that begins with";
  throw new OperatorError(`${fault} "${wanted}": "migrate status" lists their names.`);
}

async function goDown({ knex, source }: Run, names: readonly string[]): Promise<void> {
  for (const name of names.toSorted().toReversed()) await knex.migrate.down({ migrationSource: source, name });
}

async function lastBatch(knex: Knex): Promise<string[]> {
  if (!(await hasRecords(knex))) return [];
  return knex.from("knex_migrations").where("batch", knex.from("knex_migrations").max("batch")).pluck("name");
}

async function readStatus(knex: Knex, directory: string): Promise<MigrationStatus[]> {
  const files = await listMigrations(directory);
  const applied: string[] = (await hasRecords(knex)) ? await knex.from("knex_migrations").pluck("name") : [];
  return [...new Set([...files, ...applied])].toSorted().map((name) => ({
    name,
    state: !files.includes(name) ? "unknown" : applied.includes(name) ? "done" : "pending",
  }));
}

async function hasRecords(knex: Knex): Promise<boolean> {
  return knex.schema.hasTable("knex_migrations");
}

function refuseUnknown(status: readonly MigrationStatus[]): void {
  const unknown = status.filter(({ state }) => state === "unknown").map(({ name }) => name);
  if (unknown.length === 0) return;
  throw new OperatorError(
    `The database has migrations that this version does not know (${unknown.join(", ")}): ` +
      "use the version that made them, or take them back with that version first.",
  );
}

/** The advisory lock: "Lyceum" in ASCII, a number that no other program uses in this database. */
const lockKey = 0x4c79_6365_756d;

/** Knex's own lock is a row, which remains when its process is killed. This one ends with the connection. */
async function withLock(knex: Knex, progress: MigrationsOptions["progress"], work: () => Promise<void>): Promise<void> {
  await knex.transaction(async (lock) => {
    type Result = { rows: { locked: boolean }[] };
    const { rows } = await lock.raw<Result>("select pg_try_advisory_xact_lock(?) as locked", [lockKey]);
    if (rows[0]?.locked !== true) {
      progress?.("waiting");
      await lock.raw("select pg_advisory_xact_lock(?)", [lockKey]);
    }
    await work();
  });
}

async function withKnex<T>(url: string, work: (knex: Knex) => Promise<T>): Promise<T> {
  const knex = knexLibrary({
    client: "pg",
    connection: { connectionString: url, application_name: "lyceum migrate", connectionTimeoutMillis: 5_000 },
    // One connection holds the lock, another runs the migrations.
    pool: { min: 0, max: 2, afterCreate: endTimeouts },
    // The errors that Knex throws contain its warnings.
    log: { warn: () => undefined, error: () => undefined, debug: () => undefined, deprecate: () => undefined },
  });
  try {
    return await work(knex);
  } finally {
    await knex.destroy();
  }
}

/** The member of Knex's raw connection that is used here. */
interface RawConnection {
  query(sql: string, done: (error: Error | undefined) => void): void;
}

/** The timeouts of a server or a role are meant for queries. */
function endTimeouts(connection: RawConnection, done: (error?: Error, connection?: RawConnection) => void): void {
  const sql = "set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0";
  connection.query(sql, (error) => done(error, connection));
}
