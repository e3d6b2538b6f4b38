// The database for the rest of the system: named statements, transactions, notifications, and a 503 when it is unavailable. It
// knows no table.
import type { Knex } from "knex";
import type { Logger } from "pino";
import type { LatestValue } from "../latest-value.js";
import { Channels } from "./channels.js";
import { Connections } from "./connections.js";
import { rethrown } from "./database-errors.js";
import { type Availability, DatabaseMonitor } from "./database-monitor.js";
import { connectionTrouble, firstConnection } from "./first-connection.js";
import { Lane } from "./lane.js";
import { Pool } from "./pool.js";
import { schemaKnex } from "./schema-knex.js";
import type { PoolCaller } from "./pool-queue.js";
import { LastItems } from "./transaction.js";
import { type Origin, type Run, StatementExecutor } from "./statement-executor.js";
import type { Statement } from "./statement.js";
import { WriteMonitor } from "./write-monitor.js";

export { isDiskFull, isForeignKeyViolation, isUniqueViolation } from "./database-errors.js";

/**
 * Runs statements. A column of a row is a property of the same name, and SQL null is undefined. bigint is a number (an error
 * beyond 2^53 - 1), timestamptz "2026-11-23T12:00:00.000Z", date "2026-11-23", jsonb the value that was stored. Fails with
 * DATABASE_UNAVAILABLE (503) within three seconds while Postgres is unreachable, stalled, busy, full or read-only, and with any
 * other error of Postgres as it is, with its `code` and `constraint`.
 */
export interface Queries {
  /** The first row, or undefined. */
  one<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<Row | undefined>;
  /** All rows, in the order of the query. */
  many<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<Row[]>;
  /** Of a transaction: what is done as its last. */
  readonly last?: LastItems<Queries>;
}

export interface TransactionOptions {
  /** How long one statement and the whole may take, instead of two seconds. For long deletes. */
  readonly timeoutMs?: number;
}

export interface Database extends Queries {
  /**
   * Runs `work` in a transaction: all of its statements take effect or none. They run on one connection of the pool, whatever
   * their group. After a deadlock or a serialization failure `work` is run again, up to three times, so that it must have no
   * effect beside its statements.
   */
  transaction<T>(work: (queries: Queries) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Calls `work` when what was done on this database is committed: at once, unless that is part of a longer transaction
   * (one-transaction.ts), and never when that is rolled back. For what cannot be undone, such as a mail.
   */
  afterCommit(work: () => void): void;
  /**
   * The same database, whose log lines have the bindings of `log`, and whose statements are those of one caller: of the pool a
   * user has two connections at once and an address four, and each waits for more alone (OVERLOADED). Without a caller it is the
   * process itself.
   */
  with(log: Logger, caller?: PoolCaller): Database;
}

/** A subscription to a channel. */
export interface Listener {
  /**
   * Whether everything that was notified a second ago or earlier has been handled, or loaded. While false, after a second
   * without an answer of the database or a load, only the database knows what holds.
   */
  readonly isCurrent: boolean;
  /** Ends the subscription. */
  close(): Promise<void>;
}

export interface DatabaseServer {
  readonly database: Database;
  /** For the schema and checks of the server: Knex with connections of its own, none before its first query. */
  readonly knex: Knex;
  /** Resolves with the milliseconds that a response took; fails with DATABASE_UNAVAILABLE within two seconds. */
  ping(): Promise<number>;
  /** Whether the server can be reached, as far as this process knows, and since when. */
  readonly availability: Pick<LatestValue<Availability>, "value" | "stream">;
  /** Whether the server can be reached and takes writes, as far as this process knows. */
  canWrite(): boolean;
  /**
   * Calls `handler` with the payload of each notification on a channel (`select pg_notify(channel, payload)`), until closed.
   * `load` loads the state that depends on them: before this resolves, and again after the connection was lost and replaced, since
   * notifications in between are lost; then it is repeated until it succeeds. Notifications that arrive during a load are handled
   * after it. Rejects with DATABASE_UNAVAILABLE, or as the first `load` does.
   */
  listen(channel: string, handler: (payload: string) => void, load?: () => Promise<void>): Promise<Listener>;
  /**
   * Calls `listener` after each statement or transaction of this process that has inserted into a table and is committed, before its
   * caller knows; also when it inserted no row, and not when the answer to its commit was lost. It must not throw. Returns what
   * ends that.
   */
  onInserted(table: string, listener: () => void): () => void;
  /** Waits for running statements and transactions, then closes every connection. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** The most connections of the pool, which transactions and long statements share. */
  readonly pool: number;
  /** Connections of the lane for reads; 4 by default. With 32 concurrent callers, more than four gain nothing. */
  readonly readers?: number;
  /**
   * Connections of the lane for writes; 6 by default. Commits wait for the disk, and those of several connections wait for it
   * together: six store five times as much as one.
   */
  readonly writers?: number;
  readonly log: Logger;
  /** How long a statement on the pool may take, in milliseconds; 2,000 by default. */
  readonly poolTimeoutMs?: number;
  /** A slower statement is logged as a warning, in milliseconds; 200 by default. */
  readonly slowMs?: number;
  /** Called after each statement, for metrics. */
  readonly observe?: (name: string, ms: number) => void;
  /** How long attempts to reach the server are repeated before it is an error, in milliseconds; 0 by default. */
  readonly waitMs?: number;
}

/** Queries over a function that runs one statement. */
class RunQueries implements Queries {
  constructor(
    readonly run: Run,
    readonly last?: LastItems<Queries>,
  ) {}

