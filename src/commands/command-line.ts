// The command line: which commands there are. Each is a few lines; what it does lives elsewhere.
import { Command } from "commander";
import { type Config, version } from "../config.js";
import { accountCommands } from "./accounts.js";
import { contractCommands } from "./contract.js";
import { databaseCommands } from "./database.js";
import { serveCommand } from "./serve.js";

/** All commands. `config` is asked by those alone that need it. Throws a CommanderError for a wrong line, and for help. */
export function commandLine(config: () => Config): Command {
  const program = new Command("lyceum")
    .description("The backend of a school community: one contract, JSON and Protocol Buffers on the same routes.")
    .version(version)
    .exitOverride()
    .showHelpAfterError("(--help says more)");
  for (const add of [serveCommand, databaseCommands, accountCommands, contractCommands]) add(program, config);
  return program;
}

const ofTheProgram = new Set(["-h", "--help", "-V", "--version"]);

/** The words of a command line; without a command they are for `serve`. */
export function withCommand(words: readonly string[]): string[] {
  const [first] = words;
  // Commander's own default command would take a mistyped command for an argument of it.
  const isForServe = first === undefined || (first.startsWith("-") && !ofTheProgram.has(first));
  return isForServe ? ["serve", ...words] : [...words];
}
