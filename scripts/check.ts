// `make check`: everything that can be checked without a server. As many steps run at once as there are processors. Each
// prints a line when it ends, and its output when it fails. All steps run; the exit code is 1 when one has failed.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/** The longest steps first, so that none of them runs alone at the end. */
const steps: readonly Step[] = [
  {
    name: "laws and golden files",
    command: [
      "mocha",
      "--reporter",
      "dot",
      // The types are checked at the same time, on the same cores.
      "--timeout",
      "60000",
      "--spec",
      "test/laws/**/*.test.ts",
      "--spec",
      "test/runner/golden/golden.test.ts",
    ],
  },
  { name: "types", command: ["node", "node_modules/typescript-native/bin/tsc"] },
  { name: "unused exports", command: ["knip", "--cache"] },
  { name: "generated files", command: ["tsx", "scripts/generate.ts", "--check"] },
  { name: "lint", command: ["oxlint", "--deny-warnings"] },
  { name: "format", command: ["oxfmt", "--check"] },
  { name: "contract: lint", command: ["buf", "lint"] },
  { name: "contract: breaking changes", command: ["buf", "breaking", "--against", "proto/released.binpb"] },
  { name: "contract: format", command: ["buf", "format", "--diff", "--exit-code"] },
];

const cwd = fileURLToPath(new URL("..", import.meta.url));
const env = process.stdout.isTTY ? { ...process.env, FORCE_COLOR: "1" } : process.env;

/** Runs a step, and prints its result. Resolves with false when it failed. */
async function run({ name, command: [program, ...args] }: Step): Promise<boolean> {
  const startedAt = performance.now();
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => output.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  console.log(`${code === 0 ? "✔" : "✘"} ${name.padEnd(27)} ${seconds(startedAt)}`);
  if (code !== 0) console.log(`\n${[program, ...args].join(" ")}\n${Buffer.concat(output).toString("utf8")}`);
  return code === 0;
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

const startedAt = performance.now();
const waiting = [...steps];
const failed: string[] = [];

async function runThoseThatWait(): Promise<void> {
  for (let step = waiting.shift(); step; step = waiting.shift()) if (!(await run(step))) failed.push(step.name);
}

await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, runThoseThatWait));
console.log(failed.length === 0 ? `all good, ${seconds(startedAt)}` : `failed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
