// Runs each statement on its group of connections, retries what may be retried, and measures. Its errors are those for the
// callers of the database.
import type { Logger } from "pino";
import { isWorthRetrying, translated } from "./database-errors.js";
import type { Lane } from "./lane.js";
import type { Pool } from "./pool.js";
import type { Statement } from "./statement.js";
import { Transaction } from "./transaction.js";

const ATTEMPTS = 4;
/** How long after Postgres's own timeout the connection of a statement is destroyed, in milliseconds. */
const GRACE = 500;

export interface ExecutorOptions {
  readonly poolTimeoutMs: number;
  readonly slowMs: number;
  readonly observe: (name: string, ms: number) => void;
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
  run(log: Logger, statement: Statement<unknown>, values: readonly unknown[]): Promise<object[]> {
    const start = performance.now();
    return this.#timed(log, statement, () => retried(() => this.#once(statement, values, start)));
  }

  /** Runs `work` in a transaction, which is committed when it resolves and rolled back when it rejects. */
  async transaction<T>(log: Logger, work: (run: Run) => Promise<T>, timeoutMs: number | undefined): Promise<T> {
    const deadline = performance.now() + (timeoutMs ?? this.#options.poolTimeoutMs) + GRACE;
    return retried(() =>
      this.#pool.use(async (connection) => {
        const transaction = new Transaction(connection, deadline);
        transaction.begin(timeoutMs);
        try {
          const result = await work((statement, values) =>
            this.#timed(log, statement, () => transaction.run(statement, values)),
          );
          await transaction.commit();
          return result;
        } catch (error) {
          await transaction.rollback();
          throw error;
        }
      }),
    );
  }

  #once(statement: Statement<unknown>, values: readonly unknown[], start: number): Promise<object[]> {
    const { group, name, text } = statement;
    if (group !== "pool") return this.#lanes[group].run(statement, values, start);
    const deadline = start + this.#options.poolTimeoutMs + GRACE;
    return this.#pool.use((connection) => connection.run(name, text, values, deadline));
  }

  /** The log lines have SQL and times, and never values, which are the clients' data. */
  async #timed<T>(log: Logger, { name, text }: Statement<unknown>, run: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await run();
    } catch (error) {
      throw translated(error);
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

/** Retries after a deadlock, a serialization failure or a stale plan, which leave no effect. */
async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === ATTEMPTS || !isWorthRetrying(error)) throw translated(error);
    }
  }
}
