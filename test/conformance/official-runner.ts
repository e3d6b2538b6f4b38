// The official conformance runner, a program for some machines only: how it starts on this one, and its verdict on the
// testee.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { failureListFile, readFailureList } from "./failure-list.js";
import { forOlderLibraries } from "./older-libraries.js";
import { packageDirectory } from "./test-messages.js";

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The program; `isAdapted` where it is a copy for the libraries of this machine. Or the reason for its absence as the end of a
 * sentence: "has no build for linux arm64".
 */
export type Runner = { readonly program: string; readonly isAdapted?: boolean } | { readonly absent: string };

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
 * program was killed; where it needs newer libraries than the machine has, a copy is adapted to those. `CONFORMANCE_RUNNER`
 * names another.
 */
export function findRunner(): Runner {
  const own = process.env["CONFORMANCE_RUNNER"];
  const program = own ?? bundledRunner();
  if (!existsSync(program))
    return { absent: own ? `is not at ${own}` : `has no build for ${process.platform} ${process.arch}` };
  const started = start(program);
  if (own !== undefined || !("isTooNew" in started)) return started;
  const adapted = start(adaptedRunner());
  return "program" in adapted ? { ...adapted, isAdapted: true } : started;
}

/** Starts a program. `isTooNew` is set where it needs newer libraries. */
function start(program: string): Runner | { readonly absent: string; readonly isTooNew: true } {
  // It has no option --help, and prints its usage.
  const { error, stdout, stderr } = spawnSync(program, ["--help"], { encoding: "utf8", timeout: 10_000 });
  if (error) return { absent: `does not start (${error.message})` };
  if (/^Usage:/m.test(stdout + stderr)) return { program };
  const missing = [...stderr.matchAll(/\b(GLIBC(?:XX)?_[\d.]+)' not found/g)].map((match) => match[1]!);
  if (missing.length === 0) return { absent: `does not start (${stderr.trim().split("\n")[0]})` };
  const all = [...new Set(missing)].join(" and ");
  return { absent: `needs ${all}, which this machine does not have`, isTooNew: true };
}

/** Writes the copy of the runner for older libraries, and returns its path. Throws the errors of forOlderLibraries. */
export function adaptedRunner(): string {
  const folder = join(projectRoot, "node_modules/.cache/conformance");
  mkdirSync(folder, { recursive: true });
  const program = join(folder, "conformance_test_runner");
  // Another process may be running it: a file that is executed cannot be written, but replaced.
  const written = `${program}.${process.pid}`;
  writeFileSync(written, forOlderLibraries(readFileSync(bundledRunner())), { mode: 0o755 });
  renameSync(written, program);
  return program;
}

/** The path of the package's build for this machine; there may be none. */
export function bundledRunner(): string {
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
