// The command line: the list of commands.
import { Command } from "commander";
import { type Config, version } from "../config.js";
import { accountCommands } from "./accounts.js";
import { auditCommands } from "./audit.js";
import { contractCommands } from "./contract.js";
import { databaseCommands } from "./database.js";
import { serveCommand } from "./serve.js";

/**
 * All commands. A command imports what it does when it is run: to read all of the server takes half a second of a processor.
 * Only the commands that need it call `config`. Throws a CommanderError for a wrong line, and for help.
 */
export function commandLine(config: () => Config): Command {
  const program = new Command("lyceum")
    .description("The backend of a school community: one contract, JSON and Protocol Buffers on the same routes.")
    .version(version)
    .exitOverride()
    .showHelpAfterError("(--help says more)");
  for (const add of [serveCommand, databaseCommands, accountCommands, auditCommands, contractCommands])
    add(program, config);
  return program;
}

const ofTheProgram = new Set(["-h", "--help", "-V", "--version"]);

/** The words of a command line, with `serve` before them when they name no command. */
export function withCommand(words: readonly string[]): string[] {
  const [first] = words;
  // Not Commander's own default command: it would take a mistyped command for an argument.
  const isForServe = first === undefined || (first.startsWith("-") && !ofTheProgram.has(first));
  return isForServe ? ["serve", ...words] : [...words];
}
