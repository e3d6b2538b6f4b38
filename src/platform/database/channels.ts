// Notifications (LISTEN and NOTIFY), received over the connection of the monitor.
import type { Logger } from "pino";
import type { DatabaseMonitor } from "./database-monitor.js";
import type { Connection } from "./protocol/connection.js";

const COMMAND_TIMEOUT = 2_000;

interface Subscription {
  readonly channel: string;
  readonly handler: (payload: string) => void;
  readonly onReconnect: () => void;
}

export class Channels {
  readonly #monitor: DatabaseMonitor;
  readonly #log: Logger;
  readonly #subscriptions = new Set<Subscription>();

  constructor(monitor: DatabaseMonitor, log: Logger) {
    this.#monitor = monitor;
    this.#log = log;
    monitor.onReconnected = (connection) => this.#resubscribe(connection);
    this.#receive(monitor.connection);
  }

  /** Calls the subscription's handler until the returned function is called. Rejects with ConnectionLost. */
  async listen(subscription: Subscription): Promise<() => Promise<void>> {
    // Before LISTEN, so that onReconnect is called when the connection is lost meanwhile.
    this.#subscriptions.add(subscription);
    try {
      await this.#execute("listen", subscription.channel);
    } catch (error) {
      this.#subscriptions.delete(subscription);
      throw error;
    }
    return async () => {
      this.#subscriptions.delete(subscription);
      if (this.#names().includes(subscription.channel)) return;
      // A lost connection has no subscriptions either.
      await this.#execute("unlisten", subscription.channel).catch(() => undefined);
    };
  }

  async #resubscribe(connection: Connection): Promise<void> {
    this.#receive(connection);
    const subscriptions = [...this.#subscriptions];
    for (const channel of this.#names()) await this.#execute("listen", channel, connection);
    for (const { channel, onReconnect } of subscriptions) this.#call(channel, onReconnect);
  }

  #receive(connection: Connection): void {
    connection.onNotification((channel, payload) => {
      for (const subscription of this.#subscriptions) {
        if (subscription.channel === channel) this.#call(channel, () => subscription.handler(payload));
      }
    });
  }

  #call(channel: string, handler: () => void): void {
    try {
      handler();
    } catch (error) {
      this.#log.error({ err: error, channel }, "a listener failed");
    }
  }

  #names(): string[] {
    return [...new Set([...this.#subscriptions].map(({ channel }) => channel))];
  }

  async #execute(verb: "listen" | "unlisten", channel: string, connection = this.#monitor.connection): Promise<void> {
    const identifier = `"${channel.replaceAll('"', '""')}"`;
    await connection.command(`${verb} ${identifier}`, performance.now() + COMMAND_TIMEOUT);
  }
}
