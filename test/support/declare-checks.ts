// The runner's checks as mocha tests: a suite for each part of a check's path, a test for each check.
import { Blocked, type Check, Skipped } from "../../runner/check.js";
import { isRepeated } from "../../runner/program/run-checks.js";

/** What could not be made for checks of this process: one fails for it, and the others are skipped. */
const obstacles = new Set<string>();

/** Declares the checks in the current suite; one worker runs all of them, one after the other. */
export function declareChecks<Worker>(checks: readonly Check<Worker>[], worker: Worker, depth = 0): void {
  const deeper = new Map<string, Check<Worker>[]>();
  for (const check of checks) {
    const [name, ...rest] = check.path.slice(depth);
    if (rest.length > 0) deeper.set(name!, [...(deeper.get(name!) ?? []), check]);
    else it(name! + (check.codec && ` (${check.codec})`), testOf(check, worker));
  }
  for (const [name, inside] of deeper) describe(name, () => declareChecks(inside, worker, depth + 1));
}

function testOf<Worker>(check: Check<Worker>, worker: Worker): Mocha.AsyncFunc {
  return async function () {
    await check.run(worker).catch((error: unknown) => {
      if (error instanceof Skipped || (error instanceof Blocked && isRepeated(error, obstacles))) return this.skip();
      throw error;
    });
  };
}
