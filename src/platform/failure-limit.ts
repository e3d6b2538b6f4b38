// Slows down guessing: limits the failures of one address on one value, such as the e-mail address of a login. In
// memory, for this process alone; knows no method and no response.
import { ApiError } from "../errors.js";
import { networkOf } from "./network-address.js";

/** At most so many failures within so many seconds. */
export interface FailureBounds {
  readonly failures: number;
  readonly seconds: number;
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
 * Counts failures by method, address and value. An attempt is counted when it begins and not when it has failed: of any number that
 * begin at once no more than the limit are made.
 */
export interface FailureLimiter {
  /**
   * Begins an attempt. Throws RATE_LIMITED, with the seconds to wait, when it could be one failure too many: together with those of
   * the last seconds, and with all attempts that are under way.
   */
  begin(method: string, bounds: FailureBounds, address: string, value: string): Attempt;
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

  return {
    begin(method, { failures: most, seconds }, address, value) {
      const key = JSON.stringify([method, networkOf(address), value]);
      const counter = counters.get(key) ?? { failures: [], underWay: 0 };
      const recent = counter.failures.filter((moment) => moment + seconds * 1000 > now());
      const tooMany = recent.length + counter.underWay - most;
      if (tooMany >= 0) {
        // As many failures must pass; those that are under way have a result soon.
        const until = recent[tooMany] === undefined ? 0 : recent[tooMany] + seconds * 1000 - now();
        throw new ApiError("RATE_LIMITED", "Too many tries were refused; wait before the next one", {
          retryAfterSeconds: Math.max(1, Math.ceil(until / 1000)),
        });
      }
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
    },
  };
}
