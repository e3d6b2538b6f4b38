// The pace at which a body has to arrive, so that a client that stands still, or sends a byte now and then, holds no connection.
import type { IncomingMessage } from "node:http";
import { ApiError } from "../../errors.js";

/** So many bytes have to arrive in each period of so many milliseconds. */
export interface Pace {
  readonly bytes: number;
  readonly ms: number;
}

/** Of a body that is kept in memory: all of it has to be there in ten seconds. */
export const wholePace: Pace = { bytes: Infinity, ms: 10_000 };
/** Of a body that goes to a store: the slowest telephone sends more. Shorter than the time after which the server drops a connection. */
export const streamPace: Pace = { bytes: 16 * 1024, ms: 25_000 };

/**
 * Runs `receive`, which reads the body, and rejects with REQUEST_TIMEOUT as soon as the client is slower than the pace. The time in
 * which the request is paused, since its bytes cannot be stored as fast, does not count.
 */
export async function atPace<T>(request: IncomingMessage, pace: Pace, receive: () => Promise<T>): Promise<T> {
  const { socket } = request;
  let seen = socket.bytesRead;
  let since = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const look = (): void => {
      const now = performance.now();
      if (request.isPaused() || socket.bytesRead - seen >= pace.bytes) {
        seen = socket.bytesRead;
        since = now;
      } else if (now - since >= pace.ms)
        reject(new ApiError("REQUEST_TIMEOUT", "The body did not arrive in time, or stood still"));
    };
    timer = setInterval(look, Math.min(1_000, pace.ms / 10));
  });
  try {
    return await Promise.race([receive(), late]);
  } finally {
    clearInterval(timer);
  }
}
