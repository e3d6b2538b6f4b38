// The node:http server below Koa: its time limits, its start and its stop.
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { OperatorError } from "../operator-error.js";
import { Connections } from "./connections.js";
import { type OnUpgrade, upgrades } from "./upgrades.js";
import type { ParserError, WriteRefusal } from "./parser-refusal.js";

/** Requests with "Expect: 100-continue". The response 100 is sent when the body is needed, and not before. */
const expecting = new WeakSet<object>();

/** Whether the client of this request sends no body before the response 100 (RFC 9110, section 10.1.1). */
export function expectsContinue(request: object): boolean {
  return expecting.has(request);
}

const connectionsOf = new WeakMap<Server, Connections>();

/**
 * A server with limits on the time of requests, on idle connections and on answers that clients do not take. The requests of a
 * connection are served one after another. What cannot be parsed as a request gets the answer of `writeRefusal`. A request for a web socket
 * is given to `onUpgrade`, with its connection; one for another protocol is served as if it had not asked.
 */
export function httpServer(listener: RequestListener, writeRefusal: WriteRefusal, onUpgrade?: OnUpgrade): Server {
  const server = createServer({
    maxHeaderSize: 16 * 1024,
    // A missing Host is refused with a Problem, like other faults of a head; Node's own response has no body.
    requireHostHeader: false,
    headersTimeout: 5_000,
    // The longest that a file may take to arrive. Whoever reads a body has a bound of its own, which is shorter for small ones.
    requestTimeout: 3_600_000,
    keepAliveTimeout: 5_000,
    // The interval at which the other limits are checked; Node's default of 30 s would make them ineffective.
    connectionsCheckingInterval: 1_000,
  });
  // A client that does not read its response occupies a connection and its buffers. No handler is silent for so long.
  server.timeout = 30_000;
  // A client that has sent its last request may close its half, and gets its answer (RFC 9112, section 9.6).
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
  const connections = new Connections(server, listener, writeRefusal);
  connectionsOf.set(server, connections);
  server.on("request", (request, response) => connections.of(request.socket)?.take(request, response));
  server.on("checkContinue", (request, response) => {
    expecting.add(request);
    connections.of(request.socket)?.take(request, response);
  });
  // An unknown expectation is ignored (RFC 9110, section 10.1.1).
  server.on("checkExpectation", (request, response) => connections.of(request.socket)?.take(request, response));
  if (onUpgrade) server.on("upgrade", upgrades(server, connections, onUpgrade));
  server.on("clientError", (error: ParserError, socket: Socket) => connections.of(socket)?.refuse(error));
  server.on("connect", (_request, socket: Socket) => {
    // Node has taken its own listeners away.
    socket.on("error", () => socket.destroy());
    connections.of(socket)?.refuse({ code: "CONNECT" });
  });
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
  await new Promise((resolve) => probe.close(resolve));
}

/** From now on each answer of the server closes its connection, those under way too whose head is not written. */
export function closeAfterAnswers(server: Server): void {
  connectionsOf.get(server)!.closeAfterAnswers();
}

/**
 * Stops listening and waits for the requests in progress, at most `withinMs`; then closes the connections that are left. A
 * request that a client has sent before that is answered; a connection without one is closed after a second.
 */
export function drain(server: Server, withinMs: number): Promise<void> {
  return connectionsOf.get(server)!.drain(withinMs);
}

function sentenceFor(error: NodeJS.ErrnoException, port: number, host: string): string {
  if (error.code === "EADDRINUSE")
    return `Port ${port} is in use by another program. Stop that program, or choose another port: PORT=8081.`;
  if (error.code === "EACCES") return `Port ${port} may not be opened by this user. Choose one above 1023: PORT=8080.`;
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return `The address ${host} is not one of this machine's. Set HOST to 127.0.0.1 or 0.0.0.0.`;
  return `The server cannot listen on ${host}:${port} (${error.code ?? "unknown fault"}).`;
}
