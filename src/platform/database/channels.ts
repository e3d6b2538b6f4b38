// Notifications (LISTEN and NOTIFY), received over the connection of the monitor, and the state that a process keeps by them: loaded
// again after each reconnection, however often that has to be tried, and known to be current or not.
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { DatabaseMonitor } from "./database-monitor.js";
import type { Connection } from "./protocol/connection.js";

const COMMAND_TIMEOUT = 2_000;
const RELOAD_DELAY = 200;
/** For how long what was known is taken to be current, in milliseconds. The monitor gets a new proof three times as often. */
const CURRENT_TIME = 900;

interface Subscription {
  readonly channel: string;
  readonly handler: (payload: string) => void;
  /** Loads the state that the notifications change. */
  readonly load: () => Promise<void>;
}

/** A subscription, and how far its state is known. */
interface Entry extends Subscription {
  /** The connection over which all changes since the last load have come. */
  loadedOn: Connection | undefined;
  /** All changes of before this time of performance.now() are known. */
  knownAt: number;
  /** What has arrived since the load under way began; undefined while none is under way. */
  held: string[] | undefined;
}

export interface Listening {
  readonly isCurrent: boolean;
  close(): Promise<void>;
}

export class Channels {
  readonly #monitor: DatabaseMonitor;
  readonly #log: Logger;
  readonly #entries = new Set<Entry>();

  constructor(monitor: DatabaseMonitor, log: Logger) {
    this.#monitor = monitor;
    this.#log = log;
    monitor.onReconnected = (connection) => this.#resubscribe(connection);
    monitor.onHeard = (connection, sentAt) => this.#hear(connection, sentAt);
    this.#receive(monitor.connection);
  }

  /** Begins a subscription; its state is loaded when this resolves. Rejects with ConnectionLost, or as `load` does. */
  async listen(subscription: Subscription): Promise<Listening> {
    const entry: Entry = { ...subscription, loadedOn: undefined, knownAt: -Infinity, held: undefined };
    const close = async (): Promise<void> => {
      this.#entries.delete(entry);
      if (this.#names().includes(entry.channel)) return;
      // A lost connection has no subscriptions either.
      await this.#execute("unlisten", entry.channel).catch(() => undefined);
    };
    // Before LISTEN, so that the state is loaded again when the connection is lost meanwhile.
    this.#entries.add(entry);
    try {
      const { connection } = this.#monitor;
      await this.#execute("listen", entry.channel, connection);
      await this.#load(entry, connection);
    } catch (error) {
      await close();
      throw error;
    }
    return {
      get isCurrent() {
        return performance.now() - entry.knownAt < CURRENT_TIME;
      },
      close,
    };
  }

  /** Postgres, from version 15 on, sends what was notified before the probe before its answer. */
  #hear(connection: Connection, sentAt: number): void {
    for (const entry of this.#entries) if (entry.loadedOn === connection) entry.knownAt = sentAt;
  }

  async #resubscribe(connection: Connection): Promise<void> {
    this.#receive(connection);
    const entries = [...this.#entries];
    for (const channel of this.#names()) await this.#execute("listen", channel, connection);
    for (const entry of entries) void this.#reload(entry, connection);
  }

  /** Loads until it succeeds. A lost connection ends it: the next one begins it again. */
  async #reload(entry: Entry, connection: Connection): Promise<void> {
    for (let attempt = 1; !connection.lost && this.#entries.has(entry); attempt += 1) {
      try {
        return await this.#load(entry, connection);
      } catch (error) {
        const line = { err: error, channel: entry.channel };
        if (attempt === 1) this.#log.warn(line, "the state of a channel could not be loaded; this is repeated");
        await sleep(RELOAD_DELAY);
      }
    }
  }

  /** What arrives during the load may be older than what is loaded, or newer: it is handled afterwards, in its order. */
  async #load(entry: Entry, connection: Connection): Promise<void> {
    const held: string[] = [];
    const begunAt = performance.now();
    entry.held = held;
    await entry.load();
    // Another connection has begun a load of its own.
    if (entry.held !== held) return;
    entry.held = undefined;
    for (const payload of held) this.#call(entry, payload);
    entry.loadedOn = connection;
    entry.knownAt = begunAt;
  }

  #receive(connection: Connection): void {
    connection.onNotification((channel, payload) => {
      for (const entry of this.#entries) {
        if (entry.channel !== channel) continue;
        if (entry.held) entry.held.push(payload);
        else this.#call(entry, payload);
      }
    });
  }

  #call({ handler, channel }: Entry, payload: string): void {
    try {
      handler(payload);
    } catch (error) {
      this.#log.error({ err: error, channel }, "a listener failed");
    }
  }

  #names(): string[] {
    return [...new Set([...this.#entries].map(({ channel }) => channel))];
  }

  async #execute(verb: "listen" | "unlisten", channel: string, connection = this.#monitor.connection): Promise<void> {
    const identifier = `"${channel.replaceAll('"', '""')}"`;
    await connection.command(`${verb} ${identifier}`, performance.now() + COMMAND_TIMEOUT);
  }
}
