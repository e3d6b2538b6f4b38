// A TCP port before a Postgres, whose network can fail, and can be watched.
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { addressOf } from "../../src/platform/database/protocol/open-connection.js";

/** Connects to the server of a URL, over TCP or over its Unix socket. */
export function connectTo(url: string): Socket {
  const { host, port } = addressOf(url);
  return host.startsWith("/") ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
}

/** The same URL, with the host and the port of a server on this machine. */
export function through(url: string, server: Server): string {
  const result = new URL(url);
  result.searchParams.delete("host");
  result.hostname = "127.0.0.1";
  result.port = String((server.address() as { port: number }).port);
  return result.href;
}

export class TcpProxy {
  #isBlackHole = false;
  /** Grows when a black hole begins: connections of before it are dead. */
  #holes = 0;
  /** The bytes of the server are delayed until a client has sent this text. */
  delayedUntil: string | undefined;
  readonly #sockets = new Set<Socket>();
  /** For each connection, whether it is dead. */
  readonly #connections = new Set<() => boolean>();

  private constructor(
    readonly server: Server,
    readonly url: string,
  ) {}

  /** No byte arrives any more: on the connections of today for ever, on those that are made meanwhile neither. */
  get isBlackHole(): boolean {
    return this.#isBlackHole;
  }

  set isBlackHole(isBlackHole: boolean) {
    if (isBlackHole) this.forget();
    this.#isBlackHole = isBlackHole;
  }

  /** No byte arrives any more on the connections of today, as with a router that has restarted; new ones work. */
  forget(): void {
    this.#holes++;
  }

  /** How many connections are open on which no byte arrives. */
  get dead(): number {
    return [...this.#connections].filter((isDead) => isDead()).length;
  }

  /** Listens before the Postgres of that URL. */
  static async before(target: string): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = new TcpProxy(server, through(target, server));
    server.on("connection", (client) => proxy.#join(client, connectTo(target)));
    return proxy;
  }

  /** Resets every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, "close");
  }

  #join(client: Socket, server: Socket): void {
    const [holes, wasBornDead] = [this.#holes, this.isBlackHole];
    const isDead = (): boolean => wasBornDead || holes !== this.#holes;
    this.#connections.add(isDead);
    client.on("close", () => this.#connections.delete(isDead));
    let sent = "";
    const delayed: Buffer[] = [];
    const forward = (from: Socket, to: Socket, write: (bytes: Buffer) => void): void => {
      this.#sockets.add(from);
      from.on("error", () => undefined);
      from.on("data", (bytes) => {
        if (!isDead()) write(bytes);
      });
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    };
    forward(client, server, (bytes) => {
      server.write(bytes);
      if (this.delayedUntil === undefined) return;
      sent += bytes.toString("latin1");
      if (!sent.includes(this.delayedUntil)) return;
      this.delayedUntil = undefined;
      client.write(Buffer.concat(delayed.splice(0)));
    });
    forward(server, client, (bytes) => {
      if (this.delayedUntil === undefined) client.write(bytes);
      else delayed.push(bytes);
    });
  }
}
