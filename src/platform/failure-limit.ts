// Slows down guessing: limits the failures of one address on one value, such as the e-mail address of a login. In
// memory, for this process alone; knows no method and no response.
import { isIPv6 } from "node:net";
import { ApiError } from "../errors.js";

/** At most so many failures within so many seconds. */
export interface FailureBounds {
  readonly failures: number;
  readonly seconds: number;
}

/**
 * Counts failures by method, address and value. An attempt counts when it has failed, not when it starts: a correct one
 * among many concurrent attempts must not wait, and the queue of the passwords bounds their number.
 */
export interface FailureLimiter {
  /** To be called before each attempt. Throws RATE_LIMITED, with the seconds to wait, after too many failures. */
  check(method: string, bounds: FailureBounds, address: string, value: string): void;
  /** Counts a failed attempt. */
  failed(method: string, bounds: FailureBounds, address: string, value: string): void;
  /** Resets the count after an attempt that succeeded. */
  succeeded(method: string, address: string, value: string): void;
}

export interface FailureLimiterOptions {
  /** Milliseconds since 1970; Date.now when absent. */
  readonly now?: () => number;
  /** The most counters that are kept; 10,000 when absent. Beyond it the one with the oldest last failure is dropped. */
  readonly capacity?: number;
}

/** Makes a limiter with empty counters. */
export function createFailureLimiter(options: FailureLimiterOptions = {}): FailureLimiter {
  const { now = Date.now, capacity = 10_000 } = options;
  // The moments of the last failures, the oldest first, at most as many as the limit. Keys are in the order of their
  // last failure.
  const counters = new Map<string, number[]>();

  return {
    check(method, { failures, seconds }, address, value) {
      const moments = counters.get(keyOf(method, address, value));
      if (!moments || moments.length < failures) return;
      const wait = moments[moments.length - failures]! + seconds * 1000 - now();
      if (wait <= 0) return;
      throw new ApiError("RATE_LIMITED", "Too many tries were refused; wait before the next one", {
        retryAfterSeconds: Math.ceil(wait / 1000),
      });
    },
    failed(method, { failures }, address, value) {
      const key = keyOf(method, address, value);
      const moments = [...(counters.get(key) ?? []), now()].slice(-failures);
      counters.delete(key);
      counters.set(key, moments);
      if (counters.size > capacity) counters.delete(counters.keys().next().value!);
    },
    succeeded(method, address, value) {
      counters.delete(keyOf(method, address, value));
    },
  };
}

function keyOf(method: string, address: string, value: string): string {
  return JSON.stringify([method, network(address), value]);
}

/** The unit that counts as one address. For IPv6 the /64 network, since a host can use every address in its own. */
function network(address: string): string {
  const [plain = ""] = address.split("%");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined || !isIPv6(plain)) return mapped ?? address;
  const [head = "", tail] = plain.split("::");
  const before = head.split(":").filter(Boolean);
  const after = (tail ?? "").split(":").filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0");
  return [...before, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(":");
}
