// Slows down guessing: limits failures by keys, such as an e-mail address or the network address of a client. In memory, for this
// process alone; knows no method and no response.
import { ApiError } from "../errors.js";

/** So many failures of one key without a delay; after that a delay, which each further failure doubles. */
export interface FailureBound {
  readonly key: string;
  readonly failures: number;
  /** Failures are forgotten when there was none for so long. At least the longest delay. */
  readonly seconds: number;
  readonly delaySeconds: number;
  readonly longestSeconds: number;
}

/** An attempt under way. It counts like a failure until one of these is called, once. */
export interface Attempt {
  /** Counts the failure. */
  failed(): void;
  /** Forgets this attempt and the failures before it. */
  succeeded(): void;
  /** Forgets this attempt, which came to no result. */
  withdrawn(): void;
}

/**
 * Counts failures. An attempt is counted when it begins and not when it has failed: of any number that begin at once no more than
 * the limit are made.
 */
export interface FailureLimiter {
  /**
   * Begins an attempt that counts for several keys. Throws RATE_LIMITED, with the seconds to wait, when it could be one failure too
   * many of one of them, together with all attempts that are under way; after a delay one attempt at a time is made.
   */
  begin(bounds: readonly FailureBound[]): Attempt;
  /** Forgets the failures of a key. */
  forget(key: string): void;
}

export interface FailureLimiterOptions {
  /** Milliseconds since 1970; Date.now when absent. */
  readonly now?: () => number;
  /** The most counters that are kept; 50,000 when absent. Beyond it the one with the oldest last failure is dropped. */
  readonly capacity?: number;
}

interface Counter {
  failures: number;
  /** The moment of the last failure. */
  lastAt: number;
  underWay: number;
}

/** Makes a limiter with empty counters. */
export function createFailureLimiter(options: FailureLimiterOptions = {}): FailureLimiter {
  const { now = Date.now, capacity = 50_000 } = options;
  // Keys are in the order of their last failure.
  const counters = new Map<string, Counter>();

  function dropOldest(): void {
    for (const [key, { underWay }] of counters)
      if (underWay === 0) {
        counters.delete(key);
        return;
      }
  }

  /** The failures of a counter that are not forgotten. */
  function failuresOf({ failures, lastAt }: Counter, { seconds }: FailureBound): number {
    return lastAt + seconds * 1000 > now() ? failures : 0;
  }

  /** The milliseconds until one more attempt cannot be a failure too many; 0 when it cannot be now. */
  function waitOf(bound: FailureBound): number {
    const counter = counters.get(bound.key);
    if (!counter) return 0;
    const failures = failuresOf(counter, bound);
    const beyond = failures - bound.failures;
    // Those that are under way have a result soon.
    if (beyond < 0) return failures + counter.underWay < bound.failures ? 0 : 1;
    const delaySeconds = Math.min(bound.delaySeconds * 2 ** beyond, bound.longestSeconds);
    return Math.max(counter.lastAt + delaySeconds * 1000 - now(), counter.underWay > 0 ? 1 : 0);
  }

  /** Counts an attempt for one key. */
  function count(bound: FailureBound): Attempt {
    const { key } = bound;
    const counter = counters.get(key) ?? { failures: 0, lastAt: 0, underWay: 0 };
    counter.underWay += 1;
    counters.set(key, counter);
    const settle = (failures: number): void => {
      counter.underWay -= 1;
      counter.failures = failures;
      if (counter.underWay === 0 && failures === 0) counters.delete(key);
    };
    return {
      failed() {
        settle(failuresOf(counter, bound) + 1);
        counter.lastAt = now();
        counters.delete(key);
        counters.set(key, counter);
        if (counters.size > capacity) dropOldest();
      },
      succeeded: () => settle(0),
      withdrawn: () => settle(counter.failures),
    };
  }

  return {
    begin(bounds) {
      const wait = Math.max(...bounds.map(waitOf));
      if (wait > 0)
        throw new ApiError("RATE_LIMITED", "Too many tries were refused; wait before the next one", {
          retryAfterSeconds: Math.max(1, Math.ceil(wait / 1000)),
        });
      const counted = bounds.map(count);
      return {
        failed: () => counted.forEach((one) => one.failed()),
        succeeded: () => counted.forEach((one) => one.succeeded()),
        withdrawn: () => counted.forEach((one) => one.withdrawn()),
      };
    },
    forget(key) {
      const counter = counters.get(key);
      if (!counter) return;
      counter.failures = 0;
      if (counter.underWay === 0) counters.delete(key);
    },
  };
}
