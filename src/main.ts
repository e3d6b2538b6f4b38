#!/usr/bin/env node
// The command line. Each command is a few lines; what it does lives elsewhere.
import { Command, CommanderError } from "commander";
import { ConfigError, processEnvironment, readConfig, version } from "./config.js";
import { accountCommands } from "./commands/accounts.js";
import { contractCommands } from "./commands/contract.js";
import { databaseCommands } from "./commands/database.js";
import { serveCommand } from "./commands/serve.js";
import { ApiError } from "./errors.js";
import { OperatorError } from "./platform/operator-error.js";

const program = new Command("lyceum")
  .description("The backend of a school community: one contract, JSON and Protocol Buffers on the same routes.")
  .version(version)
  .exitOverride()
  .showHelpAfterError("(--help says more)");

const config = () => readConfig(processEnvironment());
for (const add of [serveCommand, databaseCommands, accountCommands, contractCommands]) add(program, config);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong in one sentence; 2 for a wrong command line, 1 for everything else. */
function report(error: unknown): number {
  // Commander has said what is wrong; asking for help is not wrong.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof OperatorError || error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else if (error instanceof ApiError) process.stderr.write(`${error.detail}\n`);
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}
