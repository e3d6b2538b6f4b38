// Which runs of the cases `make test` plays, of the three of each; `make nightly` plays every case in all pairs of serializations.
import type { Case, CaseFile } from "../../runner/cases/case.js";

/** The runs of a case: a row of pairs of serializations. */
const runsOfCase = 3;

/**
 * Whether the run with that number, of three for each case in the order of the files, is played. The first success of each method is played
 * in all three, whose answers are compared: it shows what is read and written. Another case is played in one. Those rotate through all nine
 * pairs, and a refusal is one message, Problem.
 */
export function playedRuns(files: readonly CaseFile[]): (run: number) => boolean {
  const seen = new Set<string>();
  const numbers = files.flatMap(({ cases }) =>
    Object.entries(cases).flatMap(([method, all]) =>
      Object.values(all).map((tested) => {
        if (seen.has(method) || isRefusal(tested)) return 1;
        seen.add(method);
        return runsOfCase;
      }),
    ),
  );
  return (run) => {
    const at = Math.floor(run / runsOfCase);
    // The responses of a row are shifted by the number of the case; the requests are shifted otherwise, so that all pairs occur.
    return (run + at + Math.floor(at / runsOfCase)) % runsOfCase < numbers[at]!;
  };
}

/** Whether nothing succeeds in a case. */
function isRefusal(tested: Case): boolean {
  const steps = "steps" in tested ? tested.steps : [tested];
  return steps.every((step) => {
    if ("together" in step || "mailTo" in step) return false;
    const { answers, violates } = step;
    return violates !== undefined || typeof answers === "string" || (typeof answers === "number" && answers >= 400);
  });
}
