// Server-sent events (HTML standard, section 9.2): each message of a stream is one event, whose data is the message as JSON.
import { once, setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { StreamWriter } from "../contract/http/door.js";
import type { KoaContext } from "../contract/http/request-context.js";
import { ApiError } from "../errors.js";

export interface EventStreamOptions {
  /** Aborted when this server stops. Every stream then ends, and its client connects to another server. */
  readonly closing: AbortSignal;
  /** The time between two comments, in milliseconds; 15,000 when absent. Proxies would close an idle connection. */
  readonly heartbeatMs?: number;
  /** The time between two checks of the caller's access, in milliseconds; 1,000 when absent. Each event is checked too. */
  readonly accessCheckMs?: number;
  /** The largest number of open streams; 1,000 when absent. */
  readonly capacity?: number;
}

const heartbeat = ":\n\n";

/** The reason of an abort after which nothing more is sent: the client disconnected, or the server stops. */
const finished = new Error("The stream is finished");

/**
 * Creates the writer of streams. It throws OVERLOADED beyond the capacity and SHUTTING_DOWN while the server stops, before
 * anything is sent. An error of the stream, or of a check of the caller's access, becomes its last event, named "problem",
 * whose data is the Problem as JSON. While the database cannot say whether the caller has access, nothing is sent, and the stream
 * stays open.
 */
export function eventStreams(options: EventStreamOptions): StreamWriter {
  const { closing, heartbeatMs = 15_000, accessCheckMs = 1000, capacity = 1000 } = options;
  // Each open stream adds a listener.
  setMaxListeners(0, closing);
  let open = 0;
  return async (ctx, stream, { message, id, problem, requireAccess }) => {
    if (closing.aborted) throw new ApiError("SHUTTING_DOWN", "The server is stopping", { retryAfterSeconds: 1 });
    if (open >= capacity) throw new ApiError("OVERLOADED", "Too many streams are open", { retryAfterSeconds: 5 });
    const { res } = ctx;
    begin(ctx);
    const { socket } = ctx.req;
    // A client that closes its half is gone: it has nothing more to ask, and a stream has no end to wait for.
    if (ctx.method === "HEAD" || res.destroyed || socket.readableEnded) return void res.end();

    const end = new AbortController();
    const finish = (): void => end.abort(finished);
    const checkAccess = async (): Promise<boolean> => {
      try {
        await requireAccess();
        return true;
      } catch (error) {
        if (!isUnknown(error)) end.abort(error);
        return false;
      }
    };
    res.once("close", finish);
    socket.once("end", finish);
    closing.addEventListener("abort", finish);
    const timers = [
      setInterval(() => res.writableNeedDrain || res.write(heartbeat), heartbeatMs).unref(),
      setInterval(checkAccess, accessCheckMs).unref(),
    ];
    open++;
    try {
      const untilAdmitted = (): Promise<void> => untilKnown(checkAccess, accessCheckMs, end.signal);
      await send(ctx, stream, (value) => event(undefined, message(value), id(value)), untilAdmitted, end.signal);
    } catch (error) {
      if (error !== finished) res.write(event("problem", problem(error)));
    } finally {
      open--;
      timers.forEach(clearInterval);
      closing.removeEventListener("abort", finish);
      socket.off("end", finish);
      res.end();
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

/** Sends each message, until the stream ends. Throws the error of the stream, or the reason of the signal. */
async function send(
  { res }: KoaContext,
  stream: AsyncIterable<object>,
  eventOf: (message: object) => string,
  untilAdmitted: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const iterator = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await untilAborted(iterator.next(), signal);
      if (next.done) return;
      await untilAdmitted();
      const isFull = !res.write(eventOf(next.value));
      if (isFull) await untilAborted(once(res, "drain"), signal);
    }
  } finally {
    // Not awaited: a generator that waits for its next message ends only after that message.
    void iterator.return?.().catch(() => undefined);
  }
}

/** Whether an error leaves it open if the caller may call: the database was asked and cannot answer. */
function isUnknown(error: unknown): boolean {
  return error instanceof ApiError && error.reason === "DATABASE_UNAVAILABLE";
}

/** Resolves when the caller is known to have access. Throws the reason of the signal. */
async function untilKnown(checkAccess: () => Promise<boolean>, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!(await checkAccess())) {
    signal.throwIfAborted();
    await untilAborted(delay(everyMs, undefined, { ref: false }), signal);
  }
  signal.throwIfAborted();
}

/** The result of a promise; rejects with the reason of the signal when that is aborted first. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** One event. JSON has no line breaks, so its data is one line. */
function event(name: string | undefined, data: Buffer, id?: string): string {
  const head = `${name === undefined ? "" : `event: ${name}\n`}${id === undefined ? "" : `id: ${id}\n`}`;
  return `${head}data: ${data.toString("utf8")}\n\n`;
}
