// How the tests run: `mocha` runs them all, `mocha test/chats/reading.test.ts` that file alone.
"use strict";

// Mocha would add the files below to those that the command line names.
const named = process.argv.slice(2).some((word) => word.endsWith(".test.ts"));

module.exports = {
  // Without require() of modules Mocha imports the tests, as Node imports the server.
  "node-option": ["import=tsx", "no-experimental-require-module"],
  require: ["./test/support/hooks.ts"],
  spec: named ? [] : ["test/**/*.test.ts"],
  timeout: 20_000,
  reporter: "./test/support/reporter.cjs",
  // A test that fails before it closes its server must not keep the whole run waiting.
  exit: true,
};
