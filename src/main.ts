#!/usr/bin/env node
// The program: runs one command, and reports a failure in one sentence.
import { CommanderError } from "commander";
import { commandLine, withCommand } from "./commands/command-line.js";
import { ConfigError, processEnvironment, readConfig } from "./config.js";
import { ApiError } from "./errors.js";
import { OperatorError } from "./platform/operator-error.js";

// The reader of our output may close it before its end, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

try {
  const program = commandLine(() => readConfig(processEnvironment()));
  await program.parseAsync(withCommand(process.argv.slice(2)), { from: "user" });
} catch (error) {
  process.exitCode = report(error);
}

/** Reports a failure in one sentence. Returns the exit code: 2 for a wrong command line, 1 for everything else. */
function report(error: unknown): number {
  // Commander has printed the error already. A request for help is not an error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof OperatorError || error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else if (error instanceof ApiError) process.stderr.write(`${error.detail}\n`);
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}
