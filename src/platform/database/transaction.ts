// A transaction on one connection: all of its statements or none.
import { ConnectionLost } from "./database-errors.js";
import type { Statement } from "./statement.js";
import type { PipelinedClient } from "./protocol/pipelined-client.js";

/** Statements within one transaction. What is asked after its end is refused, for it would stand outside. */
export class Transaction {
  readonly #client: PipelinedClient;
  readonly #deadline: number;
  readonly #running = new Set<Promise<unknown>>();
  #isOver = false;
  #fault: unknown;

  constructor(client: PipelinedClient, deadline: number) {
    this.#client = client;
    this.#deadline = deadline;
  }

  /** The rows of one statement. */
  run(statement: Statement<unknown>, values: readonly unknown[]): Promise<object[]> {
    if (this.#isOver) return Promise.reject(new Error(`${statement.name} came after the end of its transaction`));
    const running = this.#client.run(statement.name, statement.text, values, this.#deadline);
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

  /** Begins, and lets each statement take `timeoutMs` when that is given. Does not wait: the statements follow at once. */
  begin(timeoutMs: number | undefined): void {
    const raised = timeoutMs === undefined ? "" : `; set local statement_timeout = ${Math.ceil(timeoutMs)}`;
    this.#client.command(`begin${raised}`, this.#deadline).catch((error: unknown) => (this.#fault ??= error));
  }

  /** Ends with all that was done. Rejects, and nothing has happened, when one of the statements had failed. */
  async commit(): Promise<void> {
    await this.#settle();
    if (this.#fault !== undefined && (this.#client.hasFailed || this.#client.lost)) {
      await this.#undo();
      throw this.#fault;
    }
    const end = await this.#client.command("commit", this.#deadline);
    if (end !== "COMMIT") throw new Error(`A transaction ended with ${end}`);
  }

  /** Ends as if nothing had been. A connection on which not even that works is given up, which comes to the same. */
  async rollback(): Promise<void> {
    await this.#settle();
    await this.#undo();
  }

  /** Statements that nobody waited for belong to the transaction too; the last of them may have failed. */
  async #settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    this.#isOver = true;
  }

  async #undo(): Promise<void> {
    this.#isOver = true;
    if (this.#client.lost) return;
    await this.#client.command("rollback", performance.now() + 1_000).catch((error: unknown) => {
      if (!(error instanceof ConnectionLost)) this.#client.destroy(error);
    });
  }
}
