// As much of Redis as signals need: PUBLISH and SUBSCRIBE in RESP2, with a password. It stands in where redis-server is not installed.
import type { Socket } from "node:net";
import { TcpServer } from "./tcp-server.js";

/** A server for the user "default" with this password. */
export function redisStandIn(password: string): TcpServer {
  const subscribers = new Map<string, Set<Socket>>();

  function answer(socket: Socket, command: readonly string[], isKnown: boolean): string {
    const [name = "", ...rest] = command;
    const [first = "", second = ""] = rest;
    switch (name.toLowerCase()) {
      case "auth":
        return rest.at(-1) === password
          ? "+OK\r\n"
          : "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
      case "client":
      case "select":
        return isKnown ? "+OK\r\n" : "-NOAUTH Authentication required.\r\n";
      case "ping":
        return isOfSubscriber(socket) ? `*2\r\n${bulk("pong")}${bulk("")}` : "+PONG\r\n";
      case "subscribe": {
        if (!isKnown) return "-NOAUTH Authentication required.\r\n";
        subscribers.set(first, (subscribers.get(first) ?? new Set()).add(socket));
        socket.on("close", () => subscribers.get(first)?.delete(socket));
        return `*3\r\n${bulk("subscribe")}${bulk(first)}:1\r\n`;
      }
      case "publish": {
        if (!isKnown) return "-NOAUTH Authentication required.\r\n";
        const all = subscribers.get(first) ?? new Set();
        for (const each of all) each.write(`*3\r\n${bulk("message")}${bulk(first)}${bulk(second)}`);
        return `:${all.size}\r\n`;
      }
      default:
        return `-ERR unknown command '${name}'\r\n`;
    }
  }
  const isOfSubscriber = (socket: Socket): boolean => [...subscribers.values()].some((all) => all.has(socket));

  return new TcpServer((socket) => {
    let bytes = Buffer.alloc(0);
    let isKnown = false;
    socket.on("data", (data) => {
      bytes = Buffer.concat([bytes, data]);
      for (let read = readCommand(bytes); read; read = readCommand(bytes)) {
        bytes = bytes.subarray(read.length);
        const text = answer(socket, read.command, isKnown);
        if (read.command[0]?.toLowerCase() === "auth" && text.startsWith("+")) isKnown = true;
        socket.write(text);
      }
    });
  });
}

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

/** The first command of some bytes, and its length; undefined when it is not complete. */
function readCommand(bytes: Buffer): { command: string[]; length: number } | undefined {
  let at = 0;
  const line = (): string | undefined => {
    const end = bytes.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const text = bytes.toString("utf8", at, end);
    at = end + 2;
    return text;
  };
  const count = line();
  if (count === undefined) return undefined;
  const command: string[] = [];
  for (let left = Number(count.slice(1)); left > 0; left -= 1) {
    const length = Number(line()?.slice(1));
    if (Number.isNaN(length) || at + length + 2 > bytes.length) return undefined;
    command.push(bytes.toString("utf8", at, at + length));
    at += length + 2;
  }
  return { command, length: at };
}
