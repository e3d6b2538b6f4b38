// `make generate`: writes what is generated from the .proto files: types, the list of routes, the descriptor sets. With
// --check it writes nothing, prints the names of stale files, and ends with 1 when there are any.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { clientContract } from "../src/contract/export/client-contract.js";
import { loadContract } from "../src/contract/model/load.js";
import { routesFile } from "../src/contract/documents/routes-file.js";
import { plainTypes, requiredFields, type IsRequired } from "./generated-types.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const gen = "src/gen";

/** The generated files by their path from the root. */
type Files = Map<string, Buffer>;

function main([mode, ...rest]: readonly string[]): void {
  if (rest.length > 0 || ![undefined, "--check"].includes(mode)) {
    console.error("usage: generate [--check]");
    process.exit(2);
  }
  const files = generate();
  const stale = [...files].filter(([path, content]) => !isOnDisk(path, content)).map(([path]) => path);
  const orphans = filesBelow(join(root, gen))
    .map((path) => `${gen}/${path}`)
    .filter((path) => path.endsWith(".ts") && !files.has(path));
  if (mode === "--check") {
    for (const path of stale) console.error(`stale: ${path}`);
    for (const path of orphans) console.error(`no longer generated: ${path}`);
    if (stale.length + orphans.length > 0) console.error("run `make generate`, and commit what it changes");
    process.exitCode = stale.length + orphans.length > 0 ? 1 : 0;
    return;
  }
  for (const path of orphans) rmSync(join(root, path));
  for (const path of stale) {
    writeFiles(root, new Map([[path, files.get(path)!]]));
    console.log(path);
  }
}

function writeFiles(folder: string, files: ReadonlyMap<string, Buffer | string>): void {
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

function generate(): Files {
  const folder = mkdtempSync(join(tmpdir(), "generate-"));
  try {
    buf("generate", "-o", folder);
    const contract = loadContract(join(root, "proto"));
    const clients = join(folder, "clients");
    writeFiles(clients, clientContract(contract));
    return new Map([
      ...types(join(folder, gen), requiredFields(contract.root)),
      ["proto/ROUTES.txt", Buffer.from(routesFile(contract))],
      ["proto/descriptor.binpb", descriptorSet(clients, join(folder, "descriptor.binpb"))],
      ["proto/annotated.binpb", descriptorSet("proto", join(folder, "annotated.binpb"))],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The descriptor set of the .proto files below a folder, with their comments. */
function descriptorSet(folder: string, output: string): Buffer {
  buf("build", folder, "--as-file-descriptor-set", "-o", output);
  return readFileSync(output);
}

/** The types of the messages of this contract and of those that they use, without the options that the files import. */
function types(folder: string, isRequired: IsRequired): Files {
  const files: Files = new Map();
  const visit = (path: string): void => {
    if (files.has(`${gen}/${path}`)) return;
    const content = Buffer.from(plainTypes(path, readFileSync(join(folder, path), "utf8"), isRequired));
    // Of a file with extensions alone nothing is left.
    if (!/^export (?:interface|type|const \w+ = \{)/m.test(content.toString("utf8"))) return;
    files.set(`${gen}/${path}`, content);
    for (const [, specifier] of content.toString("utf8").matchAll(/^import .* from "(\.[^"]+)\.js";$/gm)) {
      visit(
        relative(folder, join(folder, dirname(path), `${specifier}.ts`))
          .split(sep)
          .join("/"),
      );
    }
  };
  for (const path of filesBelow(folder)) if (path.startsWith("lyceum/")) visit(path);
  return files;
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

function isOnDisk(path: string, content: Buffer): boolean {
  const file = join(root, path);
  return existsSync(file) && readFileSync(file).equals(content);
}

/** buf finds protoc-gen-ts_proto by PATH. */
function buf(...args: string[]): void {
  const bin = join(root, "node_modules", ".bin");
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  execFileSync(join(bin, "buf"), args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
}

main(process.argv.slice(2));
