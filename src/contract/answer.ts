// Writes an answer: status, headers, body, in one go. The last room of a request; nothing here can refuse it.
import { announcesBody } from "./body.js";
import type { Context } from "./exchange.js";

/** How long an upload that nobody reads may go on after its answer, so that the client sees the answer. */
const lingerMs = 1000;
/** An unread body up to this size is cheaper to read to its end than a new connection is to make. */
const skippableBytes = 64 * 1024;

/** A flat list of header names and values. */
export type Headers = string[];

/**
 * Writes the answer past Koa, whose own way costs a fifth of a small request. `isBodyRead` says whether the request's
 * body was taken in; when it was not and is large, the connection closes after the answer.
 */
export function answer(
  ctx: Context,
  status: number,
  headers: Headers,
  body: Buffer | undefined,
  isBodyRead: boolean,
): void {
  const { req, res, state } = ctx;
  ctx.respond = false;
  if (res.headersSent || res.destroyed) return;
  const all = state.exchange.headers.concat(headers, ["Vary", `Accept, Accept-Encoding${state.exchange.vary}`]);
  if (status !== 204 && status !== 304) all.push("Content-Length", String(body?.length ?? 0));
  const abandons = !isBodyRead && isLargeUpload(ctx);
  if (abandons) all.push("Connection", "close");
  res.writeHead(status, all);
  if (!abandons) {
    res.end(body);
    return;
  }
  res.write(body ?? "");
  const close = () => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(close, lingerMs).unref();
  req.once("end", close).once("close", close).resume();
}

function isLargeUpload({ req }: Context): boolean {
  if (!announcesBody(req) || req.complete) return false;
  const length = req.headers["content-length"];
  return length === undefined || Number(length) > skippableBytes;
}
