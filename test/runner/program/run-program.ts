// Runs the runner's program, and returns its output.
import { runProgram } from "../../../runner/program/program.js";
import type { CaseFile } from "../../../runner/cases/case.js";
import type { Suite } from "../../../runner/suite.js";
import { suite } from "../../../suite/suite.js";

/** The result of a run. */
export interface Ran {
  readonly code: number;
  /** Standard output: the report, the list, or the help. */
  readonly text: string;
  /** Standard error: the reason why it could not run. */
  readonly complaint: string;
}

/** An outcome in the report for programs. */
export interface ReportedOutcome {
  readonly path: readonly string[];
  readonly tags: readonly string[];
  readonly codec: string;
  readonly status: "passed" | "failed" | "skipped" | "blocked";
  readonly why?: string;
}

/** The report for programs. */
export interface Report {
  readonly plan: { readonly url: string; readonly checks: number; readonly seed: number };
  readonly outcomes: readonly ReportedOutcome[];
  readonly summary: Readonly<Record<"checks" | "passed" | "failed" | "skipped" | "blocked" | "overSocket", number>> & {
    readonly notes: readonly string[];
  };
}

/** Runs the program with these arguments, without a terminal. */
export async function run(suite: Suite, args: readonly string[]): Promise<Ran> {
  const written = { text: "", complaint: "" };
  const code = await runProgram("runner", suite, args, {
    write: (text) => void (written.text += text),
    complain: (text) => void (written.complaint += text),
    isTerminal: false,
    noColor: true,
    columns: 80,
  });
  return { code, ...written };
}

/** The same with the report for programs, parsed. */
export async function runForReport(suite: Suite, args: readonly string[]): Promise<Report & Pick<Ran, "code">> {
  const { code, text, complaint } = await run(suite, [...args, "--reporter", "json"]);
  if (text === "") throw new Error(`There is no report: ${complaint}`);
  return { code, ...(JSON.parse(text) as Report) };
}

/** The suite with these cases and no others. */
export function suiteOf(...files: readonly CaseFile[]): Suite {
  return { ...suite, files };
}
