// docs/adding-an-endpoint.md: typed word for word into a copy of this repository, it prints what it shows.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { importAlso, insert, missingLine, readWalkthrough } from "./walkthrough.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Installed, built and local files, which are not copied. */
const left = new Set(["node_modules", "dist", "coverage", ".git", ".data", ".env"]);

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** It takes a minute of a processor: `make nightly` plays it. */
const declare = process.env["PLAY_ENDPOINT"] === undefined ? (): void => undefined : describe;

declare("adding an endpoint as its page says", () => {
  const steps = readWalkthrough(readFileSync(join(root, "docs/adding-an-endpoint.md"), "utf8"));
  const files = [...new Set(steps.flatMap((step) => ("file" in step ? [step.file] : [])))];
  const copy = mkdtempSync(join(tmpdir(), "lyceum-endpoint-"));

  before(() => copyRepository(copy));

  after(() => rmSync(copy, { recursive: true, force: true }));

  const run = (commands: string): Promise<Ended> =>
    new Promise((resolve) => {
      // As in a terminal: the variables of a make around the tests would change what make prints.
      const { MAKEFLAGS: _flags, MAKELEVEL: _level, MFLAGS: _more, ...outer } = process.env;
      const env = { ...outer, PATH: `${join(copy, "node_modules", ".bin")}:${process.env["PATH"]}` };
      execFile("bash", ["-ec", commands], { cwd: copy, env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr });
      });
    });

  const edit = (file: string, change: (text: string) => string): void => {
    writeFileSync(join(copy, file), change(readFileSync(join(copy, file), "utf8")));
  };

  it("prints the documented output, and passes the checks of `make check`", async function () {
    this.timeout(180_000);
    this.slow(60_000);
    expect(files).to.have.length(4);
    for (const step of steps) {
      if ("code" in step) edit(step.file, (text) => insert(text, step));
      else if ("name" in step) edit(step.file, (text) => importAlso(text, step));
      else {
        const { commands, prints } = step;
        if (commands === "make generate\n") await expectStale();
        const { code, output } = await run(commands);
        expect(missingLine(output, prints), `what ${commands}does not print:\n${output}`).to.equal(undefined);
        expect(code === 0, `${commands}ended with ${code}:\n${output}`).to.equal(!prints.includes(": error "));
      }
    }
    await expectGood();
  });

  /** Before `make generate`, the check of the generated files names the stale ones. */
  async function expectStale(): Promise<void> {
    const { code, output } = await run("tsx scripts/generate.ts --check");
    expect(code).to.equal(1);
    const wanted = ["src/gen/lyceum/v1/chat.ts", "proto/ROUTES.txt", "proto/descriptor.binpb", "proto/annotated.binpb"];
    expect(output).to.equal(
      `${wanted.map((file) => `stale: ${file}\n`).join("")}run \`make generate\`, and commit what it changes\n`,
    );
  }

  async function expectGood(): Promise<void> {
    const typed = files.filter((file) => file.endsWith(".ts")).join(" ");
    const all = await Promise.all([
      run("tsc"),
      run(`oxlint --deny-warnings ${typed}; oxfmt --check ${typed}; buf lint; buf format --diff --exit-code
           mocha test/contract/coverage.test.ts test/runner/golden/golden.test.ts`),
    ]);
    for (const { code, output } of all) expect(code, output).to.equal(0);
  }
});

/** Copies the sources, and links the installed packages. The caches of the tools are about the files here: not linked. */
function copyRepository(copy: string): void {
  for (const name of readdirSync(root))
    if (!left.has(name)) cpSync(join(root, name), join(copy, name), { recursive: true, preserveTimestamps: true });
  mkdirSync(join(copy, "node_modules"));
  for (const name of readdirSync(join(root, "node_modules")))
    if (name !== ".cache" && name !== ".installed")
      symlinkSync(join(root, "node_modules", name), join(copy, "node_modules", name));
  // Make would install when this file were older than package.json.
  writeFileSync(join(copy, "node_modules", ".installed"), "");
}
