// What the database tells of its own accord (LISTEN and NOTIFY), over the connection that watches its monitor.
import pg from "pg";
import type { Logger } from "pino";
import type { DatabaseMonitor } from "./database-monitor.js";
import type { PipelinedClient } from "./protocol/pipelined-client.js";

const LISTEN_DEADLINE = 2_000;

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
    monitor.greet = (client) => this.#greet(client);
    this.#hear(monitor.client);
  }

  /** Hears a channel until the returned function is called. Rejects with ConnectionLost. */
  async listen(subscription: Subscription): Promise<() => Promise<void>> {
    // Before LISTEN, so that a connection lost meanwhile is told of it too.
    this.#subscriptions.add(subscription);
    try {
      await this.#say("listen", subscription.channel);
    } catch (error) {
      this.#subscriptions.delete(subscription);
      throw error;
    }
    return async () => {
      this.#subscriptions.delete(subscription);
      if (this.#names().includes(subscription.channel)) return;
      // A connection that is lost no longer listens either.
      await this.#say("unlisten", subscription.channel).catch(() => undefined);
    };
  }

  async #greet(client: PipelinedClient): Promise<void> {
    this.#hear(client);
    const known = [...this.#subscriptions];
    for (const channel of this.#names()) await this.#say("listen", channel, client);
    for (const { channel, onReconnect } of known) this.#call(channel, onReconnect);
  }

  #hear(client: PipelinedClient): void {
    client.on("notification", ({ channel, payload = "" }) => {
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

  async #say(verb: "listen" | "unlisten", channel: string, client = this.#monitor.client): Promise<void> {
    await client.command(`${verb} ${pg.escapeIdentifier(channel)}`, performance.now() + LISTEN_DEADLINE);
  }
}
