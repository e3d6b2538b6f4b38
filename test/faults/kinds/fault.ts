// A kind of fault: what happens to the two servers, their clients or their database while the load goes on.
import type { Load } from "../load.js";
import type { Site } from "../site.js";

/** With what a fault is played. */
export interface Play {
  readonly site: Site;
  readonly load: Load;
  /** A number from 0 to below the bound, from the seed of the run. */
  readonly random: (bound: number) => number;
  /** Waits `ms`, or `briefMs` in a short run. */
  hold(ms: number, briefMs: number): Promise<void>;
}

/** What was measured beside the load; numbers that are absent do not concern the fault. */
export interface Measures {
  /** Logins of people who know their password, during a flood. */
  readonly loginsTried?: number;
  readonly loginsThrough?: number;
  /** Requests with the token of an ended session that began later than promised after its end, and those that were served. */
  readonly endedAsked?: number;
  readonly endedServed?: number;
  /** The resident memory of the server at its most, relative to before. */
  readonly memoryRatio?: number;
  /** How many Postgres has ended. */
  readonly deadlocks?: number;
  /** Requests of a client that knows nothing of a stop. */
  readonly stopsAsked?: number;
  readonly stopsFailed?: number;
  /** Requests of others while somebody overloads the server, and those that were refused. */
  readonly othersAsked?: number;
  readonly othersRefused?: number;
}

export interface Outcome {
  /** When it was over, by performance.now(): requests that begin later succeed again. */
  readonly overAt: number;
  readonly measures?: Measures;
  /** Why it could not be played here. */
  readonly skipped?: string;
}

export interface Fault {
  readonly kind: string;
  /** For people: what happens. */
  readonly what: string;
  /** How long a server does not run at all, in milliseconds: what it was asked before is refused so much later. 0 when absent. */
  readonly stallMs?: number;
  /** Connections of clients break. */
  readonly isCutting?: boolean;
  /** It cannot pass without a refusal: otherwise it did not happen. */
  readonly isFelt?: boolean;
  /** Nobody else is refused anything. */
  readonly isHarmless?: boolean;
  play(play: Play): Promise<Outcome>;
}

/** The outcome of a fault that is over now. */
export function over(measures: Measures = {}): Outcome {
  return { overAt: performance.now(), measures };
}
