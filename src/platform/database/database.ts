// The one door to Postgres: named statements, transactions, and a plain 503 when the database is away.
// It knows no table.
import type { Knex } from "knex";
import type { Logger } from "pino";
import { Channels } from "./channels.js";
import { Connections } from "./connections.js";
import { rethrown } from "./database-errors.js";
import { connectionTrouble, firstConnection } from "./first-connection.js";
import { Lane } from "./lane.js";
import { Pool } from "./pool.js";
import { DatabaseMonitor } from "./database-monitor.js";
import { type Run, StatementExecutor } from "./statement-executor.js";
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
  /** The most connections of the pool, which transactions and long statements share. */
  readonly pool: number;
  /**
   * Connections of the lane for reads; 4 by default. With 32 callers at once, reads gain no more beyond four.
   */
  readonly readers?: number;
  /**
   * Connections of the lane for writes; 6 by default. Commits wait for the disk, and those of several connections wait for it
   * together: six store five times as much as one.
   */
  readonly writers?: number;
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

/** Statements, by whatever runs them. */
class RunQueries implements Queries {
  constructor(readonly run: Run) {}

  async one<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<Row | undefined> {
    return (await this.run(statement, values))[0] as Row | undefined;
  }

  many<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<Row[]> {
    return this.run(statement, values) as Promise<Row[]>;
  }
}

class LoggedDatabase extends RunQueries implements Database {
  readonly #executor: StatementExecutor;
  readonly #log: Logger;

  constructor(executor: StatementExecutor, log: Logger) {
    super((statement, values) => executor.run(log, statement, values));
    this.#executor = executor;
    this.#log = log;
  }

  transaction<T>(work: (queries: Queries) => Promise<T>, { timeoutMs }: TransactionOptions = {}): Promise<T> {
    return this.#executor.transaction(this.#log, (run) => work(new RunQueries(run)), timeoutMs);
  }

  with(log: Logger): Database {
    return new LoggedDatabase(this.#executor, log);
  }
}

/**
 * Opens the database. Fails with an OperatorError, one sentence that says what to do, when it cannot be reached, will
 * not have us, or is one that we cannot live on.
 */
export async function openDatabase(options: DatabaseOptions): Promise<DatabaseServer> {
  const { url, log, readers = 4, writers = 6, poolTimeoutMs = 2_000, slowMs = 200 } = options;
  const connections = new Connections(url);
  const first = await firstConnection(connections, options.waitMs ?? 0, log);
  const monitor = new DatabaseMonitor(first, connections, log);
  const lanes = { read: new Lane(connections, monitor), write: new Lane(connections, monitor) };
  const pool = new Pool(connections, monitor, { url, size: options.pool, statementTimeoutMs: poolTimeoutMs, log });
  const channels = new Channels(monitor, log);
  const close = async (): Promise<void> => {
    await Promise.all([lanes.read.close(), lanes.write.close(), pool.close()]);
    await monitor.close();
    connections.close();
  };
  try {
    await lanes.read.open(readers);
    await lanes.write.open(writers);
  } catch (error) {
    await close();
    throw connectionTrouble(error, url);
  }
  const executor = new StatementExecutor(lanes, pool, {
    poolTimeoutMs,
    slowMs,
    observe: options.observe ?? (() => undefined),
  });
  return {
    database: new LoggedDatabase(executor, log),
    knex: pool.knex,
    ping: () => monitor.ping().catch(rethrown),
    listen: async (channel, handler, onReconnect = () => undefined) => ({
      close: await channels.listen({ channel, handler, onReconnect }).catch(rethrown),
    }),
    close,
  };
}
