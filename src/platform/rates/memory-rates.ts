// Rates counted by this process alone.
import { type Bound, type RateStore, shareMs, type Taken, takenOf } from "./rate.js";

export interface MemoryRatesOptions {
  /** Milliseconds that only grow; performance.now when absent. */
  readonly now?: () => number;
  /** How many people or addresses a bound knows at least, of those whose requests were the last; 50,000 when absent. */
  readonly capacity?: number;
}

/** Rates in memory. */
export class MemoryRates implements RateStore {
  readonly #now: () => number;
  readonly #capacity: number;
  readonly #bounds = new Map<string, Moments>();

  constructor({ now = () => performance.now(), capacity = 50_000 }: MemoryRatesOptions = {}) {
    this.#now = now;
    this.#capacity = capacity;
  }

  take(bound: Bound, who: string | number): Taken {
    const now = this.#now();
    let moments = this.#bounds.get(bound.name);
    if (!moments) this.#bounds.set(bound.name, (moments = new Moments(bound.seconds * 1000, this.#capacity, now)));
    const busyMs = Math.max(0, (moments.get(who) ?? now) - now);
    const taken = busyMs + shareMs(bound);
    // By less than the share of a request, rounding refuses none.
    if (taken > bound.seconds * 1000 + shareMs(bound) * 1e-6) return takenOf(bound, false, busyMs);
    moments.set(who, now + taken, now);
    return takenOf(bound, true, taken);
  }
}

/**
 * The moments at which the bound is free again. None is later than `keepMs` from when it was set, so that two maps, which change
 * places when so much time has passed, hold all that matter, and nothing has to be looked for to be forgotten.
 */
class Moments {
  #recent = new Map<string | number, number>();
  #older = new Map<string | number, number>();
  #changeAt: number;

  constructor(
    readonly keepMs: number,
    readonly capacity: number,
    now: number,
  ) {
    this.#changeAt = now + keepMs;
  }

  get(who: string | number): number | undefined {
    return this.#recent.get(who) ?? this.#older.get(who);
  }

  set(who: string | number, moment: number, now: number): void {
    if (now >= this.#changeAt || this.#recent.size >= this.capacity) {
      this.#older = this.#recent;
      this.#recent = new Map();
      this.#changeAt = now + this.keepMs;
    }
    this.#recent.set(who, moment);
  }
}
