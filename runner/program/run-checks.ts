// Runs checks, in their order, one at a time for each worker.
import { Blocked, Skipped, type Check, type Outcome } from "../check.js";
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
  const obstacles = new Set<string>();
  const rest = checks.values();
  await Promise.all(
    workers.map(async (worker) => {
      // All workers share one iterator: each takes the next check that has not begun.
      for (const check of rest) {
        if (signal?.aborted) return;
        onOutcome(await outcomeOf(check, worker, obstacles));
      }
    }),
  );
}

/** Runs a check. Of those that one obstacle blocks the first fails; `obstacles` are those of the checks before it. */
export async function outcomeOf<Worker>(
  check: Check<Worker>,
  worker: Worker,
  obstacles = new Set<string>(),
): Promise<Outcome> {
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
    if (error instanceof Skipped) return outcome("skipped", error.message);
    if (error instanceof Blocked && isRepeated(error, obstacles)) return outcome("blocked", error.message);
    return outcome("failed", messageOf(error));
  }
}

/** Whether the obstacle was known before; it is known from now on. */
export function isRepeated({ message }: Blocked, obstacles: Set<string>): boolean {
  const [obstacle] = message.split("\n", 1);
  const isKnown = obstacles.has(obstacle!);
  obstacles.add(obstacle!);
  return isKnown;
}

/** A fault of the server is described by its message; of a fault of the runner the stack is needed. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return /^(Type|Range|Reference|Syntax)Error$/.test(error.name) ? (error.stack ?? error.message) : error.message;
}
