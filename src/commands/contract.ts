// `lyceum routes`, `openapi`, `http` and `client-contract`: documents of the contract, without a server or a database.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Command, Option } from "commander";
import { type Config, protoDirectory, version } from "../config.js";
import { exportFiles } from "../contract/export/export-files.js";
import { loadContract } from "../contract/model/load.js";
import { openApi } from "../contract/documents/openapi.js";
import type { Serializations } from "../contract/documents/openapi/serializations.js";
import { httpFile } from "../contract/documents/pages/http-file.js";
import { routesFile } from "../contract/documents/routes-file.js";
import { aboutOf } from "../services.js";

/** Adds the commands of this file to the program. */
export function contractCommands(program: Command, config: () => Config): void {
  program
    .command("routes")
    .description("list the routes: verb, path, rpc, access, reasons")
    .action(() => void process.stdout.write(routesFile(loadContract(protoDirectory))));
  program
    .command("openapi")
    .description("print the OpenAPI 3.1 document")
    .addOption(
      new Option("--serialization <which>", "describe JSON alone, or all serializations")
        .choices(["json", "all"])
        .default("json"),
    )
    .action(({ serialization }: { serialization: Serializations }) => {
      const document = openApi(loadContract(protoDirectory), aboutOf(config()), serialization);
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    });
  program
    .command("http")
    .description("print a request for each method, for the HTTP clients of VS Code and JetBrains (.http)")
    .action(() => {
      const { appName, port } = config();
      process.stdout.write(httpFile(loadContract(protoDirectory), appName, `http://localhost:${port}`));
    });
  program
    .command("client-contract")
    .description("write the .proto files for clients into a folder: they need nothing but google/protobuf")
    .option("--out <folder>", "the folder; .proto files of an earlier contract in it are removed", "client-contract")
    .action(({ out }: { out: string }) => {
      const files = exportFiles(loadContract(protoDirectory), { title: config().appName, version });
      removeStale(out, files);
      for (const [path, text] of files) {
        mkdirSync(dirname(join(out, path)), { recursive: true });
        writeFileSync(join(out, path), text);
      }
      process.stdout.write(`${files.size} files in ${out}\n`);
    });
}

/** Removes .proto files that the export no longer has, from its own folders: they would declare a message twice. */
function removeStale(out: string, files: ReadonlyMap<string, string>): void {
  for (const folder of new Set([...files.keys()].filter((path) => path.endsWith(".proto")).map(dirname))) {
    mkdirSync(join(out, folder), { recursive: true });
    for (const name of readdirSync(join(out, folder)))
      if (name.endsWith(".proto") && !files.has(`${folder}/${name}`)) rmSync(join(out, folder, name));
  }
}
