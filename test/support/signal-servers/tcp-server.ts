// A TCP server on this machine whose connections can be cut, and which can be away for a while at the same port.
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

export class TcpServer {
  readonly #sockets = new Set<Socket>();
  readonly #connected: (socket: Socket) => void;
  #server: Server | undefined;
  /** 0 before it was started. */
  port = 0;

  constructor(connected: (socket: Socket) => void) {
    this.#connected = connected;
  }

  /** Listens; at the port that it had before, if any. */
  async start(): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
      this.#connected(socket);
    });
    server.listen(this.port, "127.0.0.1");
    await once(server, "listening");
    this.port = (server.address() as { port: number }).port;
    this.#server = server;
  }

  /** Takes no connection, and cuts those that are open. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(server, "close");
  }
}
