// How the tests run: `mocha` runs them all, `mocha test/chats/reading.test.ts` that file alone.
"use strict";

// Mocha would add the files below to those that the command line names.
const named = process.argv.slice(2).some((word) => word.endsWith(".test.ts"));

module.exports = {
  // Without require() of modules Mocha imports the tests, as Node imports the server.
  "node-option": ["import=tsx", "no-experimental-require-module"],
  require: ["./test/support/hooks.ts"],
  // The longest files first, so that none of them runs alone at the end.
  spec: named
    ? []
    : [
        "test/runner/mutants/mutants.test.ts",
        "test/contract/{derived,cases}.test.ts",
        "test/schemathesis/schemathesis.test.ts",
        "test/pages/*.test.ts",
        "test/{faults,resilience}/*.test.ts",
        "test/**/*.test.ts",
      ],
  timeout: 20_000,
  reporter: "./test/support/reporter.cjs",
  // A test that fails before it closes its server must not keep the whole run waiting.
  exit: true,
};
