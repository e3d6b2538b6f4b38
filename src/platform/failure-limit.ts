// Slows down who guesses: counts the refused tries of an address on one value, such as the e-mail of a login.
// In memory, for this process alone; knows no method and no answer.
import { isIPv6 } from "node:net";
import { ApiError } from "../errors.js";

/** How many failures are borne within how many seconds. */
export interface FailureBounds {
  readonly failures: number;
  readonly seconds: number;
}

/**
 * Counts failures by method, address and value. Tries that are under way are not counted: one right answer among many
 * that come at once must not wait, and the queue of the passwords bounds how many there can be.
 */
export interface FailureLimiter {
  /** Throws RATE_LIMITED, with the seconds to wait, when this address has failed too often. Before each try. */
  check(method: string, bounds: FailureBounds, address: string, value: string): void;
  /** Counts a try that was refused. */
  failed(method: string, bounds: FailureBounds, address: string, value: string): void;
  /** Forgets the failures before a try that succeeded. */
  succeeded(method: string, address: string, value: string): void;
}

export interface FailureLimiterOptions {
  /** Milliseconds since 1970; Date.now when absent. */
  readonly now?: () => number;
  /** How many counters are kept; 10,000 when absent. Beyond that the one that failed longest ago is forgotten. */
  readonly capacity?: number;
}

/** Makes a limiter with nothing counted yet. */
export function createFailureLimiter(options: FailureLimiterOptions = {}): FailureLimiter {
  const { now = Date.now, capacity = 10_000 } = options;
  // The moments of the last failures, oldest first, never more than are borne; the keys by their last failure.
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

/** What counts as one address: an IPv6 one by its /64, since whoever has one has all of them. */
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
