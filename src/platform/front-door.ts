// The node:http server below Koa: its time limits, and its answers to what is not HTTP.
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { OperatorError } from "./operator-error.js";

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
      headersTimeout: 5_000,
      requestTimeout: 15_000,
      keepAliveTimeout: 5_000,
      // The other limits are only looked at this often; Node's own 30 s would make them idle.
      connectionsCheckingInterval: 1_000,
    },
    listener,
  );
  server.on("checkContinue", (request, response) => {
    waiting.add(request);
    listener(request, response);
  });
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

const refusals: Readonly<Record<string, readonly [number, string, string, string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    "Request Header Fields Too Large",
    "RESOURCE_EXHAUSTED",
    "The headers are larger than 16 KiB",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout", "DEADLINE_EXCEEDED", "The request did not arrive in time"],
};

/** What is not a request that Node can read is answered in JSON: no codec was asked for that could be known. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  const answering = (socket as Socket & { _httpMessage?: { headersSent: boolean } | null })._httpMessage;
  if (!socket.writable || answering?.headersSent || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [status, title, code, detail] = refusals[error.code ?? ""] ?? [
    400,
    "Bad Request",
    "INVALID_ARGUMENT",
    "This is not an HTTP request",
  ];
  const body = JSON.stringify({ type: "about:blank", title, status, detail, code });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
