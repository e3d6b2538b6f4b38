// The runner's program as a test runs it: with what it wrote in hand.
import { runProgram } from "../../../runner/program/program.js";
import type { Suite } from "../../../runner/suite.js";

/** What came of a run. */
export interface Ran {
  readonly code: number;
  /** What it wrote for whoever asked: the report, the list, help. */
  readonly text: string;
  /** Why it could not run. */
  readonly complaint: string;
}

/** An outcome, as the report for programs has it. */
export interface ToldOutcome {
  readonly path: readonly string[];
  readonly tags: readonly string[];
  readonly codec: string;
  readonly status: "passed" | "failed" | "skipped";
  readonly why?: string;
}

/** A whole run, as the report for programs has it. */
export interface Told {
  readonly plan: { readonly url: string; readonly checks: number; readonly seed: number };
  readonly outcomes: readonly ToldOutcome[];
  readonly summary: Readonly<Record<"checks" | "passed" | "failed" | "skipped", number>> & {
    readonly notes: readonly string[];
  };
}

/** Runs the program with these words, as a pipe and not a terminal would hear it. */
export async function run(suite: Suite, words: readonly string[]): Promise<Ran> {
  const written = { text: "", complaint: "" };
  const code = await runProgram("runner", suite, words, {
    write: (text) => void (written.text += text),
    complain: (text) => void (written.complaint += text),
    isTerminal: false,
    noColor: true,
    columns: 80,
  });
  return { code, ...written };
}

/** The same with the report for programs, read. */
export async function tell(suite: Suite, words: readonly string[]): Promise<Told & Pick<Ran, "code">> {
  const { code, text, complaint } = await run(suite, [...words, "--reporter", "json"]);
  if (text === "") throw new Error(`There is no report: ${complaint}`);
  return { code, ...(JSON.parse(text) as Told) };
}
