// Requests to go on with another protocol on the same connection (RFC 9110, section 7.8). Only web sockets are spoken here.
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Socket } from "node:net";
import type { Connections } from "./connections.js";

/** Takes the request of a web socket and its connection, which is then its own. `head` is what came behind the request. */
export type OnUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

/** The listener for the event "upgrade" of a server. */
export function upgrades(
  server: Server,
  connections: Connections,
  onUpgrade: OnUpgrade,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  return (request, duplex, head) => {
    const socket = duplex as Socket;
    // Node has taken its own listeners away.
    const lose = (): void => void socket.destroy();
    socket.on("error", lose).on("timeout", lose);
    connections.of(socket)?.whenFree(() => {
      socket.off("timeout", lose);
      if (isWebSocket(request)) {
        connections.release(socket);
        socket.setTimeout(0);
        socket.setNoDelay(true);
        return onUpgrade(request, socket, head);
      }
      // Clients that would like HTTP/2 ask for "h2c" with their first request, and take HTTP/1.1. Node has stopped reading it at its head.
      socket.unshift(Buffer.concat([headWithoutUpgrade(request), head]));
      socket.off("error", lose);
      server.emit("connection", socket);
    });
  };
}

/** In HTTP/1.0 there is no Upgrade (RFC 9110, section 7.8). */
function isWebSocket({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion === "1.1" && headers.upgrade?.trim().toLowerCase() === "websocket";
}

/** The head of a request as it came, without the headers that ask for another protocol. */
function headWithoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name, value] = [rawHeaders[index]!, rawHeaders[index + 1]!];
    const kept = name.toLowerCase() === "connection" ? withoutUpgrade(value) : value;
    if (name.toLowerCase() !== "upgrade" && kept !== "") lines.push(`${name}: ${kept}`);
  }
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

function withoutUpgrade(connection: string): string {
  const options = connection.split(",").map((option) => option.trim());
  return options.filter((option) => !/^(?:upgrade|http2-settings)$/i.test(option)).join(", ");
}
