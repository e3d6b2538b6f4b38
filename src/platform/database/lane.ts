// Single statements over a few connections that are always open, each asked without waiting for the answer before.
// Several, because one connection's commits wait for the disk one by one and a slow statement holds up those behind it.
import { setTimeout as sleep } from "node:timers/promises";
import type { Connections } from "./connections.js";
import { ConnectionLost } from "./database-errors.js";
import type { DatabaseMonitor } from "./database-monitor.js";
import type { Statement } from "./statement.js";
import type { PipelinedClient } from "./protocol/pipelined-client.js";

const RETRY = 200;
/** How long a statement of a lane may take before Postgres ends it, and before we give its connection up. */
export const LANE_TIMEOUT = 2_000;
export const LANE_DEADLINE = 2_500;

export class Lane {
  readonly #clients: (PipelinedClient | undefined)[] = [];
  #isClosed = false;

  constructor(
    readonly connections: Connections,
    readonly monitor: DatabaseMonitor,
  ) {}

  /** Makes its connections; rejects with ConnectionLost when one of them cannot be made. */
  async open(count: number): Promise<void> {
    const connect = (): Promise<PipelinedClient> => this.connections.connect({ statementTimeoutMs: LANE_TIMEOUT });
    const made = await Promise.allSettled(Array.from({ length: count }, connect));
    made.forEach((each, place) => each.status === "fulfilled" && this.#keep(each.value, place));
    for (const each of made) if (each.status === "rejected") throw each.reason;
  }

  /** The rows of one statement, from the connection with the least to do. */
  run(statement: Statement<unknown>, values: readonly unknown[], start: number): Promise<object[]> {
    const client = this.#freest();
    if (!client || this.monitor.isAway) return Promise.reject(new ConnectionLost("the database is away"));
    return client.run(statement.name, statement.text, values, start + LANE_DEADLINE);
  }

  /** Waits for the answers that are due, then closes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const clients = this.#clients.splice(0);
    await Promise.all(
      clients.map(async (client) => {
        while (client && client.waiting > 0) await sleep(10);
        await client?.finish(500);
      }),
    );
  }

  #freest(): PipelinedClient | undefined {
    let freest: PipelinedClient | undefined;
    for (const client of this.#clients) {
      if (client && (!freest || client.waiting < freest.waiting)) freest = client;
    }
    return freest;
  }

  #keep(client: PipelinedClient, place: number): void {
    this.#clients[place] = client;
    client.onLost(() => {
      this.#clients[place] = undefined;
      void this.#replace(place);
    });
  }

  async #replace(place: number): Promise<void> {
    while (!this.#isClosed) {
      await this.monitor.returned();
      try {
        const client = await this.connections.connect({ statementTimeoutMs: LANE_TIMEOUT });
        return this.#isClosed ? await client.finish(500) : this.#keep(client, place);
      } catch {
        this.monitor.doubt();
        await sleep(RETRY);
      }
    }
  }
}
