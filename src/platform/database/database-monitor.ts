// Whether the database is available. A connection of its own is probed several times a second, serves pings and receives notifications;
// while it cannot be opened, the other connections neither connect nor wait.
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { LatestValue } from "../latest-value.js";
import { type Connections, isReadOnly } from "./connections.js";
import { isRefusal } from "./database-errors.js";
import { type Connection, ConnectionLost } from "./protocol/connection.js";

const PROBE_INTERVAL = 300;
const RETRY_DELAY = 200;
/** How long the response to a probe or a ping may take, in milliseconds. */
const PROBE_TIMEOUT = 1_500;
/** The same for a probe after a failure elsewhere, and for a reconnection: after it the database is unavailable. */
const RECONNECT_TIMEOUT = 1_000;

export interface Availability {
  readonly is_available: boolean;
  /** RFC 3339, in UTC with milliseconds. */
  readonly since: string;
}

function availability(isAvailable: boolean): Availability {
  return { is_available: isAvailable, since: new Date().toISOString() };
}

/** Prepares a new connection before any other use. When it rejects, the connection is replaced. */
type ReconnectHandler = (connection: Connection) => Promise<void>;

export class DatabaseMonitor {
  readonly #connections: Connections;
  readonly #log: Logger;
  readonly #probeTimer: NodeJS.Timeout;
  #connection: Connection;
  /** Whether the database can be reached, as far as is known, and since when. */
  readonly availability = new LatestValue<Availability>(availability(true));
  #isClosed = false;
  #waiters: (() => void)[] = [];
  /** Called with each connection that replaces a lost one. */
  onReconnected: ReconnectHandler = () => Promise.resolve();
  /** Called when a probe was answered that was sent at the time `sentAt` of performance.now(). */
  onHeard: (connection: Connection, sentAt: number) => void = () => undefined;
  /** Called after each probe that finds a session that can only read. */
  onReadOnly: () => void = () => undefined;

  constructor(first: Connection, connections: Connections, log: Logger) {
    this.#connections = connections;
    this.#log = log;
    this.#connection = first;
    this.#use(first);
    connections.onOverdue = () => this.probe();
    this.#probeTimer = setInterval(() => this.#probe(PROBE_TIMEOUT), PROBE_INTERVAL).unref();
  }

  /** The monitored connection; when it is lost, every use of it rejects until it is replaced. */
  get connection(): Connection {
    return this.#connection;
  }

  /** Whether the database can be reached, as far as is known. */
  get isAvailable(): boolean {
    return this.availability.value.is_available;
  }

  /** Probes at once, after a failure elsewhere. */
  probe(): void {
    this.#probe(RECONNECT_TIMEOUT);
  }

  /** Resolves when the database is available. */
  async untilAvailable(): Promise<void> {
    if (!this.isAvailable) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Resolves with the milliseconds that a response took. Rejects with ConnectionLost when none comes within two seconds. */
  async ping(): Promise<number> {
    const start = performance.now();
    await this.#connection.run("ping", "select 1", [], start + PROBE_TIMEOUT);
    return performance.now() - start;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#probeTimer);
    this.#setAvailable();
    await this.#connection.close(500);
  }

  #probe(timeoutMs: number): void {
    const connection = this.#connection;
    const sentAt = performance.now();
    // When no response comes in time, the watchdog destroys the connection, and its loss is the result.
    void this.#hear(connection, sentAt, timeoutMs).catch(() => undefined);
  }

  async #hear(connection: Connection, sentAt: number, timeoutMs: number): Promise<void> {
    const isReading = await isReadOnly(connection, sentAt + timeoutMs);
    this.onHeard(connection, sentAt);
    if (isReading) this.onReadOnly();
  }

  #use(connection: Connection): void {
    this.#connection = connection;
    connection.onLost(() => void this.#reconnect());
  }

  async #reconnect(): Promise<void> {
    const timer = setTimeout(() => this.#setUnavailable("it does not respond"), RECONNECT_TIMEOUT).unref();
    const connection = await this.#connect();
    clearTimeout(timer);
    if (this.#isClosed || !connection) return connection?.close(500);
    this.#use(connection);
    this.#setAvailable();
    // What has cut this connection may have cut others, and nothing says so while they are idle.
    this.#connections.probeIdle(RECONNECT_TIMEOUT);
    await this.onReconnected(connection).catch(async (error: unknown) => {
      await sleep(RETRY_DELAY);
      connection.destroy(error);
    });
  }

  async #connect(): Promise<Connection | undefined> {
    while (!this.#isClosed) {
      try {
        return await this.#connections.connect({ statementTimeoutMs: PROBE_TIMEOUT, connectTimeoutMs: 1_000 });
      } catch (error) {
        const cause = error instanceof ConnectionLost ? error.cause : error;
        if (!isRefusal(cause)) this.#setUnavailable(cause);
        await sleep(RETRY_DELAY);
      }
    }
    return undefined;
  }

  #setUnavailable(reason: unknown): void {
    if (!this.isAvailable || this.#isClosed) return;
    this.availability.set(availability(false));
    this.#log.warn({ reason: reason instanceof Error ? reason.message : reason }, "the database is unavailable");
    this.#connections.destroyAll("the database is unavailable");
  }

  #setAvailable(): void {
    if (!this.isAvailable) {
      this.#log.info("the database is available again");
      this.availability.set(availability(true));
    }
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}
