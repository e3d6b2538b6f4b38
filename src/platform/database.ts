// The one door to Postgres: named statements, transactions, and a plain 503 when the database is away.
// It knows no table.
import knexLibrary, { type Knex } from "knex";
import pg from "pg";
import type { Logger } from "pino";
import type { Statement } from "./statement.js";

export { isForeignKeyViolation, isUniqueViolation } from "./database-errors.js";

/**
 * Runs statements. A column of the row is a property of the same name, and SQL null is an absent one (undefined).
 * bigint is a number (beyond 2^53 - 1 it throws), timestamptz "2026-11-23T12:00:00.000Z", date "2026-11-23", jsonb what
 * was stored. Fails with DATABASE_UNAVAILABLE (503) within three seconds while Postgres is away, stalled or busy;
 * whatever else Postgres says is passed on with its `code` and `constraint`.
 */
export interface Queries {
  /** The first row, or undefined. */
  one<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<Row | undefined>;
  /** All rows, in the order of the query. */
  many<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<Row[]>;
}

export interface TransactionOptions {
  /** How long one statement and the whole may take, instead of the lanes' two seconds. For long deletes. */
  readonly timeoutMs?: number;
}

export interface Database extends Queries {
  /**
   * All of `work` or nothing; its statements run on one connection whatever their lane. Tried again from the start, up
   * to three times, after a deadlock or a serialization failure, so `work` has no effect beside its statements.
   */
  transaction<T>(work: (queries: Queries) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** The same database, whose lines carry the log's bindings. */
  with(log: Logger): Database;
}

/** Ends a subscription. */
export interface Listener {
  close(): Promise<void>;
}

export interface DatabaseServer {
  readonly database: Database;
  /** For migrations: same server, its own builder, the pool that transactions use. */
  readonly knex: Knex;
  /** How many milliseconds the server takes to answer; fails with DATABASE_UNAVAILABLE within two seconds. */
  ping(): Promise<number>;
  /**
   * Hears what is told to a channel (`select pg_notify(channel, payload)`), until closed. After the connection was lost and found
   * again `onReconnect` is called: what was told in between is gone, so load anew.
   */
  listen(channel: string, handler: (payload: string) => void, onReconnect?: () => void): Promise<Listener>;
  /** Lets what runs finish, then closes every connection. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** How many connections transactions and slow statements share. */
  readonly pool: number;
  readonly log: Logger;
  /** A statement of the pool lane may take so long; 2,000 by default. */
  readonly poolTimeoutMs?: number;
  /** A query that takes longer is warned about; 200 by default. */
  readonly slowMs?: number;
  /** Called after each statement, for metrics. */
  readonly observe?: (name: string, ms: number) => void;
  /** How long to keep trying before a server that cannot be reached is an error; 0 by default. */
  readonly waitMs?: number;
}

/** Opens the database. Fails with one sentence that says what to do when it cannot be reached or will not have us. */
export async function openDatabase(options: DatabaseOptions): Promise<DatabaseServer> {
  throw new Error(`not yet: ${options.url} ${typeof knexLibrary} ${typeof pg}`);
}
