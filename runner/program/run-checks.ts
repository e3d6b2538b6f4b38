// Runs checks: as many at a time as there are lanes, the first ones first.
import { Skipped, type Check, type Outcome } from "../check.js";

export interface RunOptions<Lane> {
  /** Each plays one check at a time. */
  readonly lanes: readonly Lane[];
  /** Told of each outcome as it comes. */
  readonly heard: (outcome: Outcome) => void;
  /** Nothing new begins once it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs checks to the end; what they throw becomes an outcome. */
export async function runChecks<Lane>(checks: readonly Check<Lane>[], options: RunOptions<Lane>): Promise<void> {
  const { lanes, heard, signal } = options;
  const rest = checks.values();
  await Promise.all(
    lanes.map(async (lane) => {
      // One iterator for all lanes: each takes the next check that nobody has begun.
      for (const check of rest) {
        if (signal?.aborted) return;
        heard(await outcomeOf(check, lane));
      }
    }),
  );
}

/** Plays a check. */
export async function outcomeOf<Lane>(check: Check<Lane>, lane: Lane): Promise<Outcome> {
  const began = performance.now();
  const outcome = (status: Outcome["status"], why: string): Outcome => ({
    check,
    status,
    why,
    milliseconds: performance.now() - began,
  });
  try {
    await check.run(lane);
    return outcome("passed", "");
  } catch (error) {
    return outcome(error instanceof Skipped ? "skipped" : "failed", messageOf(error));
  }
}

/** What is wrong with a server, or with the way to it, speaks for itself; of a fault of the runner one wants to know where. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return /^(Type|Range|Reference|Syntax)Error$/.test(error.name) ? (error.stack ?? error.message) : error.message;
}
