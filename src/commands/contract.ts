// `lyceum routes` and `lyceum openapi`: documents of the contract, without a server or a database.
import type { Command } from "commander";
import { type Config, version } from "../config.js";
import { loadContract } from "../contract/model/load.js";
import { openApi } from "../contract/documents/openapi.js";
import { routesFile } from "../contract/documents/routes-file.js";
import { protoDirectory } from "../platform/open-database.js";

/** Adds the commands of this file to the program. */
export function contractCommands(program: Command, config: () => Config): void {
  program
    .command("routes")
    .description("list the routes: verb, path, rpc, access, reasons")
    .action(() => void process.stdout.write(routesFile(loadContract(protoDirectory))));
  program
    .command("openapi")
    .description("print the OpenAPI 3.1 document")
    .action(() => {
      const document = openApi(loadContract(protoDirectory), { title: config().appName, version });
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    });
}
