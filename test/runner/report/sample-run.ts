// A run with texts of a hostile server, and its reports.
import type { Outcome, Plan, Reporter } from "../../../runner/check.js";
import { reporterNamed } from "../../../runner/report/reporters.js";
import type { Screen } from "../../../runner/report/spec.js";

/** A run. */
export const plan: Plan = { url: "http://localhost:1/?a=1&b=<2>", checks: 7, seed: 42 };
/** Terminal escapes, commands of a build server, ends of XML sections, surrogates. */
export const hostile = 'is "<b>&amp;</b>" ]]>\n::error::100% mine\r\n\u001b[2J\0\ud800\ufffe\u202e😀\tend';
export const paper: Screen = { isTerminal: false, noColor: false, columns: 0 };

function outcome(path: readonly string[], status: Outcome["status"], why = "", codec = "json"): Outcome {
  return { check: { path, tags: ["cases"], codec }, status, why, milliseconds: 250 };
}

export const outcomes: readonly Outcome[] = [
  outcome(["shelves", "getShelf", "answers"], "passed"),
  outcome(
    ["books", "getBook", `title ${hostile}`],
    "failed",
    `status: expected 200, got 500\n${hostile}`,
    "json to protobuf",
  ),
  outcome(["shelves", "getShelf", "answers"], "passed", "", "protobuf"),
  outcome(["shelves", "deleteShelf", "for keepers"], "skipped", "no keeper is known"),
  outcome(["shelves", "getShelf", "is slow"], "failed", "no answer"),
  outcome(["alone"], "passed", "", ""),
  outcome(["shelves", "deleteShelf", "for kings"], "skipped", "no keeper is known"),
];

/** Reports the run; `between` is called before each outcome. */
export function reportTo(reporter: Reporter, between: () => void = () => undefined): void {
  reporter.begin(plan);
  for (const each of outcomes) {
    between();
    reporter.add(each);
  }
  reporter.progress(`half\u001b[2Jway\n::stop`);
  reporter.end({
    ...plan,
    passed: 3,
    failed: 2,
    skipped: 2,
    blocked: 0,
    overSocket: 0,
    milliseconds: 65_000,
    notes: [`left: ${hostile}`],
  });
}

/** The report of that name. */
export function report(name: string, screen = paper): string {
  const written: string[] = [];
  reportTo(reporterNamed(name, (text) => written.push(text), screen));
  return written.join("");
}
