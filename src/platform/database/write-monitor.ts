// Whether the database takes writes. An error or a session that only reads raises a doubt; a real write on a new connection
// decides, once a second until it succeeds. Without a doubt it costs nothing.
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Connections } from "./connections.js";
import { isAgainstWrites } from "./database-errors.js";
import { sqlState } from "./protocol/connection.js";

/** The least time between two probes, in milliseconds. */
const INTERVAL = 1_000;
/** How long a probe may take, in milliseconds. */
const PROBE_TIMEOUT = 1_500;
/**
 * A megabyte in a new file, which nothing keeps: a full disk may still have room in files that exist. Rows of this length are
 * not compressed. A server that only reads refuses it too.
 */
const PROBE = `begin;
  create temporary table lyceum_write_probe as select repeat('x', 1000) as x from generate_series(1, 1000);
  rollback`;
const NO_RIGHT = "42501";

export class WriteMonitor {
  readonly #connections: Connections;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  #canWrite = true;

  constructor(connections: Connections, log: Logger) {
    this.#connections = connections;
    this.#log = log;
  }

  /** Whether writes succeed, as far as is known. */
  get canWrite(): boolean {
    return this.#canWrite;
  }

  /** Probes, unless that was done within the last second or is being done. */
  doubt(): void {
    if (this.#closing.signal.aborted) return;
    this.#running ??= this.#decide().finally(() => (this.#running = undefined));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #decide(): Promise<void> {
    const { signal } = this.#closing;
    do {
      const outcome = await this.#probe();
      // A session keeps the default of the time when it began. While such sessions are replaced, requests are refused.
      const isReplacing = outcome === "written" && (await this.#connections.destroyReadOnly()) > 0;
      if (outcome !== "unknown" && !isReplacing) this.#set(outcome === "written", outcome);
      await sleep(INTERVAL, undefined, { ref: false, signal }).catch(() => undefined);
    } while (!this.#canWrite && !signal.aborted);
  }

  /** "written", the refusal of Postgres, or "unknown" while it cannot be asked. */
  async #probe(): Promise<string> {
    try {
      const connection = await this.#connections.connect({ statementTimeoutMs: PROBE_TIMEOUT });
      try {
        await connection.command(PROBE, performance.now() + PROBE_TIMEOUT);
      } finally {
        await connection.close(500);
      }
      return "written";
    } catch (error) {
      // An account without the right to temporary tables is not asked further: read-only sessions are noticed without it.
      if (sqlState(error) === NO_RIGHT) return "written";
      return isAgainstWrites(error) ? (error as Error).message : "unknown";
    }
  }

  #set(canWrite: boolean, reason: string): void {
    if (canWrite === this.#canWrite) return;
    this.#canWrite = canWrite;
    if (canWrite) this.#log.info("the database takes writes again");
    else this.#log.warn({ reason }, "the database takes no writes");
  }
}
