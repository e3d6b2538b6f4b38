// Runs each statement where it belongs, tries again what may be tried again, and keeps the time. Its errors are those
// that the callers of the database see.
import type { Logger } from "pino";
import { isWorthRetrying, translated } from "./database-errors.js";
import type { Lane } from "./lane.js";
import type { Pool } from "./pool.js";
import type { Statement } from "./statement.js";
import { Transaction } from "./transaction.js";

const TRIES = 4;
/** How long after Postgres should have ended a statement we give its connection up. */
const GRACE = 500;

export interface ExecutorOptions {
  readonly poolTimeoutMs: number;
  readonly slowMs: number;
  readonly observe: (name: string, ms: number) => void;
}

/** Runs one statement of the transaction at hand. */
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

  /** The rows of one statement, in its lane. */
  run(log: Logger, statement: Statement<unknown>, values: readonly unknown[]): Promise<object[]> {
    const start = performance.now();
    return this.#timed(log, statement, () => retried(() => this.#once(statement, values, start)));
  }

  /** All of `work` or nothing. */
  async transaction<T>(log: Logger, work: (run: Run) => Promise<T>, timeoutMs: number | undefined): Promise<T> {
    const deadline = performance.now() + (timeoutMs ?? this.#options.poolTimeoutMs) + GRACE;
    return retried(() =>
      this.#pool.use(async (client) => {
        const transaction = new Transaction(client, deadline);
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
    const { lane, name, text } = statement;
    if (lane !== "pool") return this.#lanes[lane].run(statement, values, start);
    const deadline = start + this.#options.poolTimeoutMs + GRACE;
    return this.#pool.use((client) => client.run(name, text, values, deadline));
  }

  /** Its log lines hold SQL and times; never values, which are the clients'. */
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

/** Tries again what has done nothing and may succeed: after a deadlock, a serialization failure or a stale plan. */
async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === TRIES || !isWorthRetrying(error)) throw translated(error);
    }
  }
}
