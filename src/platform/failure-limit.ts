// Slows down guessing: limits failures by keys, such as an e-mail address or the network address of a client. In memory, for this
// process alone; knows no method and no response.
import { ApiError } from "../errors.js";

/** At most so many failures of one key within a time. */
export interface FailureBound {
  readonly key: string;
  readonly failures: number;
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
   * many of one of them: together with those of the last `seconds`, and with all attempts that are under way.
   */
  begin(bounds: readonly FailureBound[], seconds: number): Attempt;
  /** Forgets the failures of a key. */
  forget(key: string): void;
}

export interface FailureLimiterOptions {
  /** Milliseconds since 1970; Date.now when absent. */
  readonly now?: () => number;
  /** The most counters that are kept; 10,000 when absent. Beyond it the one with the oldest last failure is dropped. */
  readonly capacity?: number;
}

interface Counter {
  /** The moments of the last failures, the oldest first, at most as many as the limit. */
  failures: number[];
  underWay: number;
}

/** Makes a limiter with empty counters. */
export function createFailureLimiter(options: FailureLimiterOptions = {}): FailureLimiter {
  const { now = Date.now, capacity = 10_000 } = options;
  // Keys are in the order of their last failure.
  const counters = new Map<string, Counter>();

  function dropOldest(): void {
    for (const [key, { underWay }] of counters)
      if (underWay === 0) {
        counters.delete(key);
        return;
      }
  }

  /** The milliseconds until one more attempt cannot be a failure too many; 0 when it cannot be now. */
  function waitOf({ key, failures: most }: FailureBound, lastMs: number): number {
    const counter = counters.get(key);
    if (!counter) return 0;
    const recent = counter.failures.filter((moment) => moment + lastMs > now());
    const tooMany = recent.length + counter.underWay - most;
    if (tooMany < 0) return 0;
    // As many failures must pass; those that are under way have a result soon.
    return recent[tooMany] === undefined ? 1 : recent[tooMany] + lastMs - now();
  }

  /** Counts an attempt for one key. */
  function count({ key, failures: most }: FailureBound): Attempt {
    const counter = counters.get(key) ?? { failures: [], underWay: 0 };
    counter.underWay += 1;
    counters.set(key, counter);
    const settle = (failures: number[]): void => {
      counter.underWay -= 1;
      counter.failures = failures;
      if (counter.underWay === 0 && failures.length === 0) counters.delete(key);
    };
    return {
      failed() {
        settle([...counter.failures, now()].slice(-most));
        counters.delete(key);
        counters.set(key, counter);
        if (counters.size > capacity) dropOldest();
      },
      succeeded: () => settle([]),
      withdrawn: () => settle(counter.failures),
    };
  }

  return {
    begin(bounds, seconds) {
      const wait = Math.max(...bounds.map((bound) => waitOf(bound, seconds * 1000)));
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
      counter.failures = [];
      if (counter.underWay === 0) counters.delete(key);
    },
  };
}
