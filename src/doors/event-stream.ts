// Server-sent events (HTML standard, section 9.2): each message of a stream is one event, whose data is the message as JSON.
import { once, setMaxListeners } from "node:events";
import type { StreamEncoding, StreamWriter } from "../contract/http/door.js";
import type { KoaContext } from "../contract/http/request-context.js";
import { ApiError } from "../errors.js";

export interface EventStreamOptions {
  /** Aborted when this server stops. Every stream then ends, and its client connects to another server. */
  readonly closing: AbortSignal;
  /** The time between two comments, in milliseconds; 15,000 when absent. Proxies would close an idle connection. */
  readonly heartbeatMs?: number;
  /** The largest number of open streams; 1,000 when absent. */
  readonly capacity?: number;
}

const heartbeat = ":\n\n";

/**
 * Creates the writer of streams. It throws OVERLOADED beyond the capacity and SHUTTING_DOWN while the server stops, before
 * anything is sent. An error of the stream becomes its last event, named "problem", whose data is the Problem as JSON.
 */
export function eventStreams({ closing, heartbeatMs = 15_000, capacity = 1000 }: EventStreamOptions): StreamWriter {
  // Each open stream adds a listener.
  setMaxListeners(0, closing);
  let open = 0;
  return async (ctx, stream, encoding) => {
    if (closing.aborted) throw new ApiError("SHUTTING_DOWN", "The server is stopping", { retryAfterSeconds: 1 });
    if (open >= capacity) throw new ApiError("OVERLOADED", "Too many streams are open", { retryAfterSeconds: 5 });
    begin(ctx);
    if (ctx.method === "HEAD") return void ctx.res.end();
    open++;
    const timer = setInterval(() => ctx.res.writableNeedDrain || ctx.res.write(heartbeat), heartbeatMs).unref();
    try {
      await send(ctx, stream, encoding, closing);
    } finally {
      open--;
      clearInterval(timer);
      ctx.res.end();
    }
  };
}

function begin(ctx: KoaContext): void {
  const { context } = ctx.state;
  ctx.respond = false;
  context.isStream = true;
  const own = ["Content-Type", "text/event-stream; charset=utf-8", "Cache-Control", "no-store"];
  // Without X-Accel-Buffering, nginx buffers the events.
  const headers = [...context.headers, ...own, "X-Accel-Buffering", "no"];
  ctx.res.writeHead(200, [...headers, "Vary", `Accept, Accept-Encoding${context.vary}`]);
  ctx.res.flushHeaders();
}

async function send(
  { res }: KoaContext,
  stream: AsyncIterable<object>,
  encoding: StreamEncoding,
  closing: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  res.once("close", leave);
  closing.addEventListener("abort", leave);
  const ended = once(gone.signal, "abort");
  const iterator = stream[Symbol.asyncIterator]();
  try {
    while (!gone.signal.aborted) {
      const next = await Promise.race([iterator.next(), ended]);
      if (Array.isArray(next) || next.done) return;
      const isFull = !res.write(event(undefined, encoding.message(next.value)));
      if (isFull) await Promise.race([once(res, "drain"), ended]);
    }
  } catch (error) {
    res.write(event("problem", encoding.problem(error)));
  } finally {
    res.off("close", leave);
    closing.removeEventListener("abort", leave);
    // Not awaited: a generator that waits for its next message ends only after that message.
    void iterator.return?.().catch(() => undefined);
  }
}

/** One event. JSON has no line breaks, so its data is one line. */
function event(name: string | undefined, data: Buffer): string {
  return `${name === undefined ? "" : `event: ${name}\n`}data: ${data.toString("utf8")}\n\n`;
}
