// Which runs of the cases `make test` plays, of the three of each; `make nightly` plays every case in all pairs of serializations.
import type { Case, CaseFile } from "../../runner/cases/case.js";

/** The runs of a case: a row of pairs of serializations. */
const runsOfCase = 3;

/**
 * Whether the run with that number, of three for each case in the order of the files, is played. The first success of each method and
 * the first refusal of each reason are played in all three, whose answers are compared: they show what is read and written. Another case is
 * played in one. Those rotate through all nine pairs.
 */
export function playedRuns(files: readonly CaseFile[]): (run: number) => boolean {
  const seen = new Set<string>();
  const numbers = files.flatMap(({ cases }) =>
    Object.entries(cases).flatMap(([method, all]) =>
      Object.values(all).map((tested) => {
        const refusal = refusalOf(tested);
        const first = refusal ?? `a success of ${method}`;
        if (!seen.has(first)) {
          seen.add(first);
          return runsOfCase;
        }
        return 1;
      }),
    ),
  );
  return (run) => {
    const at = Math.floor(run / runsOfCase);
    // The responses of a row are shifted by the number of the case; the requests are shifted otherwise, so that all pairs occur.
    return (run + at + Math.floor(at / runsOfCase)) % runsOfCase < numbers[at]!;
  };
}

/** The reason or the status of a case in which nothing succeeds; undefined for others and for a race. */
function refusalOf(tested: Case): string | undefined {
  const steps = "steps" in tested ? tested.steps : [tested];
  const refusals = steps.map((step) => {
    if ("together" in step || "mailTo" in step) return undefined;
    const { answers, violates } = step;
    if (violates !== undefined) return "a violation";
    if (typeof answers === "string") return answers;
    return typeof answers === "number" && answers >= 400 ? String(answers) : undefined;
  });
  return refusals.includes(undefined) ? undefined : refusals.at(-1);
}
