// A lane: a group of connections that are always open, over which single statements are pipelined. It has several, because
// the commits of one connection wait for the disk one by one, and a slow statement delays those behind it.
import { setTimeout as sleep } from "node:timers/promises";
import type { Connections } from "./connections.js";
import type { DatabaseMonitor } from "./database-monitor.js";
import { type Connection, ConnectionLost } from "./protocol/connection.js";
import type { Statement } from "./statement.js";

const RETRY_DELAY = 200;
/** After how many milliseconds Postgres cancels a statement of a lane, and after how many its connection is destroyed. */
const STATEMENT_TIMEOUT = 2_000;
const RESPONSE_TIMEOUT = 2_500;

export class Lane {
  readonly #members: (Connection | undefined)[] = [];
  #isClosed = false;

  constructor(
    readonly connections: Connections,
    readonly monitor: DatabaseMonitor,
  ) {}

  /** Opens its connections. Rejects with ConnectionLost when one of them cannot be opened. */
  async open(count: number): Promise<void> {
    const results = await Promise.allSettled(Array.from({ length: count }, () => this.#connect()));
    results.forEach((result, index) => result.status === "fulfilled" && this.#set(index, result.value));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  /** Runs a statement on the connection with the fewest pending, and resolves with its rows. `start` is its beginning. */
  run(statement: Statement<unknown>, values: readonly unknown[], start: number): Promise<object[]> {
    const connection = this.#leastBusy();
    if (!connection || !this.monitor.isAvailable) {
      return Promise.reject(new ConnectionLost("the database is unavailable"));
    }
    return connection.run(statement.name, statement.text, values, start + RESPONSE_TIMEOUT);
  }

  /** Closes its connections when nothing is pending on them. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const members = this.#members.splice(0);
    await Promise.all(
      members.map(async (connection) => {
        while (connection && connection.pending > 0) await sleep(10);
        await connection?.close(500);
      }),
    );
  }

  #connect(): Promise<Connection> {
    return this.connections.connect({ statementTimeoutMs: STATEMENT_TIMEOUT });
  }

  #leastBusy(): Connection | undefined {
    let least: Connection | undefined;
    for (const connection of this.#members) {
      if (connection && (!least || connection.pending < least.pending)) least = connection;
    }
    return least;
  }

  #set(index: number, connection: Connection): void {
    this.#members[index] = connection;
    connection.onLost(() => {
      this.#members[index] = undefined;
      void this.#replace(index);
    });
  }

  async #replace(index: number): Promise<void> {
    while (!this.#isClosed) {
      await this.monitor.untilAvailable();
      try {
        const connection = await this.#connect();
        return this.#isClosed ? await connection.close(500) : this.#set(index, connection);
      } catch {
        this.monitor.probe();
        await sleep(RETRY_DELAY);
      }
    }
  }
}
