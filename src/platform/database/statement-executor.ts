// Runs each statement on its group of connections, retries what may be retried, and measures. Its errors are those for the
// callers of the database.
import type { Logger } from "pino";
import { isAgainstWrites, isStatementTimeout, isWorthRetrying, searchTooBroad, translated } from "./database-errors.js";
import type { PoolCaller } from "./pool-queue.js";
import type { Lane } from "./lane.js";
import { type Pool, POOL_WAIT } from "./pool.js";
import type { Statement } from "./statement.js";
import { Transaction } from "./transaction.js";

const ATTEMPTS = 4;
/** At most how long after Postgres's own timeout the connection of a statement is destroyed, in milliseconds. */
const GRACE = 500;

export interface ExecutorOptions {
  readonly poolTimeoutMs: number;
  readonly slowMs: number;
  readonly observe: (name: string, ms: number) => void;
  /** Called with the tables into which a statement or a transaction has inserted that is committed. */
  readonly onInserted: (tables: Iterable<string>) => void;
  /** Called after an error that makes it doubtful that the server takes any write. */
  readonly onWriteFailure: () => void;
}

/** For whom statements run. */
export interface Origin {
  readonly log: Logger;
  readonly caller: PoolCaller;
}

/** Runs one statement and resolves with its rows. */
export type Run = (statement: Statement<unknown>, values: readonly unknown[]) => Promise<object[]>;

export class StatementExecutor {
  readonly #lanes: Readonly<Record<"read" | "write", Lane>>;
  readonly #pool: Pool;
  readonly #options: ExecutorOptions;

  constructor(lanes: Readonly<Record<"read" | "write", Lane>>, pool: Pool, options: ExecutorOptions) {
    this.#lanes = lanes;
    this.#pool = pool;
    this.#options = options;
  }

  /** Runs a statement on its group of connections and resolves with its rows. */
  run(origin: Origin, statement: Statement<unknown>, values: readonly unknown[]): Promise<object[]> {
    const start = performance.now();
    const run = (): Promise<object[]> => retried(() => this.#once(origin.caller, statement, values, start));
    const done = this.#timed(origin.log, statement, run).catch((error: unknown) => {
      throw statement.isSearch && isStatementTimeout(error) ? searchTooBroad(error) : this.#translated(error);
    });
    if (statement.inserts.length === 0) return done;
    return done.then((rows) => {
      this.#options.onInserted(statement.inserts);
      return rows;
    });
  }

  /** Runs `work` in a transaction, which is committed when it resolves and rolled back when it rejects. */
  async transaction<T>(
    { log, caller }: Origin,
    work: (run: Run) => Promise<T>,
    timeoutMs: number | undefined,
  ): Promise<T> {
    const start = performance.now();
    const run = async (): Promise<T> => {
      const inserted = new Set<string>();
      const result = await this.#pool.use(caller, async (connection) => {
        const transaction = new Transaction(connection, deadlineOf(start, timeoutMs ?? this.#options.poolTimeoutMs));
        transaction.begin(timeoutMs);
        try {
          const done = await work((statement, values) => {
            for (const table of statement.inserts) inserted.add(table);
            return this.#timed(log, statement, () => transaction.run(statement, values)).catch((error: unknown) => {
              // What is worth a retry is retried with the whole transaction.
              throw isWorthRetrying(error) ? error : this.#translated(error);
            });
          });
          await transaction.commit();
          return done;
        } catch (error) {
          await transaction.rollback();
          throw error;
        }
      });
      if (inserted.size > 0) this.#options.onInserted(inserted);
      return result;
    };
    return retried(run).catch((error: unknown) => {
      throw this.#translated(error);
    });
  }

  #translated(error: unknown): unknown {
    if (isAgainstWrites(error)) this.#options.onWriteFailure();
    return translated(error);
  }

  #once(
    caller: PoolCaller,
    statement: Statement<unknown>,
    values: readonly unknown[],
    start: number,
  ): Promise<object[]> {
    const { group, name, text } = statement;
    if (group !== "pool") return this.#lanes[group].run(statement, values, start);
    return this.#pool.use(caller, (connection) =>
      connection.run(name, text, values, deadlineOf(start, this.#options.poolTimeoutMs)),
    );
  }

  /** The log lines have SQL and times, and never values, which are the clients' data. */
  async #timed<T>(log: Logger, { name, text }: Statement<unknown>, run: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await run();
    } finally {
      const ms = performance.now() - start;
      this.#options.observe(name, ms);
      const isSlow = ms > this.#options.slowMs;
      if (isSlow || log.isLevelEnabled("debug")) {
        const line = { statement: name, sql: text.replace(/\s+/g, " ").trim(), duration_ms: Number(ms.toFixed(2)) };
        if (isSlow) log.warn(line, "slow query");
        else log.debug(line, "query");
      }
    }
  }
}

/**
 * When a connection of the pool is destroyed that has a turn now, for work that began at `start`: after Postgres's own timeout
 * in every case, since a destroyed connection leaves its statement running.
 */
function deadlineOf(start: number, timeoutMs: number): number {
  return Math.min(start + POOL_WAIT + timeoutMs, performance.now() + timeoutMs + GRACE);
}

/** Retries after a deadlock, a serialization failure or a stale plan, which leave no effect. */
async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === ATTEMPTS || !isWorthRetrying(error)) throw error;
    }
  }
}
