// Runs checks, in their order, one at a time for each worker.
import { Skipped, type Check, type Outcome } from "../check.js";
export interface RunOptions<Worker> {
  /** Each runs one check at a time. */
  readonly workers: readonly Worker[];
  /** Receives each outcome as it comes. */
  readonly onOutcome: (outcome: Outcome) => void;
  /** No check begins after it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs all checks; an error that a check throws becomes its outcome. */
export async function runChecks<Worker>(checks: readonly Check<Worker>[], options: RunOptions<Worker>): Promise<void> {
  const { workers, onOutcome, signal } = options;
  const rest = checks.values();
  await Promise.all(
    workers.map(async (worker) => {
      // All workers share one iterator: each takes the next check that has not begun.
      for (const check of rest) {
        if (signal?.aborted) return;
        onOutcome(await outcomeOf(check, worker));
      }
    }),
  );
}

/** Runs a check. */
export async function outcomeOf<Worker>(check: Check<Worker>, worker: Worker): Promise<Outcome> {
  const began = performance.now();
  const outcome = (status: Outcome["status"], why: string): Outcome => ({
    check,
    status,
    why,
    milliseconds: performance.now() - began,
  });
  try {
    await check.run(worker);
    return outcome("passed", "");
  } catch (error) {
    return outcome(error instanceof Skipped ? "skipped" : "failed", messageOf(error));
  }
}

/** A fault of the server is described by its message; of a fault of the runner the stack is needed. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return /^(Type|Range|Reference|Syntax)Error$/.test(error.name) ? (error.stack ?? error.message) : error.message;
}
