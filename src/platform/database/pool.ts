// The pool of connections for transactions and long statements, each used by one caller at a time. Knex counts them, and runs
// nothing on them itself.
import knexLibrary, { type Knex } from "knex";
import type { Logger } from "pino";
import type { Connections } from "./connections.js";
import { unavailable } from "./database-errors.js";
import type { DatabaseMonitor } from "./database-monitor.js";
import { type Connection, ConnectionLost } from "./protocol/connection.js";

/** How long a caller waits for a free connection, in milliseconds. */
const ACQUIRE_TIMEOUT = 1_800;

/** The members of Knex's client that its types leave out. */
interface KnexClient {
  acquireConnection(): Promise<Connection>;
  releaseConnection(connection: Connection): Promise<void>;
  acquireRawConnection(): Promise<Connection>;
  destroyRawConnection(connection: Connection): Promise<void>;
}

export interface PoolOptions {
  /** The most connections. */
  readonly size: number;
  /** Postgres's statement_timeout, in milliseconds. */
  readonly statementTimeoutMs: number;
  readonly log: Logger;
}

export class Pool {
  readonly #knex: Knex;
  readonly #client: KnexClient;

  constructor(connections: Connections, monitor: DatabaseMonitor, { size, statementTimeoutMs, log }: PoolOptions) {
    const write = (message: unknown): void => log.debug({ text: String(message) }, "knex");
    this.#knex = knexLibrary({
      client: "pg",
      connection: connections.url,
      acquireConnectionTimeout: ACQUIRE_TIMEOUT,
      pool: { min: 0, max: size, validate: (connection: Connection) => !connection.lost && connection.isIdle },
      log: { debug: write, warn: write, error: write, deprecate: write },
    });
    this.#client = this.#knex.client as KnexClient;
    this.#client.acquireRawConnection = async () => {
      if (!monitor.isAvailable) throw new ConnectionLost("the database is unavailable");
      return connections.connect({ statementTimeoutMs });
    };
    this.#client.destroyRawConnection = (connection) => connection.close(500);
  }

  /**
   * Runs `work` with a connection. When the connection is not idle afterwards, it is destroyed. Rejects with
   * DATABASE_UNAVAILABLE when no connection is free within two seconds, with ConnectionLost when none can be opened.
   */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#acquire();
    try {
      return await work(connection);
    } finally {
      if (!connection.isIdle) connection.destroy("its work was not finished");
      await this.#client.releaseConnection(connection);
    }
  }

  /** Waits until no connection is in use, then closes all. */
  close(): Promise<void> {
    return this.#knex.destroy();
  }

  async #acquire(): Promise<Connection> {
    try {
      return await this.#client.acquireConnection();
    } catch (error) {
      if (error instanceof ConnectionLost) throw error;
      throw unavailable("All connections to the database are busy", error);
    }
  }
}
