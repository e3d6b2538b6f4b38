// The official conformance runner, a program for some machines only: whether it starts on this one, and its verdict on the
// testee.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { failureListFile, readFailureList } from "./failure-list.js";
import { packageDirectory } from "./test-messages.js";

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

/** The program, or the reason for its absence as the end of a sentence: "has no build for linux arm64". */
export type Runner = { readonly program: string } | { readonly absent: string };

/** How a run ended. */
export interface Outcome {
  /** Exactly the listed tests failed. */
  readonly isGood: boolean;
  readonly successes: number;
  readonly skipped: number;
  /** Tests that failed and are listed. */
  readonly expected: number;
  /** What the runner wrote. */
  readonly output: string;
}

/**
 * Finds the runner and starts it once. The one of the package is called without its wrapper, which ends with 0 when the
 * program was killed. `CONFORMANCE_RUNNER` names another.
 */
export function findRunner(): Runner {
  const own = process.env["CONFORMANCE_RUNNER"];
  const program = own ?? bundled();
  if (!existsSync(program))
    return { absent: own ? `is not at ${own}` : `has no build for ${process.platform} ${process.arch}` };
  // It has no option --help, and prints its usage.
  const { error, stdout, stderr } = spawnSync(program, ["--help"], { encoding: "utf8", timeout: 10_000 });
  if (error) return { absent: `does not start (${error.message})` };
  if (/^Usage:/m.test(stdout + stderr)) return { program };
  const missing = [...stderr.matchAll(/\b(GLIBC(?:XX)?_[\d.]+)' not found/g)].map((match) => match[1]!);
  if (missing.length > 0)
    return { absent: `needs ${[...new Set(missing)].join(" and ")}, which this machine does not have` };
  return { absent: `does not start (${stderr.trim().split("\n")[0]})` };
}

function bundled(): string {
  // Macs with either processor run the one build for them.
  const machine = process.platform === "darwin" ? "darwin-x64" : `${process.platform}-${process.arch}`;
  return join(packageDirectory, "bin", `conformance_test_runner-${machine}`);
}

/** Runs all tests on the testee, the recommended ones too, with the list of expected failures. */
export function examine(program: string): Outcome {
  const testee = fileURLToPath(new URL("testee.ts", import.meta.url));
  const { error, status, stdout, stderr } = spawnSync(
    program,
    ["--enforce_recommended", "--failure_list", failureListFile, process.execPath, "--import", "tsx", testee],
    { cwd: projectRoot, encoding: "utf8", timeout: 120_000, maxBuffer: 64 * 1024 * 1024 },
  );
  if (error) throw error;
  const output = stdout + stderr;
  const sum = (what: string): number =>
    [...output.matchAll(new RegExp(`(\\d+) ${what}`, "g"))].reduce((total, match) => total + Number(match[1]), 0);
  const [successes, skipped, expected] = [sum("successes,"), sum("skipped,"), sum("expected failures,")];
  const listed = readFailureList().reduce((total, { tests }) => total + tests.length, 0);
  // To the runner a listed test may also be skipped, so it would accept a testee that skips everything.
  return { isGood: status === 0 && successes > 0 && expected === listed, successes, skipped, expected, output };
}
