// Every connection of this process to one server, and the watchdog over them: Postgres's own timeouts do not help
// when Postgres itself is stopped or out of reach.
import type { ClientConfig } from "pg";
import { ConnectionLost } from "./database-errors.js";
import { PipelinedClient } from "./protocol/pipelined-client.js";

/** How often the watchdog looks, in milliseconds. */
const ROUND = 100;

export interface ConnectOptions {
  /** What Postgres lets a statement take, in milliseconds. */
  readonly statementTimeoutMs: number;
  /** How long the connection itself may take to make. */
  readonly connectTimeoutMs?: number;
}

export class Connections {
  readonly #open = new Set<PipelinedClient>();
  readonly #watchdog: NodeJS.Timeout;
  #lastRound = performance.now();
  /** Called when a connection did not answer in time and was given up. */
  onOverdue: () => void = () => undefined;

  constructor(readonly url: string) {
    this.#watchdog = setInterval(() => this.#watch(), ROUND).unref();
  }

  /** A new connection. Rejects with ConnectionLost, whose cause says why. */
  async connect({ statementTimeoutMs, connectTimeoutMs = 1_500 }: ConnectOptions): Promise<PipelinedClient> {
    const config: ClientConfig = {
      connectionString: this.url,
      application_name: "lyceum",
      statement_timeout: statementTimeoutMs,
      // Longer than the second after which Postgres looks for a deadlock, which is tried again where a timeout is not.
      lock_timeout: 1_500,
      idle_in_transaction_session_timeout: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: connectTimeoutMs,
    };
    const client = new PipelinedClient(config);
    try {
      await client.connect();
    } catch (error) {
      // Read before it is given up, for a first answer that is not Postgres's is known to the client alone.
      const cause = client.lost?.cause ?? error;
      client.destroy(error);
      throw new ConnectionLost("no connection to Postgres could be made", { cause });
    }
    this.#open.add(client);
    client.onLost(() => this.#open.delete(client));
    return client;
  }

  /** Gives up every connection; whatever waits on them is rejected with ConnectionLost. */
  abandon(reason: string): void {
    for (const client of this.#open) client.destroy(reason);
  }

  /** Stops watching; closing the connections is their owners' work. */
  close(): void {
    clearInterval(this.#watchdog);
  }

  #watch(): void {
    const now = performance.now();
    const late = now - this.#lastRound > 3 * ROUND;
    this.#lastRound = now;
    // After this process itself was held up, answers may lie unread: they are read before anyone is judged.
    if (late) return;
    for (const client of this.#open) {
      if (!client.isOverdue(now)) continue;
      client.destroy("no answer came in time");
      this.onOverdue();
    }
  }
}
