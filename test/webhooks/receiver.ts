// A server that webhooks are sent to, on loopback: it keeps what it got, and answers as a test says.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly json: { readonly type: string; readonly timestamp: string; readonly data?: Record<string, unknown> };
}

export interface Receiver {
  /** The address of a path. */
  at(path: string): string;
  /** What came to a path, the oldest first. */
  of(path: string): readonly Received[];
  /** Answers requests to a path; 204 when nothing is said. */
  answer(path: string, how: (response: ServerResponse, received: Received) => void): void;
  /** The most requests that a path had at once. */
  most(path: string): number;
  close(): Promise<void>;
}

/** Starts a receiver. */
export async function startReceiver(): Promise<Receiver> {
  const all: Received[] = [];
  const answers = new Map<string, (response: ServerResponse, received: Received) => void>();
  const [open, most] = [new Map<string, number>(), new Map<string, number>()];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    open.set(path, (open.get(path) ?? 0) + 1);
    most.set(path, Math.max(most.get(path) ?? 0, open.get(path)!));
    response.on("close", () => open.set(path, open.get(path)! - 1));
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts);
      const isJson = request.headers["content-type"] === "application/json";
      const json = (isJson ? JSON.parse(String(body)) : {}) as Received["json"];
      const received = { path, headers: request.headers, body, json };
      all.push(received);
      const answer = answers.get(path);
      if (answer) answer(response, received);
      else response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    at: (path) => `http://127.0.0.1:${port}${path}`,
    of: (path) => all.filter((each) => each.path === path),
    answer: (path, how) => void answers.set(path, how),
    most: (path) => most.get(path) ?? 0,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
