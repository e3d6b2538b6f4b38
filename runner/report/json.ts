// The report for programs: one JSON document, {plan, outcomes, summary}, written as the outcomes come. Each outcome is a
// line of its own, so that the report of an interrupted run can still be read line by line.
import type { Reporter } from "../check.js";

/** Writes JSON. `why` is present for failed, skipped and blocked checks. */
export function jsonReporter(write: (text: string) => void): Reporter {
  let count = 0;
  return {
    begin(plan) {
      write(`{"plan":${JSON.stringify(plan)},"outcomes":[`);
    },
    add({ check: { path, tags, codec }, status, why, milliseconds }) {
      const outcome = { path, tags, codec, status, ...(why === "" ? {} : { why }), milliseconds };
      write(`${count > 0 ? "," : ""}\n${JSON.stringify(outcome)}`);
      count += 1;
    },
    progress() {
      // Programs do not need progress.
    },
    end(summary) {
      write(`\n],"summary":${JSON.stringify(summary)}}\n`);
    },
  };
}
