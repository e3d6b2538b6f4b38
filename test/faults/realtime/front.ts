// What lies between the clients and a server: a TCP port whose connections break in the middle of a frame, or stand still.
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** What comes next from the server is sent in part, and then nothing more. */
  isCutNext: boolean;
}

export class Front {
  readonly #pairs = new Set<Pair>();
  #isStalled = false;
  /** How many connections were broken within bytes of the server. */
  cutWithin = 0;

  private constructor(
    private readonly listener: Server,
    readonly url: string,
  ) {}

  /** Listens before a server, whose port is asked for with each connection: it changes when it starts again. */
  static async before(port: () => number): Promise<Front> {
    const listener = createServer({ noDelay: true }).listen(0, "127.0.0.1");
    await once(listener, "listening");
    const front = new Front(listener, `http://127.0.0.1:${(listener.address() as { port: number }).port}`);
    listener.on("connection", (client) =>
      front.#join(client, connect({ port: port(), host: "127.0.0.1", noDelay: true })),
    );
    return front;
  }

  /** Breaks all connections: each within the next bytes that the server sends, or after `withinMs` where none come. */
  cut(withinMs: number): void {
    for (const pair of this.#pairs) {
      pair.isCutNext = true;
      setTimeout(() => end(pair), withinMs).unref();
    }
  }

  /** While it is stalled no byte passes in either direction, and none is lost. */
  stall(isStalled: boolean): void {
    this.#isStalled = isStalled;
    for (const { client, server } of this.#pairs)
      for (const socket of [client, server]) isStalled ? socket.pause() : socket.resume();
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) end(pair);
    this.listener.close();
    await once(this.listener, "close");
  }

  #join(client: Socket, server: Socket): void {
    const pair: Pair = { client, server, isCutNext: false };
    this.#pairs.add(pair);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on("error", () => undefined);
      from.on("drain", () => this.#isStalled || to.resume());
      from.on("end", () => to.end());
      from.on("close", () => {
        this.#pairs.delete(pair);
        to.destroy();
      });
    }
    client.on("data", (bytes) => server.write(bytes) || client.pause());
    server.on("data", (bytes) => {
      if (pair.isCutNext) {
        this.cutWithin += 1;
        client.write(bytes.subarray(0, bytes.length >> 1), () => end(pair));
        server.pause();
      } else if (!client.write(bytes)) server.pause();
    });
    if (this.#isStalled) for (const socket of [client, server]) socket.pause();
  }
}

function end({ client, server }: Pair): void {
  client.resetAndDestroy();
  server.destroy();
}
