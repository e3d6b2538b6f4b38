// A client of web sockets for tests: sends and keeps frames in JSON, and waits for what it is to receive.
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import type { ClientFrame, ServerFrame, Update } from "../../../src/gen/lyceum/v1/realtime.js";

type Given<T> = T extends readonly (infer Item)[]
  ? Given<Item>[]
  : T extends object
    ? { [Name in keyof T]?: Given<T[Name]> } & { "@type"?: string; [name: string]: unknown }
    : T;

/** How long a test waits for what must come, in milliseconds. */
const patienceMs = 15_000;

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** An answer that is no web socket. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly headers: IncomingMessage["headers"],
    readonly problem: { readonly reason?: string; readonly [name: string]: unknown },
  ) {
    super(`${status} ${JSON.stringify(problem)}`);
  }
}

export interface Opening {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
  readonly query?: string;
  /** Does not answer the pings of the server. */
  readonly isSilent?: boolean;
}

export class LiveClient {
  readonly received: ServerFrame[] = [];
  readonly closed: Promise<Closed>;
  end: Closed | undefined;
  #wake: (() => void)[] = [];

  private constructor(readonly webSocket: WebSocket) {
    webSocket.on("message", (data) => {
      this.received.push(JSON.parse(String(data)) as ServerFrame);
      this.#wakeAll();
    });
    webSocket.on("error", () => undefined);
    this.closed = once(webSocket, "close").then(([code, reason]: unknown[]) => {
      this.end = { code: code as number, reason: String(reason) };
      this.#wakeAll();
      return this.end;
    });
  }

  /** Opens a socket. Rejects with a Refusal when the answer is another one. */
  static async open(
    url: string,
    { token, headers, protocols, query = "", isSilent = false }: Opening,
  ): Promise<LiveClient> {
    const webSocket = new WebSocket(
      `${url.replace("http", "ws")}/v1/realtime${query}`,
      [...(protocols ?? ["lyceum.v1.json"])],
      {
        autoPong: !isSilent,
        headers: { ...(token !== undefined && { Authorization: `Bearer ${token}` }), ...headers },
      },
    );
    const client = new LiveClient(webSocket);
    await new Promise<void>((resolve, reject) => {
      webSocket.once("open", resolve);
      webSocket.once("error", reject);
      webSocket.once("unexpected-response", (_request, response: IncomingMessage) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => {
          const text = Buffer.concat(parts).toString();
          reject(new Refusal(response.statusCode!, response.headers, JSON.parse(text || "{}") as Refusal["problem"]));
          webSocket.terminate();
        });
      });
    });
    return client;
  }

  send(frame: Given<ClientFrame>): void {
    this.webSocket.send(JSON.stringify(frame));
  }

  /** The first value that `find` finds among what was received; waits for it. Fails when the socket closes before. */
  async until<T>(find: (received: readonly ServerFrame[]) => T | undefined | false): Promise<T> {
    const late = Date.now() + patienceMs;
    for (;;) {
      const found = find(this.received);
      if (found !== undefined && found !== false) return found;
      if (this.end) throw new Error(`Closed with ${JSON.stringify(this.end)} after ${this.#last()}`);
      if (Date.now() > late) throw new Error(`Has not come: ${find.toString()}, but ${this.#last()}`);
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
        setTimeout(resolve, 250);
      });
    }
  }

  /** Subscribes, and waits for the answer. */
  async subscribe(
    id: string,
    topics: readonly { topic: string; pts?: number }[],
  ): Promise<NonNullable<ServerFrame["subscribed"]>> {
    this.send({ subscribe: { id, topics: [...topics] } });
    return this.until((frames) => frames.map(({ subscribed }) => subscribed).find((each) => each?.id === id));
  }

  /** Calls a method, and waits for the result. */
  async call(method: string, request?: object, more: object = {}): Promise<NonNullable<ServerFrame["result"]>> {
    const id = `call ${++this.#calls}`;
    const any = request && { "@type": `type.googleapis.com/lyceum.v1.${method}Request`, ...request };
    this.send({ call: { id, method, ...(any && { request: any }), ...more } });
    return this.until((frames) => frames.map(({ result }) => result).find((result) => result?.id === id));
  }

  /** All updates of a topic that have come, in the order in which they came. */
  updates(topic: string): Update[] {
    return this.received.flatMap(({ updates }) => updates?.updates ?? []).filter((update) => update.topic === topic);
  }

  pts(topic: string): number[] {
    return this.updates(topic).map(({ pts }) => pts);
  }

  /** The topics that were told to have ended. */
  get ended(): string[] {
    return this.received.flatMap(({ topics_ended }) => topics_ended?.topics ?? []);
  }

  /** Reads nothing from the network, until `resume`. */
  pause(): void {
    this.webSocket.pause();
  }

  resume(): void {
    this.webSocket.resume();
  }

  async close(): Promise<void> {
    this.webSocket.close();
    await this.closed;
  }

  #calls = 0;

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #last(): string {
    return JSON.stringify(this.received.slice(-5)).slice(0, 1_000);
  }
}
