// The pool of connections for transactions and long statements, each used by one caller at a time. Knex opens and keeps them,
// and runs nothing on them itself; a fair queue in front of it says whose turn it is.
import knexLibrary, { type Knex } from "knex";
import type { Logger } from "pino";
import type { Connections } from "./connections.js";
import { unavailable } from "./database-errors.js";
import type { DatabaseMonitor } from "./database-monitor.js";
import { PoolQueue, type PoolCaller, type PoolShare } from "./pool-queue.js";
import { type Connection, ConnectionLost } from "./protocol/connection.js";

/** How long a caller waits for a turn, in milliseconds: with a statement of two seconds, less than three. */
export const POOL_WAIT = 900;
/** How many connections a user has at most, and how many of their statements and transactions wait. */
const USER = { inside: 2, waiting: 64 };
/** The same for an address: a whole school may log in, refresh and accept invites from one, and all of that is short. */
const ADDRESS = { inside: 4, waiting: 1_000 };
/** How long it may take to open a connection when there is none, in milliseconds. */
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
  readonly #queue: PoolQueue;

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
    // One is left for the others, where there are two.
    const within = (share: PoolShare): PoolShare => ({
      ...share,
      inside: Math.max(1, Math.min(share.inside, size - 1)),
    });
    this.#queue = new PoolQueue({ size, user: within(USER), address: within(ADDRESS), timeoutMs: POOL_WAIT });
  }

  /**
   * Runs `work` with a connection, when it is the caller's turn. When the connection is not idle afterwards, it is destroyed.
   * Rejects as PoolQueue does when there is no turn within a second, and with ConnectionLost when no connection can be opened.
   */
  async use<T>(caller: PoolCaller, work: (connection: Connection) => Promise<T>): Promise<T> {
    await this.#queue.enter(caller);
    try {
      return await this.#useNow(work);
    } finally {
      this.#queue.leave(caller);
    }
  }

  async #useNow<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
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
