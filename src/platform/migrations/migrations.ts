// The schema's way up and down, by Knex, from the files of a folder. On connections of its own, since a migration may
// take longer than any query of the server. Knows no table but those in which Knex keeps its books.
import { fileURLToPath } from "node:url";
import knexLibrary, { type Knex } from "knex";
import { type Direction, type MigrationSource, listMigrations, migrationSource } from "./migration-source.js";
import { OperatorError } from "../operator-error.js";

export { makeMigration } from "./migration-source.js";

/** Ours: `migrations/` beside `src/`, and the same in what is built. */
export const migrationsDirectory = fileURLToPath(new URL("../../../migrations/", import.meta.url));

/** A migration begins (`durationMs` is undefined), or is done; `waiting`: another process migrates this database. */
export type MigrationProgress =
  "waiting" | { readonly name: string; readonly direction: Direction; readonly durationMs: number | undefined };

interface MigrationStatus {
  readonly name: string;
  /** `unknown`: the database has had it, and there is no such file. */
  readonly state: "done" | "pending" | "unknown";
}

/** The database's schema, as this version sees it. `unknown`: it has migrations that this version does not have. */
export type SchemaState = "current" | "behind" | "unknown";

export interface MigrationsOptions {
  /** Of the database. */
  readonly url: string;
  /** `migrationsDirectory` by default. */
  readonly directory?: string;
  readonly progress?: (progress: MigrationProgress) => void;
}

/** The first three answer the names of the migrations that they ran, in that order. */
export interface Migrations {
  /** Runs what is pending, in one transaction: all of it or nothing. */
  latest(): Promise<string[]>;
  /** Takes back what the last `latest` or `to` has done, one transaction for each; everything with `all`. */
  rollback(options?: { readonly all?: boolean }): Promise<string[]>;
  /** Goes up or down until that migration is the last that is done. The start of its name will do, if no other has it. */
  to(name: string): Promise<string[]>;
  /** All migrations, by name. Changes nothing. */
  status(): Promise<MigrationStatus[]>;
}

/**
 * The migrations of a database. One process at a time runs them, the others wait. Fails with an OperatorError when a
 * migration fails, which it names and of which nothing is left, or when the database has some that the folder has not.
 */
export function migrations({ url, directory = migrationsDirectory, progress }: MigrationsOptions): Migrations {
  const run = async (work: (run: Run) => Promise<unknown>): Promise<string[]> => {
    const source = migrationSource(directory, (step) => progress?.(step));
    const runAlone = async (knex: Knex): Promise<void> => {
      const status = await readStatus(knex, directory);
      refuseUnknown(status);
      // Whoever held Knex's own lock is gone: we are alone.
      await knex.migrate.forceFreeMigrationsLock({});
      await work({ knex, source, done: status.filter(({ state }) => state === "done").map(({ name }) => name) });
    };
    await withKnex(url, (knex) => alone(knex, progress, () => runAlone(knex)));
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
  /** What the database has had, by name. */
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
  const trouble = name === undefined ? "There is no migration" : "There is more than one migration that begins with";
  throw new OperatorError(`${trouble} "${wanted}": "migrate status" lists their names.`);
}

async function goDown({ knex, source }: Run, names: readonly string[]): Promise<void> {
  for (const name of names.toSorted().toReversed()) await knex.migrate.down({ migrationSource: source, name });
}

async function lastBatch(knex: Knex): Promise<string[]> {
  if (!(await hasBooks(knex))) return [];
  return knex.from("knex_migrations").where("batch", knex.from("knex_migrations").max("batch")).pluck("name");
}

async function readStatus(knex: Knex, directory: string): Promise<MigrationStatus[]> {
  const files = await listMigrations(directory);
  const had: string[] = (await hasBooks(knex)) ? await knex.from("knex_migrations").pluck("name") : [];
  return [...new Set([...files, ...had])].toSorted().map((name) => ({
    name,
    state: !files.includes(name) ? "unknown" : had.includes(name) ? "done" : "pending",
  }));
}

async function hasBooks(knex: Knex): Promise<boolean> {
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

// "Lyceum" in ASCII: a number that no other program locks in this database.
const lockKey = 0x4c79_6365_756d;

// Knex's own lock is a row, which stays when its process is killed. This one goes with the connection.
async function alone(knex: Knex, progress: MigrationsOptions["progress"], work: () => Promise<void>): Promise<void> {
  await knex.transaction(async (lock) => {
    type Answer = { rows: { locked: boolean }[] };
    const { rows } = await lock.raw<Answer>("select pg_try_advisory_xact_lock(?) as locked", [lockKey]);
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
    // One holds the lock, another does the work.
    pool: { min: 0, max: 2, afterCreate: endTimeouts },
    // What Knex would warn about is in the error that it throws.
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

// The timeouts of a server or a role are meant for queries.
function endTimeouts(connection: RawConnection, done: (error?: Error, connection?: RawConnection) => void): void {
  const sql = "set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0";
  connection.query(sql, (error) => done(error, connection));
}
