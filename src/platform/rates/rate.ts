// A bound on a rate, and the arithmetic of it (GCRA): the state of somebody is one moment, at which the whole bound is free again.

/** So many requests at once, and then one each time that the share of one in `seconds` has passed. */
export interface Bound {
  /** Unique in the system; of the characters of a structured field's string. */
  readonly name: string;
  readonly requests: number;
  readonly seconds: number;
}

/** What came of one request. */
export interface Taken {
  readonly isAdmitted: boolean;
  /** The number of requests that are left. */
  readonly left: number;
  /** Whole seconds until there is one more than that, at least 1. */
  readonly nextSeconds: number;
}

/** Counts requests. */
export interface RateStore {
  /** Counts one request of somebody, unless it is one too many. Never fails. */
  take(bound: Bound, who: string | number): Taken | Promise<Taken>;
}

/** How long one request occupies its share, in milliseconds. */
export function shareMs({ requests, seconds }: Bound): number {
  return (seconds * 1000) / requests;
}

/** What came of a request, when the whole bound is free after `busyMs` milliseconds. */
export function takenOf(bound: Bound, isAdmitted: boolean, busyMs: number): Taken {
  const share = shareMs(bound);
  // Less than a whole one by what rounding has left: a clock has microseconds at best.
  const free = Math.max(0, bound.requests - Math.max(0, busyMs) / share + 1e-6);
  const left = isAdmitted ? Math.floor(free) : 0;
  return { isAdmitted, left, nextSeconds: Math.max(1, Math.ceil(((left + 1 - free) * share) / 1000)) };
}
