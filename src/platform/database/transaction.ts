// A transaction on one connection: all of its statements or none.
import { type Connection, ConnectionLost } from "./protocol/connection.js";
import type { Statement } from "./statement.js";

/** The statements of one transaction. A statement after its end is rejected, because it would run outside. */
export class Transaction {
  readonly #connection: Connection;
  readonly #deadline: number;
  readonly #running = new Set<Promise<unknown>>();
  #isOver = false;
  #fault: unknown;

  constructor(connection: Connection, deadline: number) {
    this.#connection = connection;
    this.#deadline = deadline;
  }

  /** Runs a statement and resolves with its rows. */
  run(statement: Statement<unknown>, values: readonly unknown[]): Promise<object[]> {
    if (this.#isOver) return Promise.reject(new Error(`${statement.name} came after the end of its transaction`));
    const running = this.#connection.run(statement.name, statement.text, values, this.#deadline);
    this.#running.add(running);
    running.then(
      () => this.#running.delete(running),
      (error: unknown) => {
        this.#running.delete(running);
        this.#fault ??= error;
      },
    );
    return running;
  }

  /** Begins, with `timeoutMs` as the statement_timeout if given. Does not wait: the statements are pipelined behind it. */
  begin(timeoutMs: number | undefined): void {
    const timeout = timeoutMs === undefined ? "" : `; set local statement_timeout = ${Math.ceil(timeoutMs)}`;
    this.#connection.command(`begin${timeout}`, this.#deadline).catch((error: unknown) => (this.#fault ??= error));
  }

  /** Commits. When one of the statements has failed, rolls back and rejects with its error. */
  async commit(): Promise<void> {
    await this.#settle();
    if (this.#fault !== undefined && (this.#connection.isTransactionFailed || this.#connection.lost)) {
      await this.#undo();
      throw this.#fault;
    }
    const tag = await this.#connection.command("commit", this.#deadline);
    if (tag !== "COMMIT") throw new Error(`A transaction ended with ${tag}`);
  }

  /** Rolls back; when that fails, destroys the connection, to the same effect. */
  async rollback(): Promise<void> {
    await this.#settle();
    await this.#undo();
  }

  /** Waits for all statements, also those whose result nothing awaits: they belong to the transaction and may fail. */
  async #settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    this.#isOver = true;
  }

  async #undo(): Promise<void> {
    this.#isOver = true;
    if (this.#connection.lost) return;
    await this.#connection.command("rollback", performance.now() + 1_000).catch((error: unknown) => {
      if (!(error instanceof ConnectionLost)) this.#connection.destroy(error);
    });
  }
}

/** What is done last in a transaction. */
export type Last<Queries, Item> = (queries: Queries, items: readonly Item[]) => Promise<void>;

/**
 * What was asked for that is done once, as the last of a transaction: it locks rows that many acts want, for as short as can be, and all
 * together, in one order. The items that wait for that are kept by what is done with them.
 */
export class LastItems<Queries> {
  readonly #items = new Map<Last<Queries, never>, unknown[]>();

  add<Item>(run: Last<Queries, Item>, items: readonly Item[]): void {
    const waiting = this.#items.get(run as Last<Queries, never>);
    if (waiting) waiting.push(...items);
    else this.#items.set(run as Last<Queries, never>, [...items]);
  }

  /** Returns what removes all items that come after this call. */
  undoable(): () => void {
    const lengths = new Map([...this.#items].map(([run, items]) => [run, items.length]));
    return () => {
      for (const [run, items] of this.#items) items.length = lengths.get(run) ?? 0;
    };
  }

  /** Does it all. */
  async run(queries: Queries): Promise<void> {
    for (const [run, items] of this.#items) {
      if (items.length > 0) await run(queries, items.splice(0) as never[]);
    }
  }
}
