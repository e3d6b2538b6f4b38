// A check, which is one promise tested in one way, its outcome, and the reporter that receives the outcomes of a run.

/** One promise, tested in one way. `Context` is what the check runs with; a context runs one check at a time. */
export interface Check<Context> {
  /** From the general to the particular: ["shelves", "createShelf", "creates an empty shelf"]. */
  readonly path: readonly string[];
  /** Its subjects: "cases", "rules", "negotiation" ... */
  readonly tags: readonly string[];
  /** The serializations, "json" or "json to protobuf"; empty when the check has no particular one. */
  readonly codec: string;
  /** Rejects with BrokenPromise when the promise does not hold, with Skipped when the check cannot run here, with Blocked when what it needs could not be made. */
  run(context: Context): Promise<void>;
}

/** A broken promise. The message contains everything that a person needs for an analysis, in lines. */
export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise";
}

/** A check that cannot run here; the message is the reason. */
export class Skipped extends Error {
  override readonly name = "Skipped";
}

/** What a check needs could not be made, such as an actor. The first line of the message names it, the others say why. */
export class Blocked extends Error {
  override readonly name = "Blocked";
}

/** The outcome of a check. */
export interface Outcome {
  readonly check: Pick<Check<never>, "path" | "tags" | "codec">;
  /** Blocked: what it needs could not be made, which an earlier check has failed for. */
  readonly status: "passed" | "failed" | "skipped" | "blocked";
  /** What was found, why the check was skipped, or what it needs; empty when it passed. */
  readonly why: string;
  readonly milliseconds: number;
}

/** What is known of a run before it begins. */
export interface Plan {
  /** The URL of the server. */
  readonly url: string;
  /** The number of checks. */
  readonly checks: number;
  /** The seed of all random choices; the same seed gives the same choices. */
  readonly seed: number;
}

/** The result of a run. */
export interface Summary extends Plan {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly blocked: number;
  /** The number of calls that went over a web socket. */
  readonly overSocket: number;
  readonly milliseconds: number;
  /** Further lines for people, such as what could not be removed from the server. */
  readonly notes: readonly string[];
}

/** Receives the events of a run, and writes a report. */
export interface Reporter {
  begin(plan: Plan): void;
  add(outcome: Outcome): void;
  /** The progress of a long check, in one line. */
  progress(line: string): void;
  end(summary: Summary): void;
}
