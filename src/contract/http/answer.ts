// Writes an answer: status, headers and body at once. It is the last part of a request, and never refuses it.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { announcesBody } from "./body.js";
import type { KoaContext, RequestContext } from "./request-context.js";

/** How long the rest of an upload is received after its answer, in milliseconds, so that the client can read the answer. */
const lingerMs = 1000;
/** Up to this size, reading an unused body to its end costs less than a new connection. */
const skippableBytes = 64 * 1024;

/** Up to this size, a body is copied behind its headers. A larger one costs less as a second part of the same system call. */
const oneWriteBytes = 8 * 1024;

/** The codes of errors of an answer whose client has closed the connection. */
const ofGoneClients: ReadonlySet<unknown> = new Set(["ERR_STREAM_PREMATURE_CLOSE", "EPIPE", "ECONNRESET"]);

/** A flat list of header names and values. */
export type Headers = string[];

/**
 * Writes the answer without Koa, whose response takes a fifth of the time of a small request. `isBodyRead` is whether the
 * request's body was read. When it was not, and is large or does not arrive, the connection closes after the answer.
 */
export function answer(
  ctx: KoaContext,
  status: number,
  headers: Headers,
  body: Buffer | undefined,
  isBodyRead: boolean,
): void {
  const { req, res, state } = ctx;
  ctx.respond = false;
  if (res.headersSent || res.destroyed) return;
  const all = state.context.headers.concat(headers, varyOf(state.context));
  if (status !== 204 && status !== 304) all.push("Content-Length", String(body?.length ?? 0));
  if (status === 204) all.push("Cache-Control", "no-store");
  const isArriving = !isBodyRead && announcesBody(req) && !req.complete;
  // A body that did not come in time (408) is not waited for either (RFC 9110, section 15.5.9).
  const abandons = isArriving && (status === 408 || !isSkippable(req));
  if (abandons) all.push("Connection", "close");
  res.writeHead(status, all);
  if (abandons) res.write(body ?? "");
  else if (body && body.length < oneWriteBytes) endInOneWrite(res, body);
  else res.end(body);
  if (isArriving) endUpload(req, abandons ? () => res.end() : () => req.complete || req.socket.destroy());
}

/**
 * Writes an answer whose body is read while it is sent, no faster than the client takes it. `headers` have the Content-Length. When
 * the body fails, or ends early, the connection is destroyed, so that the client does not take a part for the whole; and the error is
 * thrown, unless it is that the client has gone.
 */
export async function answerStream(
  ctx: KoaContext,
  status: number,
  headers: Headers,
  body: Readable | AsyncIterable<Buffer>,
  isBodyRead: boolean,
): Promise<void> {
  const { req, res, state } = ctx;
  ctx.respond = false;
  state.context.isStream = true;
  if (res.headersSent || res.destroyed) return;
  const all = headersOf(state.context, headers);
  // The rest of a body that nobody has read would come between this answer and the next request.
  const isArriving = !isBodyRead && announcesBody(req) && !req.complete;
  if (isArriving) all.push("Connection", "close");
  res.strictContentLength = true;
  res.writeHead(status, all);
  if (ctx.method === "HEAD") return void res.end();
  try {
    await pipeline(body, res);
  } catch (error) {
    req.socket.destroy();
    if (!ofGoneClients.has((error as NodeJS.ErrnoException).code)) throw error;
  }
}

/** The headers of every answer, those of this one, which take the place of a common one with the same name, and Vary. */
function headersOf(context: RequestContext, own: Headers): Headers {
  const { headers: common } = context;
  const names = new Set(own.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()));
  const kept = common.filter((_, index) => !names.has(common[index - (index % 2)]!.toLowerCase()));
  return kept.concat(own, varyOf(context));
}

function varyOf({ vary }: RequestContext): Headers {
  return ["Vary", `Accept, Accept-Encoding${vary}`];
}

/**
 * Sends headers and body as one string in latin1, which keeps every byte. It is written before `end`, which would add an empty
 * second part; corked, because `write` would otherwise defer it.
 */
function endInOneWrite(res: ServerResponse, body: Buffer): void {
  res.cork();
  res.write(body.toString("latin1"), "latin1");
  res.uncork();
  res.end();
}

function isSkippable({ headers }: IncomingMessage): boolean {
  return Number(headers["content-length"] ?? Infinity) <= skippableBytes;
}

/** Discards the rest of an upload; calls `end` when it has ended, or after `lingerMs`. */
function endUpload(request: IncomingMessage, end: () => void): void {
  const settle = () => {
    clearTimeout(timer);
    request.off("end", settle).off("close", settle);
    end();
  };
  const timer = setTimeout(settle, lingerMs).unref();
  request.on("end", settle).on("close", settle).resume();
}
