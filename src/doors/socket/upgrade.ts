// The request that opens a web socket: who calls is known, and may, before it is answered. What is refused gets a Problem over HTTP.
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "pino";
import { WebSocketServer } from "ws";
import type { Caller } from "../../call.js";
import type { Contract } from "../../contract/model/load.js";
import { ApiError } from "../../errors.js";
import { headFault } from "../../platform/http/request-head.js";
import type { OnUpgrade } from "../../platform/http/upgrades.js";
import { rawAnswer } from "../raw-answer.js";
import type { RunCall } from "./calls.js";
import { framesOf, type Frames } from "./frames.js";
import { closeMs, LiveSocket, type SocketDeps } from "./live-socket.js";
import { keptHeaders } from "./socket-scope.js";
import { Sockets, type SocketLimits } from "./sockets.js";

export const socketPath = "/v1/realtime";

/** A caller who may open a socket. */
export interface Admitted {
  readonly caller: Caller;
  /** The network address of the client. */
  readonly ip: string;
  /** Throws, or rejects, when the caller may not stay. */
  readonly requireLive: () => unknown;
}

export interface SocketDoorOptions {
  readonly contract: Contract;
  readonly realtime: Pick<SocketDeps, "hub" | "presence" | "typing">;
  readonly log: Logger;
  readonly limits: SocketLimits;
  /** The largest frame, in bytes. */
  readonly frameLimit: number;
  readonly runCall: RunCall;
  readonly admitFrame: SocketDeps["admitFrame"];
  readonly explain: SocketDeps["explain"];
  /** Headers of every answer to a request that is refused: name, value, name, value ... */
  readonly headers: readonly string[];
  /** The caller of a request; `ticket` is that of its query. Throws what HTTP would answer. */
  readonly admit: (request: IncomingMessage, ticket: string | undefined) => Promise<Admitted>;
}

export interface SocketDoor {
  readonly onUpgrade: OnUpgrade;
  readonly sockets: Pick<Sockets, "drain" | "size">;
}

/** Opens the door of sockets. */
export function socketDoor(options: SocketDoorOptions): SocketDoor {
  const { contract, realtime, log, limits, frameLimit, runCall, admitFrame, explain, headers, admit } = options;
  const frames = framesOf(contract);
  const sockets = new Sockets(limits);
  // Known to ws, and not to its types.
  const closing = { closeTimeout: closeMs };
  const server = new WebSocketServer({
    ...closing,
    noServer: true,
    clientTracking: false,
    // A socket with compression holds 200 KiB.
    perMessageDeflate: false,
    maxPayload: frameLimit,
    // A client that pings and does not read would have as many answers held as it likes.
    autoPong: false,
    handleProtocols: (offered) => [...offered].find((name) => frames.has(name)) ?? false,
  });
  const onClosed = (socket: LiveSocket): void => sockets.remove(socket);
  const deps = { contract, ...realtime, runCall, admitFrame, explain, onClosed };

  async function open(request: IncomingMessage, socket: Socket, head: Buffer, id: string): Promise<void> {
    const ticket = requireOpening(request);
    const chosen = chosenFrames(request, frames);
    const { caller, ip, requireLive } = await admit(request, ticket);
    sockets.requireRoom(caller.id);
    // The client may have gone while it was authenticated.
    if (socket.destroyed) return;
    server.handleUpgrade(request, socket, head, (webSocket) => {
      const scope = { ip, headers: keptHeaders(request.headers), socket, codec: chosen.codec, requireLive };
      sockets.add(new LiveSocket({ webSocket, scope, caller, frames: chosen }, deps));
      log.info(
        { request_id: id, method: "openSocket", route: socketPath, codec: chosen.codec, user_id: caller.id },
        "socket",
      );
    });
  }

  return {
    sockets,
    onUpgrade: (request, socket, head) => {
      const id = randomUUID();
      open(request, socket, head, id).catch((thrown: unknown) => {
        const error = explain(thrown);
        const status = contract.reasons.get(error.reason)?.status;
        log.info({ request_id: id, route: socketPath, status, reason: error.reason }, "request");
        const answer = rawAnswer(contract, error, { path: pathOf(request), requestId: id, headers });
        socket.end(request.method === "HEAD" ? answer.slice(0, answer.indexOf("\r\n\r\n") + 4) : answer);
        setTimeout(() => socket.destroy(), 1_000).unref();
      });
    },
  };
}

/** The ticket in the query of a request that can open a socket. Throws MALFORMED_REQUEST, ROUTE_NOT_FOUND, UPGRADE_REQUIRED. */
function requireOpening(request: IncomingMessage): string | undefined {
  const fault = headFault(request);
  if (fault !== undefined) throw new ApiError("MALFORMED_REQUEST", fault);
  const [path = "", ...query] = (request.url ?? "/").split("?");
  if (path !== socketPath) throw new ApiError("ROUTE_NOT_FOUND", "There is no web socket at this path");
  if (request.method !== "GET")
    throw new ApiError("METHOD_NOT_ALLOWED", "A web socket is opened with GET", { headers: { Allow: "GET" } });
  const { "sec-websocket-version": version, "sec-websocket-key": key, ...others } = request.headers;
  // A proxy would take it for a body, and this server for frames.
  if (others["transfer-encoding"] !== undefined || Number(others["content-length"] ?? 0) !== 0)
    throw new ApiError("MALFORMED_REQUEST", "A request for a web socket has no body");
  if (version !== "13")
    throw new ApiError("UPGRADE_REQUIRED", "This server speaks version 13 of the protocol", {
      headers: { Upgrade: "websocket", "Sec-WebSocket-Version": "13" },
    });
  if (typeof key !== "string" || !/^[+/0-9A-Za-z]{22}==$/.test(key))
    throw new ApiError("MALFORMED_REQUEST", "Sec-WebSocket-Key must be 16 bytes in base64");
  const searchParams = new URLSearchParams(query.join("?"));
  for (const name of searchParams.keys())
    if (name !== "ticket")
      throw new ApiError("MALFORMED_REQUEST", "The query of a web socket holds a ticket or nothing");
  const tickets = searchParams.getAll("ticket");
  if (tickets.length > 1) throw new ApiError("MALFORMED_REQUEST", "The query holds two tickets");
  return tickets[0];
}

const protocolName = /^[\w!#$%&'*+\-.^`|~]+$/;

function chosenFrames({ headers }: IncomingMessage, frames: ReadonlyMap<string, Frames>): Frames {
  const list = headers["sec-websocket-protocol"]?.trim() ?? "";
  const offered = list === "" ? [] : list.split(",").map((name) => name.trim());
  // RFC 6455, section 4.1: names of visible characters, each once.
  if (!offered.every((name) => protocolName.test(name)) || new Set(offered).size < offered.length)
    throw new ApiError("MALFORMED_REQUEST", "Sec-WebSocket-Protocol must list names, each once");
  const chosen = offered.map((name) => frames.get(name)).find(Boolean);
  if (chosen) return chosen;
  const names = [...frames.keys()].join(", ");
  throw new ApiError("MALFORMED_REQUEST", `Sec-WebSocket-Protocol must name one of ${names}`);
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0]!.slice(0, 1024);
}
