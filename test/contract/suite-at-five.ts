// `make suite-times-five`: the time of the tests of the contract, cases and derived checks, today and at five times the
// routes. A copy of the project has each service five times: `/v1/...`, `/copy2/v1/...` and so on, with the same handlers,
// and its cases five times. With --all it is the time of the whole `make test`; a few tests of the copy then fail, which
// know a name or a number of the contract.
import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadContract } from "../../src/contract/model/load.js";
import { copiedName, copiedPath } from "./copied-cases.js";

const copies = [2, 3, 4, 5];
const root = fileURLToPath(new URL("../..", import.meta.url));
const isAll = process.argv.includes("--all");

const folder = mkdtempSync(join(tmpdir(), "suite-at-five-"));
// Tests run Postgres as another user.
chmodSync(folder, 0o755);
try {
  copyProject();
  copyServices();
  copyHandlers();
  copyCases();
  run("tsx", "scripts/generate.ts");
  run("tsx", "scripts/golden.ts");
  if (isAll) {
    run("tsc", "-p", "tsconfig.build.json");
    writeFileSync(join(folder, "dist/.built"), "");
  }
  console.log(`${isAll ? "make test" : "cases and derived checks"}, two processes`);
  const once = measure(root);
  const fiveTimes = measure(folder);
  if (!once || (!fiveTimes && !isAll)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

/** Copies the files of the project; the packages are shared. */
function copyProject(): void {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" });
  for (const file of listed.trim().split("\n")) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file), { force: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
}

/** Writes each service four more times, with other names and other routes, and the same messages. */
function copyServices(): void {
  const directory = join(folder, "proto/lyceum/v1");
  for (const file of readdirSync(directory)) {
    const text = readFileSync(join(directory, file), "utf8");
    const service = /^service [^]*?^\}/m.exec(text)?.[0];
    if (service === undefined) continue;
    const head = text.slice(0, text.indexOf("service ")).match(/^(syntax|package|import) .*;$/gm)!;
    for (const copy of copies) {
      const copied = service
        .replace(/^service (\w+)/, (_, name: string) => `service ${copiedName(name, copy)}`)
        .replace(/^( *rpc )(\w+)/gm, (_, rpc: string, name: string) => rpc + copiedName(name, copy))
        .replace(
          /((?:get|post|put|patch|delete): |\(lyceum\.v1\.created\) = )"([^"]*)"/g,
          (_, key: string, path: string) => `${key}"${copiedPath(path, copy)}"`,
        );
      const lines = [...head, `import "lyceum/v1/${file}";`, "", copied, ""];
      writeFileSync(join(directory, file.replace(".proto", `_copy${copy}.proto`)), lines.join("\n"));
    }
  }
}

/** Gives the methods of the copies the handlers of the original ones, where the contract is loaded. */
function copyHandlers(): void {
  const path = join(folder, "src/contract/model/load.ts");
  const text = readFileSync(path, "utf8");
  const signature = "export function loadContract(";
  if (text.split(signature).length !== 2) throw new Error(`${path} has no "${signature}"`);
  const wrapper = `export function loadContract(...given: Parameters<typeof loadOriginal>): ReturnType<typeof loadOriginal> {
  const contract = loadOriginal(...given);
  const original = (name: string): string => name.replace(/Copy\\d$/, "");
  for (const method of contract.methods)
    Object.assign(method, { service: original(method.service), handler: original(method.handler) });
  return contract;
}

function loadOriginal(`;
  writeFileSync(path, text.replace(signature, wrapper));
}

/** Writes the cases of the copies, and what undoes their methods. */
function copyCases(): void {
  const undo = `
const undone = Object.entries(people.undo ?? {});
for (const copy of ${JSON.stringify(copies)})
  for (const [method, steps] of undone) Object.assign(people.undo!, { [\`\${method}Copy\${copy}\`]: steps });
`;
  appendFileSync(join(folder, "suite/people.ts"), undo);
  const suite = join(folder, "suite/cases");
  for (const file of readdirSync(suite, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".cases.ts")) continue;
    const up = "../".repeat(file.split("/").length + 1);
    const name = file.split("/").at(-1)!.replace(".ts", ".js");
    for (const copy of copies) {
      const text = `import * as original from "./${name}";
import { copiedCases } from "${up}test/contract/copied-cases.js";

export const copied = copiedCases(Object.values(original)[0]!, ${copy});
`;
      writeFileSync(join(suite, file.replace(".cases.ts", `-copy${copy}.cases.ts`)), text);
    }
  }
}

/** Runs a program of the packages in the copy. */
function run(program: string, ...args: readonly string[]): void {
  execFileSync(join(root, "node_modules/.bin", program), args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}

/** Runs the tests of a project as `make test` does, and prints routes, tests and seconds. Whether all tests passed. */
function measure(directory: string): boolean {
  const files = isAll ? [] : ["cases", "derived"].map((name) => `test/contract/${name}.test.ts`);
  const began = performance.now();
  const { stdout, status } = spawnSync(join(root, "node_modules/.bin/mocha"), ["--parallel", "--jobs", "2", ...files], {
    cwd: directory,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const seconds = (performance.now() - began) / 1000;
  const counts = stdout.match(/^\d+ passed, .*$/gm)?.at(-1) ?? "no result";
  const routes = loadContract(join(directory, "proto")).methods.length;
  console.log(`${String(routes).padStart(4)} routes: ${counts}, ${seconds.toFixed(1)} s`);
  if (status !== 0) console.log(stdout.slice(stdout.search(/^ {2}\d+ failing/m)));
  return status === 0;
}
