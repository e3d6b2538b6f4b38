// Knex's pool of connections: one at a time for a transaction or a slow statement. The connections are our own, so that
// a row reads the same wherever it comes from.
import knexLibrary, { type Knex } from "knex";
import type { Logger } from "pino";
import type { Connections } from "./connections.js";
import { ConnectionLost, unavailable } from "./database-errors.js";
import type { DatabaseMonitor } from "./database-monitor.js";
import type { PipelinedClient } from "./protocol/pipelined-client.js";

/** How long to wait for a connection to come free, in milliseconds. */
const ACQUIRE = 1_800;

/** The parts of Knex's client that its types leave open. */
interface KnexClient {
  acquireConnection(): Promise<PipelinedClient>;
  releaseConnection(connection: PipelinedClient): Promise<void>;
  acquireRawConnection(): Promise<PipelinedClient>;
  destroyRawConnection(connection: PipelinedClient): Promise<void>;
}

export interface PoolOptions {
  readonly url: string;
  /** The most connections. */
  readonly size: number;
  /** What Postgres lets a statement take, in milliseconds. */
  readonly statementTimeoutMs: number;
  readonly log: Logger;
}

export class Pool {
  readonly knex: Knex;
  readonly #client: KnexClient;

  constructor(connections: Connections, monitor: DatabaseMonitor, options: PoolOptions) {
    const { url, size, statementTimeoutMs, log } = options;
    const say = (message: unknown): void => log.debug({ said: String(message) }, "knex");
    this.knex = knexLibrary({
      client: "pg",
      connection: url,
      acquireConnectionTimeout: ACQUIRE,
      pool: { min: 0, max: size, validate: (client: PipelinedClient) => !client.lost && client.isIdle },
      log: { debug: say, warn: say, error: say, deprecate: say },
    });
    this.#client = this.knex.client as KnexClient;
    this.#client.acquireRawConnection = async () => {
      if (monitor.isAway) throw new ConnectionLost("the database is away");
      return connections.connect({ statementTimeoutMs });
    };
    this.#client.destroyRawConnection = (client) => client.finish(500);
  }

  /**
   * Lends a connection to `work`. One that comes back within a transaction, or with an answer still due, is closed.
   * Rejects with DATABASE_UNAVAILABLE when none comes free within two seconds, with ConnectionLost when none can be made.
   */
  async use<T>(work: (client: PipelinedClient) => Promise<T>): Promise<T> {
    const client = await this.#acquire();
    try {
      return await work(client);
    } finally {
      if (!client.isIdle) client.destroy("its work was not finished");
      await this.#client.releaseConnection(client);
    }
  }

  /** Waits for what is lent out, then closes. */
  close(): Promise<void> {
    return this.knex.destroy();
  }

  async #acquire(): Promise<PipelinedClient> {
    try {
      return await this.#client.acquireConnection();
    } catch (error) {
      if (error instanceof ConnectionLost) throw error;
      throw unavailable("All connections to the database are busy", error);
    }
  }
}
