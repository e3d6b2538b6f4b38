// Calls of methods over a socket: the same handlers, access, rates and idempotency as over HTTP.
import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Logger } from "pino";
import type { Caller } from "../../call.js";
import type { CallMethod } from "../../contract/call-method.js";
import type { Plain } from "../../contract/codecs/codec.js";
import { Disconnected } from "../../contract/http/body.js";
import { emptyContext, type RequestContext, type RequestScope } from "../../contract/http/request-context.js";
import type { Contract } from "../../contract/model/load.js";
import type { Method } from "../../contract/model/method.js";
import { toProblem } from "../../contract/problems.js";
import { ApiError } from "../../errors.js";
import type { Call, CallResult } from "../../gen/lyceum/v1/realtime.js";
import type { RequestScopeOfSocket } from "./socket-scope.js";

const anyPrefix = "type.googleapis.com/";

export interface CallsOptions {
  readonly contract: Contract;
  readonly call: CallMethod<Caller>;
  /** Converts anything that was thrown into an error that the client may see, and reports a bug. */
  readonly explain: (scope: RequestScope, error: unknown, method: Method) => ApiError;
  readonly log: Logger;
  /** A call that takes longer, in milliseconds, is logged as a warning. */
  readonly slowRequestMs: number;
}

/** Runs a call; undefined when the caller has gone meanwhile. Never rejects. */
export type RunCall = (socket: RequestScopeOfSocket, caller: Caller, call: Call) => Promise<CallResult | undefined>;

/** Makes the function that runs calls. */
export function callsOf({ contract, call, explain, log, slowRequestMs }: CallsOptions): RunCall {
  const methods = new Map(contract.methods.map((method) => [method.name, method]));

  async function run(scope: RequestScope, caller: Caller, asked: Call): Promise<CallResult> {
    const method = methods.get(asked.method);
    const { context } = scope.state;
    if (!method) {
      const error = new ApiError("ROUTE_NOT_FOUND", `There is no method ${asked.method}`);
      return refused(asked, error, context);
    }
    context.method = method.handler;
    try {
      const { status, response, location, etag } = await call(scope, caller, method, requestOf(asked, method));
      return {
        id: asked.id,
        status,
        response: response && { "@type": `${anyPrefix}${method.response.fullName.slice(1)}`, ...response },
        location: location ?? "",
        etag: etag ?? "",
        is_replayed: context.headers.includes("Idempotency-Replayed"),
      };
    } catch (error) {
      if (error instanceof Disconnected) throw error;
      return refused(asked, explain(scope, error, method), context);
    }
  }

  function refused({ id, method }: Call, error: ApiError, context: RequestContext): CallResult {
    context.reason = error.reason;
    const problem = toProblem(contract, error, `/v1/realtime#${method}`, context.id);
    return { id, status: problem.status, problem, location: "", etag: "", is_replayed: false };
  }

  function writeAccessLine({ state }: RequestScope, caller: Caller, { status }: CallResult): void {
    const { id, method, reason, startedAt, codec } = state.context;
    const duration = performance.now() - startedAt;
    const isSlow = duration > slowRequestMs && method !== "listUpdates";
    if (!isSlow && !log.isLevelEnabled("info")) return;
    const line = {
      request_id: id,
      method,
      verb: "CALL",
      route: "/v1/realtime",
      status,
      codec,
      reason,
      user_id: caller.id,
      duration_ms: Math.round(duration * 1000) / 1000,
    };
    if (isSlow) log.warn(line, "slow request");
    else log.info(line, "request");
  }

  return async (socket, caller, asked) => {
    const scope = scopeOf(socket, asked);
    try {
      const result = await run(scope, caller, asked);
      writeAccessLine(scope, caller, result);
      return result;
    } catch {
      return undefined;
    }
  };
}

/** The request in a call. Throws MALFORMED_REQUEST when it is of another message than the method takes. */
function requestOf({ request }: Call, { name, request: type }: Method): Plain | undefined {
  const { "@type": url, ...plain } = request ?? {};
  if (url === undefined) return undefined;
  const given = url.slice(url.lastIndexOf("/") + 1);
  const wanted = type.fullName.slice(1);
  if (given === wanted) return plain as Plain;
  throw new ApiError("MALFORMED_REQUEST", `${name} takes ${wanted}, and not ${given}`);
}

function scopeOf(socket: RequestScopeOfSocket, { idempotency_key: key, if_match: ifMatch }: Call): RequestScope {
  const headers: IncomingHttpHeaders = { ...socket.headers };
  if (key !== undefined) headers["idempotency-key"] = key;
  if (ifMatch !== undefined) headers["if-match"] = ifMatch;
  return {
    ip: socket.ip,
    state: {
      context: { ...emptyContext(randomUUID()), route: "/v1/realtime", codec: socket.codec },
    },
    req: { headers, headersDistinct: distinct(headers), method: "POST", socket: socket.socket },
    res: { headersSent: true },
    requireLive: socket.requireLive,
  };
}

function distinct(headers: IncomingHttpHeaders): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [String(value)]]));
}
