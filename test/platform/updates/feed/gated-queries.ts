// Queries that wait, each for a permission, so that a test decides what happens between two of them.
import type { Queries } from "../../../../src/platform/database/database.js";
import type { Statement } from "../../../../src/platform/database/statement.js";

interface Waiting {
  readonly run: () => Promise<unknown>;
  readonly done: (result: Promise<unknown>) => void;
}

export class GatedQueries implements Queries {
  readonly #queries: Queries;
  readonly #waiting: Waiting[] = [];
  /** Whether they run without permission. */
  isOpen = false;

  constructor(queries: Queries) {
    this.#queries = queries;
  }

  one<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<Row | undefined> {
    return this.#wait(() => this.#queries.one(statement, values));
  }

  many<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<Row[]> {
    return this.#wait(() => this.#queries.many(statement, values));
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Runs the first one that waits, and what its result leads to until the next. */
  async permit(): Promise<void> {
    const first = this.#waiting.shift();
    if (!first) return;
    const result = first.run();
    first.done(result);
    await result.catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
  }

  async #wait<T>(run: () => Promise<T>): Promise<T> {
    if (this.isOpen) return run();
    return new Promise((resolve) => this.#waiting.push({ run, done: (result) => resolve(result as Promise<T>) }));
  }
}
