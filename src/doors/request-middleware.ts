// The outermost middleware. Every request gets a request context with an id and common headers, CORS, and an access log
// line.
import { randomUUID } from "node:crypto";
import type Koa from "koa";
import type { Logger } from "pino";
import { answer } from "../contract/http/answer.js";
import { isPublicDocument } from "../contract/documents/documents.js";
import { emptyContext, type KoaContext, type RequestState } from "../contract/http/request-context.js";
import { ApiError } from "../errors.js";
import { crossOrigin } from "../platform/http/cors.js";
import { expectsContinue } from "../platform/http/http-server.js";
import { headFault } from "../platform/http/request-head.js";
import type { SecurityHeaders } from "../platform/http/security-headers.js";
import { loggedPath } from "./logged-path.js";

export interface RequestMiddlewareOptions {
  readonly corsOrigins: readonly string[];
  readonly security: SecurityHeaders;
  readonly log: Logger;
  /** A request that takes longer, in milliseconds, is logged as a warning. */
  readonly slowRequestMs: number;
  /** Writes the response for an error outside of any method. */
  readonly refuse: (ctx: KoaContext, error: ApiError) => Promise<void>;
}

/** What some path of this server allows: the answer to OPTIONS for the whole server (RFC 9110, section 9.3.7). */
const everyVerb = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

/** The first middleware. It answers with any error of a later one, so that none reaches Koa; a bug is logged, and is INTERNAL. */
export function requestMiddleware({
  corsOrigins,
  security,
  log,
  slowRequestMs,
  refuse,
}: RequestMiddlewareOptions): Koa.Middleware<RequestState> {
  const cors = crossOrigin({
    origins: corsOrigins,
    isPublic: isPublicDocument,
    onRefused: (origin) =>
      log.warn({ origin: origin.slice(0, 200) }, "a page of another origin was refused; CORS_ORIGINS does not name it"),
  });
  const plain = [...security.all];
  const secure = [...security.all, ...security.secure];
  return async (ctx, next) => {
    const { req } = ctx;
    const fault = headFault(req);
    const id = requestId(req.headers["x-request-id"]);
    const { path } = ctx;
    const headers = (ctx.secure ? secure : plain).concat("X-Request-Id", id, cors.headers(path, req.headers));
    ctx.state.context = { ...emptyContext(id), headers, vary: cors.vary, expectsContinue: expectsContinue(req) };
    const preflight = cors.preflight(ctx.method, path, req.headers);
    // A proxy may see the end of such a request elsewhere, so that nothing behind it is read.
    if (fault !== undefined) ctx.res.shouldKeepAlive = false;
    try {
      if (fault !== undefined) await refuse(ctx, new ApiError("MALFORMED_REQUEST", fault));
      else if (preflight) answer(ctx, 204, [...preflight], undefined, false);
      else if (req.url === "*") answer(ctx, 204, ["Allow", everyVerb], undefined, false);
      else await next();
    } catch (error) {
      if (error instanceof ApiError) await refuse(ctx, error);
      else await fail(ctx, error, id);
    }
    writeAccessLine(log, ctx, slowRequestMs);
  };

  function fail(ctx: KoaContext, error: unknown, id: string): Promise<void> {
    log.error({ request_id: id, err: error }, "a request failed outside the contract");
    return refuse(ctx, new ApiError("INTERNAL", `The server failed; its log knows more under request ${id}`));
  }
}

/** Sets the common headers, and those of pages, on responses that Koa writes itself. */
export function setCommonHeaders(security: SecurityHeaders): Koa.Middleware<RequestState> {
  return (ctx, next) => {
    const { headers, vary } = ctx.state.context;
    const all = [...security.pages, ...headers];
    for (let index = 0; index < all.length; index += 2) ctx.set(all[index]!, all[index + 1]!);
    ctx.set("Vary", `Accept, Accept-Encoding${vary}`);
    return next();
  };
}

function requestId(sent: string | string[] | undefined): string {
  return typeof sent === "string" && /^[\w.:-]{1,64}$/.test(sent) ? sent : randomUUID();
}

function writeAccessLine(log: Logger, ctx: KoaContext, slowRequestMs: number): void {
  const { id, startedAt, method, route, codec, reason, userId, isStream } = ctx.state.context;
  const duration = performance.now() - startedAt;
  const isSlow = duration > slowRequestMs && !isStream;
  if (!isSlow && !log.isLevelEnabled("info")) return;
  const line = {
    request_id: id,
    method: method ?? ctx.method,
    verb: ctx.method,
    route: route ?? loggedPath(ctx.path),
    status: statusOf(ctx),
    codec,
    reason,
    user_id: userId,
    duration_ms: Math.round(duration * 1000) / 1000,
  };
  if (isSlow) log.warn(line, "slow request");
  else log.info(line, "request");
}

/**
 * The status of the response; 499, as other servers log it, when the client closed the connection before there was one.
 */
function statusOf({ respond, res, status }: KoaContext): number {
  if (respond !== false) return status;
  return res.headersSent ? res.statusCode : 499;
}
