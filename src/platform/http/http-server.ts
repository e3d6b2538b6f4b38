// The node:http server below Koa: its time limits, and its answers to what is not HTTP.
import { randomUUID } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { OperatorError } from "../operator-error.js";

/** Requests whose client waits for "100 Continue": the body is asked for when it is known that it may come. */
const waiting = new WeakSet<object>();

/** Whether the client of this request holds its body back until it is told to go on. */
export function expectsContinue(request: object): boolean {
  return waiting.has(request);
}

/** A server with limits on how slowly a client may speak. */
export function httpServer(listener: RequestListener): Server {
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      // A missing Host is refused like other faults of a head, with a Problem; Node would answer without a word.
      requireHostHeader: false,
      headersTimeout: 5_000,
      requestTimeout: 15_000,
      keepAliveTimeout: 5_000,
      // The other limits are only looked at this often; Node's own 30 s would make them idle.
      connectionsCheckingInterval: 1_000,
    },
    listener,
  );
  // Who does not read what it asked for keeps a connection and its buffers: no work of ours is silent for so long.
  server.timeout = 30_000;
  server.on("checkContinue", (request, response) => {
    waiting.add(request);
    listener(request, response);
  });
  // An expectation that nobody has heard of changes nothing about the request (RFC 9110, section 10.1.1).
  server.on("checkExpectation", listener);
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => refuse(error, socket));
  return server;
}

/** Listens; answers with the port. Fails with a sentence that says what to do. */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(new OperatorError(whyNot(error, port, host), { cause: error })),
    );
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Fails as `listen` would, without listening any longer than it takes to know. */
export async function requireFreePort(port: number, host: string): Promise<void> {
  const probe = createServer();
  await listen(probe, port, host);
  await drain(probe, 0);
}

/** Stops listening and waits until the last request is answered, at most `withinMs`; then cuts what is left. */
export async function drain(server: Server, withinMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection between two requests would keep the server open until its client's next one.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), withinMs);
  server.closeIdleConnections();
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}

function whyNot(error: NodeJS.ErrnoException, port: number, host: string): string {
  if (error.code === "EADDRINUSE")
    return `Port ${port} is in use by another program. Stop that program, or choose another port: PORT=8081.`;
  if (error.code === "EACCES") return `Port ${port} may not be opened by this user. Choose one above 1023: PORT=8080.`;
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return `The address ${host} is not one of this machine's. Set HOST to 127.0.0.1 or 0.0.0.0.`;
  return `The server cannot listen on ${host}:${port} (${error.code ?? "unknown fault"}).`;
}

interface Refusal {
  readonly status: number;
  readonly title: string;
  readonly code: string;
  readonly reason: string;
  readonly detail: string;
}

const notHttp: Refusal = {
  status: 400,
  title: "Bad Request",
  code: "INVALID_ARGUMENT",
  reason: "MALFORMED_REQUEST",
  detail: "This is not an HTTP request",
};
const refusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    title: "Request Header Fields Too Large",
    code: "INVALID_ARGUMENT",
    reason: "MALFORMED_REQUEST",
    detail: "The headers are larger than 16 KiB",
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    title: "Request Timeout",
    code: "DEADLINE_EXCEEDED",
    reason: "REQUEST_TIMEOUT",
    detail: "The request did not arrive in time",
  },
};

/** What is not a request that Node can read is answered in JSON: no codec was asked for that could be known. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  const answering = (socket as Socket & { _httpMessage?: { headersSent: boolean } | null })._httpMessage;
  if (!socket.writable || answering?.headersSent || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const refusal = refusals[error.code ?? ""] ?? notHttp;
  const requestId = randomUUID();
  const body = JSON.stringify({
    type: "about:blank",
    ...refusal,
    instance: "",
    request_id: requestId,
    violations: [],
    supported: [],
    retry_after_seconds: 0,
  });
  const head = [
    `HTTP/1.1 ${refusal.status} ${refusal.title}`,
    "Content-Type: application/problem+json; charset=utf-8",
    "Cache-Control: no-store",
    "Vary: Accept, Accept-Encoding",
    "X-Content-Type-Options: nosniff",
    `X-Request-Id: ${requestId}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
