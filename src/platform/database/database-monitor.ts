// Whether the database is there. One connection of its own asks once a second, answers pings and hears notifications;
// while it cannot be made, the other connections neither try nor wait.
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Connections } from "./connections.js";
import { ConnectionLost, isLiving } from "./database-errors.js";
import type { PipelinedClient } from "./protocol/pipelined-client.js";

const HEARTBEAT = 1_000;
const RETRY = 200;
/** How long a query of our own may wait for its answer. */
const ANSWER = 1_500;
/** How long a lost connection may take to be made again before the database counts as away. */
const PATIENCE = 1_000;

/** Sees a new connection before anyone else uses it; what it rejects with makes the connection be made again. */
type Greeting = (client: PipelinedClient) => Promise<void>;

export class DatabaseMonitor {
  readonly #connections: Connections;
  readonly #log: Logger;
  readonly #heartbeat: NodeJS.Timeout;
  #client: PipelinedClient;
  #isAway = false;
  #isClosed = false;
  #waiting: (() => void)[] = [];
  /** What a connection made anew is told first: the channels that are listened to. */
  greet: Greeting = () => Promise.resolve();

  constructor(first: PipelinedClient, connections: Connections, log: Logger) {
    this.#connections = connections;
    this.#log = log;
    this.#client = first;
    this.#keep(first);
    connections.onOverdue = () => this.doubt();
    this.#heartbeat = setInterval(() => this.#ask(ANSWER), HEARTBEAT).unref();
  }

  /** The connection that asks; perhaps a lost one, which refuses what is asked of it. */
  get client(): PipelinedClient {
    return this.#client;
  }

  /** Whether the database is known to be out of reach. */
  get isAway(): boolean {
    return this.#isAway;
  }

  /** Looks at once, because something gives reason to doubt. */
  doubt(): void {
    this.#ask(PATIENCE);
  }

  /** Resolves when the database is not, or no longer, known to be away. */
  async returned(): Promise<void> {
    if (this.#isAway) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Milliseconds to an answer. Rejects with ConnectionLost when none comes within two seconds. */
  async ping(): Promise<number> {
    const start = performance.now();
    await this.#client.run("ping", "select 1", [], start + ANSWER);
    return performance.now() - start;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    this.#back();
    await this.#client.finish(500);
  }

  #ask(withinMs: number): void {
    // No answer in time makes the watchdog give the connection up, and that is the news.
    this.#client.run("ping", "select 1", [], performance.now() + withinMs).catch(() => undefined);
  }

  #keep(client: PipelinedClient): void {
    this.#client = client;
    client.onLost(() => void this.#reconnect());
  }

  async #reconnect(): Promise<void> {
    const patience = setTimeout(() => this.#leave("it does not answer"), PATIENCE).unref();
    const client = await this.#connect();
    clearTimeout(patience);
    if (this.#isClosed || !client) return client?.finish(500);
    this.#keep(client);
    this.#back();
    await this.greet(client).catch(async (error: unknown) => {
      await sleep(RETRY);
      client.destroy(error);
    });
  }

  async #connect(): Promise<PipelinedClient | undefined> {
    while (!this.#isClosed) {
      try {
        return await this.#connections.connect({ statementTimeoutMs: ANSWER, connectTimeoutMs: 1_000 });
      } catch (error) {
        const cause = error instanceof ConnectionLost ? error.cause : error;
        if (!isLiving(cause)) this.#leave(cause);
        await sleep(RETRY);
      }
    }
    return undefined;
  }

  #leave(reason: unknown): void {
    if (this.#isAway || this.#isClosed) return;
    this.#isAway = true;
    this.#log.warn({ reason: reason instanceof Error ? reason.message : reason }, "the database is away");
    this.#connections.abandon("the database is away");
  }

  #back(): void {
    if (this.#isAway) this.#log.info("the database is back");
    this.#isAway = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
