// The node:http server below Koa: its time limits, and its answers to what is not HTTP.
import { randomUUID } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { OperatorError } from "../operator-error.js";

/** Requests with "Expect: 100-continue". The response 100 is sent when the body is needed, and not before. */
const expecting = new WeakSet<object>();

/** Whether the client of this request sends no body before the response 100 (RFC 9110, section 10.1.1). */
export function expectsContinue(request: object): boolean {
  return expecting.has(request);
}

/** A server with limits on the time of requests and of idle connections. Requests that cannot be parsed get a Problem in JSON. */
export function httpServer(listener: RequestListener): Server {
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      // A missing Host is refused with a Problem, like other faults of a head; Node's own response has no body.
      requireHostHeader: false,
      headersTimeout: 5_000,
      requestTimeout: 15_000,
      keepAliveTimeout: 5_000,
      // The interval at which the other limits are checked; Node's default of 30 s would make them ineffective.
      connectionsCheckingInterval: 1_000,
    },
    listener,
  );
  // A client that does not read its response occupies a connection and its buffers. No handler is silent for so long.
  server.timeout = 30_000;
  server.on("checkContinue", (request, response) => {
    expecting.add(request);
    listener(request, response);
  });
  // An unknown expectation is ignored (RFC 9110, section 10.1.1).
  server.on("checkExpectation", listener);
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => refuse(error, socket));
  return server;
}

/** Listens, and resolves with the port. Fails with an OperatorError. */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(new OperatorError(sentenceFor(error, port, host), { cause: error })),
    );
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Fails as `listen` would, and leaves the port free. */
export async function requireFreePort(port: number, host: string): Promise<void> {
  const probe = createServer();
  await listen(probe, port, host);
  await drain(probe, 0);
}

/** Stops listening and waits for the responses in progress, at most `withinMs`; then closes the connections that are left. */
export async function drain(server: Server, withinMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection between two requests would keep the server open.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const timer = setTimeout(() => server.closeAllConnections(), withinMs);
  server.closeIdleConnections();
  await closed;
  clearInterval(idle);
  clearTimeout(timer);
}

function sentenceFor(error: NodeJS.ErrnoException, port: number, host: string): string {
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

/** Responds in JSON to bytes that Node cannot parse as a request: no other serialization can have been negotiated. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  const response = (socket as Socket & { _httpMessage?: { headersSent: boolean } | null })._httpMessage;
  if (!socket.writable || response?.headersSent || error.code === "ECONNRESET") {
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
