// As much of NATS as signals need: PUB and SUB of its text protocol, with a password. It stands in where nats-server is not installed.
import type { Socket } from "node:net";
import { TcpServer } from "./tcp-server.js";

interface Client {
  readonly socket: Socket;
  readonly subscriptions: Map<string, string>;
  isKnown: boolean;
  hearsItself: boolean;
}

/** A server for one user with this password. */
export function natsStandIn(user: string, password: string): TcpServer {
  const clients = new Set<Client>();

  function publish(from: Client, subject: string, payload: Buffer): void {
    for (const client of clients) {
      if (client === from && !client.hearsItself) continue;
      for (const [sid, subscribed] of client.subscriptions) {
        if (subscribed !== subject) continue;
        client.socket.write(`MSG ${subject} ${sid} ${payload.length}\r\n`);
        client.socket.write(Buffer.concat([payload, Buffer.from("\r\n")]));
      }
    }
  }

  function obey(client: Client, line: string): void {
    const [verb = "", ...words] = line.split(" ");
    if (verb === "CONNECT") {
      const given = JSON.parse(words.join(" ")) as { user?: string; pass?: string; echo?: boolean };
      client.isKnown = given.user === user && given.pass === password;
      client.hearsItself = given.echo !== false;
      if (client.isKnown) return;
      client.socket.end("-ERR 'Authorization Violation'\r\n");
    } else if (verb === "PING") client.socket.write("PONG\r\n");
    else if (verb === "SUB" && client.isKnown) client.subscriptions.set(words.at(-1)!, words[0]!);
    else if (verb === "UNSUB") client.subscriptions.delete(words[0]!);
  }

  return new TcpServer((socket) => {
    const client: Client = { socket, subscriptions: new Map(), isKnown: false, hearsItself: true };
    clients.add(client);
    socket.on("close", () => clients.delete(client));
    const info = {
      server_id: "x",
      server_name: "x",
      version: "2.9.10",
      proto: 1,
      max_payload: 1_048_576,
      headers: true,
    };
    socket.write(`INFO ${JSON.stringify({ ...info, auth_required: true })}\r\n`);
    let bytes = Buffer.alloc(0);
    socket.on("data", (data) => {
      bytes = Buffer.concat([bytes, data]);
      for (let end = bytes.indexOf("\r\n"); end >= 0; end = bytes.indexOf("\r\n")) {
        const line = bytes.toString("utf8", 0, end);
        const pub = /^PUB (\S+) (\d+)$/.exec(line);
        const length = end + 2 + (pub ? Number(pub[2]) + 2 : 0);
        if (length > bytes.length) return;
        if (!pub) obey(client, line);
        else if (client.isKnown) publish(client, pub[1]!, bytes.subarray(end + 2, length - 2));
        bytes = bytes.subarray(length);
      }
    });
  });
}
