// A body that is sent while it is made, as the answer of a method with `(lyceum.v1.streamed)`: in chunks, as fast as the client reads.
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { HttpBody } from "../../gen/google/api/httpbody.js";
import { Disconnected } from "./body.js";
import { requireAcceptable } from "./content.js";
import type { Precondition } from "./preconditions.js";
import type { KoaContext } from "./request-context.js";

/** A client that reads nothing for so long is gone, in milliseconds. */
const patienceMs = 30_000;

/** An HttpBody whose bytes come one piece after the other, and of which nobody knows the length. */
export class StreamedBody implements HttpBody {
  constructor(
    readonly content_type: string,
    readonly pieces: AsyncIterable<string | Uint8Array>,
  ) {}

  /** Throws a TypeError: the whole is never in memory. */
  get data(): never {
    throw new TypeError("the bytes of a streamed body come in pieces");
  }
}

/**
 * Answers 200 with the pieces of a body. What fails before the first one is thrown. What fails after it, and a client that reads nothing
 * for half a minute, closes the connection without the end of the body, by which the client knows. Throws NOT_ACCEPTABLE, PRECONDITION_FAILED for an If-Match that names a tag, and a
 * TypeError when the method does not declare the type.
 */
export async function answerStreamed(
  ctx: KoaContext,
  { content_type, pieces }: StreamedBody,
  types: readonly string[],
  precondition: Precondition,
): Promise<void> {
  if (!types.includes(content_type)) throw new TypeError(`the answer is ${content_type}, which is not declared`);
  requireAcceptable(ctx.req.headers.accept, [content_type]);
  if (ctx.method !== "POST") precondition.isNotModified(undefined);
  const iterator = pieces[Symbol.asyncIterator]();
  const isRead = ctx.method !== "HEAD";
  let next = isRead ? await iterator.next() : undefined;
  const { res } = ctx;
  begin(ctx, content_type);
  if (!next) return void res.end();
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  res.once("close", leave);
  try {
    while (!next.done && !res.destroyed) {
      if (!res.write(next.value)) await drained(ctx, gone.signal);
      next = await iterator.next();
    }
    res.end();
  } catch (error) {
    res.destroy();
    throw gone.signal.aborted ? new Disconnected("The client has left") : error;
  } finally {
    res.off("close", leave);
    await iterator.return?.();
  }
}

function begin(ctx: KoaContext, contentType: string): void {
  const { context } = ctx.state;
  ctx.respond = false;
  context.isStream = true;
  const own = ["Content-Type", contentType, "Cache-Control", "no-store"];
  ctx.res.writeHead(200, [...context.headers, ...own, "Vary", `Accept, Accept-Encoding${context.vary}`]);
}

/** Resolves when the client has read enough. Rejects when it has disconnected, or reads nothing. */
async function drained({ res }: KoaContext, gone: AbortSignal): Promise<void> {
  const end = new AbortController();
  const signal = AbortSignal.any([gone, end.signal]);
  const tooSlow = delay(patienceMs, undefined, { ref: false, signal }).then(() => {
    throw new Disconnected("The client reads nothing");
  });
  try {
    await Promise.race([once(res, "drain", { signal }), tooSlow]);
  } finally {
    end.abort();
    tooSlow.catch(() => undefined);
  }
}
