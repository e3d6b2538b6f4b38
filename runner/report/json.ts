// The report for programs: one JSON document, {plan, outcomes, summary}, written as it comes. Each outcome is a line of its
// own, so that a run which was broken off can still be read line by line.
import type { Reporter } from "../check.js";

/** Writes JSON. What was found is there for what failed or was skipped. */
export function jsonReporter(write: (text: string) => void): Reporter {
  let count = 0;
  return {
    begin(plan) {
      write(`{"plan":${JSON.stringify(plan)},"outcomes":[`);
    },
    heard({ check: { path, tags, codec }, status, why, milliseconds }) {
      const outcome = { path, tags, codec, status, ...(why === "" ? {} : { why }), milliseconds };
      write(`${count > 0 ? "," : ""}\n${JSON.stringify(outcome)}`);
      count += 1;
    },
    progress() {
      // A program waits for outcomes.
    },
    end(summary) {
      write(`\n],"summary":${JSON.stringify(summary)}}\n`);
    },
  };
}
