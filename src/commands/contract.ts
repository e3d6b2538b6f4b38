// `lyceum routes`, `openapi`, `http` and `client-contract`: documents of the contract, without a server or a database.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Command, Option } from "commander";
import { type Config, protoDirectory, version } from "../config.js";
import type { Contract } from "../contract/model/load.js";
import type { Serializations } from "../contract/documents/openapi/serializations.js";

/** Adds the commands of this file to the program. */
export function contractCommands(program: Command, config: () => Config): void {
  program
    .command("routes")
    .description("list the routes: verb, path, rpc, access, reasons")
    .action(async () => {
      const { routesFile } = await import("../contract/documents/routes-file.js");
      process.stdout.write(routesFile(await contract()));
    });
  program
    .command("openapi")
    .description("print the OpenAPI 3.1 document")
    .addOption(
      new Option("--serialization <which>", "describe JSON alone, or all serializations")
        .choices(["json", "all"])
        .default("json"),
    )
    .action(async ({ serialization }: { serialization: Serializations }) => {
      const { openApi } = await import("../contract/documents/openapi.js");
      const { aboutOf } = await import("../about.js");
      const document = openApi(await contract(), aboutOf(config()), serialization);
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    });
  program
    .command("http")
    .description("print a request for each method, for the HTTP clients of VS Code and JetBrains (.http)")
    .action(async () => {
      const { appName, port } = config();
      const { httpFile } = await import("../contract/documents/pages/http-file.js");
      process.stdout.write(httpFile(await contract(), appName, `http://localhost:${port}`));
    });
  program
    .command("client-contract")
    .description("write the .proto files for clients into a folder: they need nothing but google/protobuf")
    .option("--out <folder>", "the folder; .proto files of an earlier contract in it are removed", "client-contract")
    .action(async ({ out }: { out: string }) => {
      const { exportFiles } = await import("../contract/export/export-files.js");
      const files = exportFiles(await contract(), { title: config().appName, version });
      removeStale(out, files);
      for (const [path, text] of files) {
        mkdirSync(dirname(join(out, path)), { recursive: true });
        writeFileSync(join(out, path), text);
      }
      process.stdout.write(`${files.size} files in ${out}\n`);
    });
}

async function contract(): Promise<Contract> {
  const { loadContract } = await import("../contract/model/load.js");
  return loadContract(protoDirectory);
}

/** Removes .proto files that the export no longer has, from its own folders: they would declare a message twice. */
function removeStale(out: string, files: ReadonlyMap<string, string>): void {
  for (const folder of new Set([...files.keys()].filter((path) => path.endsWith(".proto")).map(dirname))) {
    mkdirSync(join(out, folder), { recursive: true });
    for (const name of readdirSync(join(out, folder)))
      if (name.endsWith(".proto") && !files.has(`${folder}/${name}`)) rmSync(join(out, folder, name));
  }
}
