// How the tests run: `mocha` runs them all, `mocha test/chats/reading.test.ts` that file alone.
"use strict";
const { readdirSync } = require("node:fs");
const { join, sep } = require("node:path");

// The longest first, so that none of them runs alone at the end.
const longest = [
  "test/runner/mutants/",
  "test/contract/derived.test.ts",
  "test/contract/cases.test.ts",
  "test/permissions/",
  "test/faults/",
  "test/secrets/",
  "test/imports/",
  "test/platform/audit/",
  "test/runner/program/",
  "test/services.test.ts",
  "test/runs.test.ts",
  "test/resilience/",
  "test/pages/",
  "test/webhooks/",
  "test/platform/jobs/",
  "test/platform/signals/",
  "test/realtime/",
  "test/doors/socket/",
];

// What make check runs too: .ci/run, which has just run that, does not run it again.
const checked =
  process.env.CHECKED === "1"
    ? ["test/laws/", "test/runner/golden/golden.test.ts", "test/contract/generated.test.ts"]
    : [];

// What comes from another registry than npm's, and servers that break a rule on purpose: make nightly has them.
const nightly = ["test/schemathesis/", "test/faults/controls.test.ts"];
const left = [...checked, ...nightly];

// The files by name, since a file that two patterns match would run twice with --parallel.
function allFiles() {
  const files = readdirSync(join(__dirname, "test"), { recursive: true })
    .map((file) => join("test", file).split(sep).join("/"))
    .filter((file) => file.endsWith(".test.ts"))
    .sort();
  for (const start of [...left, ...longest]) {
    if (!files.some((file) => file.startsWith(start))) throw new Error(`.mocharc.cjs: no test is at ${start}`);
  }
  const starts = [...longest, ""];
  const rest = files.filter((file) => !left.some((start) => file.startsWith(start)));
  return starts.flatMap((start) => rest.filter((file) => starts.find((other) => file.startsWith(other)) === start));
}

// Mocha would add the files below to those that the command line names.
const named = process.argv.slice(2).some((word) => word.endsWith(".test.ts"));

module.exports = {
  // Without require() of modules Mocha imports the tests, as Node imports the server. The budget is the work of a function before V8
  // compiles it once more, and better: programs that run for seconds spend a fifth of them on that.
  "node-option": ["import=tsx", "no-experimental-require-module", "interrupt-budget=1000000"],
  require: ["./test/support/hooks.ts"],
  spec: named ? [] : allFiles(),
  timeout: 20_000,
  reporter: "./test/support/reporter.cjs",
  // A test that fails before it closes its server must not keep the whole run waiting.
  exit: true,
};
