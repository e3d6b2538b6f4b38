// The committed list of the conformance tests that fail by decision, as data.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of the list, in the form that the runner reads. */
export const failureListFile = fileURLToPath(new URL("failures.txt", import.meta.url));

/** Tests that fail for one reason. */
export interface FailureCategory {
  readonly name: string;
  readonly reason: string;
  /** Full names, in the order of the file. */
  readonly tests: readonly string[];
}

/** Reads the list. Throws an Error when tests stand under no name and reason. */
export function readFailureList(): readonly FailureCategory[] {
  const [, ...blocks] = readFileSync(failureListFile, "utf8")
    .trim()
    .split(/\n{2,}/);
  return blocks.map((block) => {
    const lines = block.split("\n");
    const tests = lines.filter((line) => !line.startsWith("#"));
    const heading = lines
      .slice(0, lines.length - tests.length)
      .map((line) => line.replace(/^# ?/, ""))
      .join(" ");
    const [, name, reason] = /^([^:]+): (.+)$/.exec(heading) ?? [];
    if (!name || !reason) throw new Error(`${tests[0]} and what follows it have no category with a reason`);
    return { name, reason, tests };
  });
}