  async one<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<Row | undefined> {
    return (await this.run(statement, values))[0] as Row | undefined;
  }

  many<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<Row[]> {
    return this.run(statement, values) as Promise<Row[]>;
  }
}

class BoundDatabase extends RunQueries implements Database {
  readonly #executor: StatementExecutor;
  readonly #origin: Origin;

  constructor(executor: StatementExecutor, origin: Origin) {
    super((statement, values) => executor.run(origin, statement, values));
    this.#executor = executor;
    this.#origin = origin;
  }

  transaction<T>(work: (queries: Queries) => Promise<T>, { timeoutMs }: TransactionOptions = {}): Promise<T> {
    return this.#executor.transaction(
      this.#origin,
      async (run) => {
        const queries = new RunQueries(run, new LastItems());
        const result = await work(queries);
        await queries.last!.run(queries);
        return result;
      },
      timeoutMs,
    );
  }

  afterCommit(work: () => void): void {
    work();
  }

  with(log: Logger, caller?: PoolCaller): Database {
    return new BoundDatabase(this.#executor, { log, caller });
  }
}

/**
 * Opens the database. Fails with an OperatorError, one sentence that says what to do, when the server cannot be reached,
 * refuses a connection, or does not meet the requirements.
 */
export async function openDatabase(options: DatabaseOptions): Promise<DatabaseServer> {
  const { url, log, readers = 4, writers = 6, poolTimeoutMs = 2_000, slowMs = 200 } = options;
  const connections = new Connections(url);
  const first = await firstConnection(connections, options.waitMs ?? 0, log);
  const monitor = new DatabaseMonitor(first, connections, log);
  const writes = new WriteMonitor(connections, log);
  monitor.onReadOnly = () => writes.doubt();
  const lanes = { read: new Lane(connections, monitor), write: new Lane(connections, monitor) };
  const pool = new Pool(connections, monitor, { size: options.pool, statementTimeoutMs: poolTimeoutMs, log });
  const channels = new Channels(monitor, log);
  const knex = schemaKnex(url, poolTimeoutMs, log);
  const close = async (): Promise<void> => {
    await Promise.all([lanes.read.close(), lanes.write.close(), pool.close(), knex.destroy()]);
    await writes.close();
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
  monitor.probe();
  const insertListeners = new Set<{ readonly table: string; readonly listener: () => void }>();
  const onInserted = (tables: Iterable<string>): void => {
    if (insertListeners.size === 0) return;
    for (const inserted of tables)
      for (const { table, listener } of insertListeners) if (table === inserted) listener();
  };
  const executor = new StatementExecutor(lanes, pool, {
    poolTimeoutMs,
    slowMs,
    observe: options.observe ?? (() => undefined),
    onInserted,
    onWriteFailure: () => writes.doubt(),
  });
  return {
    database: new BoundDatabase(executor, { log, caller: undefined }),
    knex,
    ping: () => monitor.ping().catch(rethrown),
    availability: monitor.availability,
    canWrite: () => monitor.isAvailable && writes.canWrite,
    listen: (channel, handler, load = async () => undefined) =>
      channels.listen({ channel, handler, load }).catch(rethrown),
    onInserted: (table, listener) => {
      const entry = { table, listener };
      insertListeners.add(entry);
      return () => insertListeners.delete(entry);
    },
    close,
  };
}
