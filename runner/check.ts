// What the runner runs: one promise, played in one way. And what came of it.

/** One promise, played in one way. `Lane` is what it is played with, one check after the other. */
export interface Check<Lane> {
  /** From the general to the particular: ["shelves", "createShelf", "makes an empty one"]. */
  readonly path: readonly string[];
  /** What it is about: "cases", "rules", "negotiation" ... */
  readonly tags: readonly string[];
  /** In which serialization, "json" or "json to protobuf"; empty when that means nothing. */
  readonly codec: string;
  /** Rejects with BrokenPromise when the promise does not hold, with Skipped when it cannot be tried here. */
  run(lane: Lane): Promise<void>;
}

/** A broken promise. The message has all that a person needs to look at it, in lines. */
export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise";
}

/** A check that cannot be tried here; the message says why. */
export class Skipped extends Error {
  override readonly name = "Skipped";
}

/** What came of a check. */
export interface Outcome {
  readonly check: Pick<Check<never>, "path" | "tags" | "codec">;
  readonly status: "passed" | "failed" | "skipped";
  /** What was found, or why it was skipped; empty when it passed. */
  readonly why: string;
  readonly milliseconds: number;
}

/** What a run is about, known before it begins. */
export interface Plan {
  /** Where the server is. */
  readonly url: string;
  /** How many checks there are. */
  readonly checks: number;
  /** What random choices are made of; the same seed makes the same ones. */
  readonly seed: number;
}

/** A run that is over. */
export interface Summary extends Plan {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly milliseconds: number;
  /** Further lines for people: what could not be removed from the server ... */
  readonly notes: readonly string[];
}

/** Tells of a run. */
export interface Reporter {
  begin(plan: Plan): void;
  heard(outcome: Outcome): void;
  /** How far a long check has come. */
  progress(line: string): void;
  end(summary: Summary): void;
}
