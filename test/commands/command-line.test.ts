// The command line: its help, and its errors for wrong lines.
import { spawnSync } from "node:child_process";
import { expect } from "chai";
import { type Command, CommanderError } from "commander";
import { commandLine, withCommand } from "../../src/commands/command-line.js";
import { version } from "../../src/config.js";
import { lyceum, projectRoot, start } from "../support/program.js";

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Parses a line in this process, without a configuration, so that no command runs. */
async function read(...words: string[]): Promise<Said> {
  const program = commandLine(() => {
    throw new Error("A command was run");
  });
  const said = { stdout: "", stderr: "" };
  for (const { command } of everyCommand(program)) {
    command.configureOutput({
      writeOut: (text) => (said.stdout += text),
      writeErr: (text) => (said.stderr += text),
    });
  }
  try {
    await program.parseAsync(withCommand(words), { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return { code: error.exitCode, ...said };
    throw error;
  }
  throw new Error("The line is valid");
}

function everyCommand(command: Command, path: readonly string[] = []): { path: readonly string[]; command: Command }[] {
  return [
    { path, command },
    ...command.commands.flatMap((each) => everyCommand(each as Command, [...path, each.name()])),
  ];
}

describe("the command line", function () {
  this.timeout(30_000);

  it("prints the help of each command for --help", async () => {
    const commands = everyCommand(commandLine(() => expect.fail()));
    expect(commands.map(({ path }) => path.join(" "))).to.include.members([
      "serve",
      "migrate latest",
      "migrate rollback",
      "migrate to",
      "migrate status",
      "migrate make",
      "create-admin",
      "generate-secret",
      "rotate-key",
      "seed-demo",
      "routes",
      "openapi",
      "check-database",
    ]);
    for (const { path, command } of commands) {
      const { code, stdout, stderr } = await read(...path, "--help");
      expect({ code, stderr }, path.join(" ")).to.deep.equal({ code: 0, stderr: "" });
      expect(command.description(), path.join(" ")).not.to.equal("");
      expect(stdout.replace(/\s+/g, " "))
        .to.include(`Usage: ${["lyceum", ...path].join(" ")}`)
        .and.include(command.description());
      for (const { flags, description } of command.options) {
        expect(description, flags).not.to.equal("");
        expect(stdout).to.include(flags);
      }
    }
  });

  for (const [words, sentence] of [
    [["frobnicate"], "unknown command 'frobnicate'"],
    [["migrat"], "unknown command 'migrat'"],
    [["migrate", "sideways"], "unknown command 'sideways'"],
    [["--frob"], "unknown option '--frob'"],
    [["serve", "--frob"], "unknown option '--frob'"],
    [["serve", "8080"], "too many arguments for 'serve'. Expected 0 arguments but got 1."],
    [["migrate", "to"], "missing required argument 'name'"],
    [["migrate", "make"], "missing required argument 'name'"],
    [["migrate", "rollback", "--al"], "unknown option '--al'"],
    [["routes", "--json"], "unknown option '--json'"],
    [["create-admin"], "required option '--email <address>' not specified"],
    [["create-admin", "--email"], "option '--email <address>' argument missing"],
  ] as const) {
    it(`prints "${sentence}" for "${words.join(" ")}"`, async () => {
      const { code, stdout, stderr } = await read(...words);
      expect(code).to.equal(1);
      expect(stdout).to.equal("");
      expect(stderr.split("\n")[0]).to.equal(`error: ${sentence}`);
      expect(stderr).to.match(/\(--help says more\)\n$/);
    });
  }

  it("is serve when it names no command, with the options of serve", () => {
    expect(withCommand([])).to.deep.equal(["serve"]);
    expect(withCommand(["--migrate"])).to.deep.equal(["serve", "--migrate"]);
    expect(withCommand(["--help"])).to.deep.equal(["--help"]);
    expect(withCommand(["migrate", "latest"])).to.deep.equal(["migrate", "latest"]);
  });

  it("exits with 2 after a wrong line, and with 0 after help", async () => {
    const [wrong, helped] = await Promise.all([lyceum(["serve", "--frob"]), lyceum(["migrate", "to", "--help"])]);
    expect(wrong).to.deep.include({ code: 2, stdout: "" });
    expect(wrong.stderr).to.equal("error: unknown option '--frob'\n(--help says more)\n");
    expect(helped).to.deep.include({ code: 0, stderr: "" });
    expect(helped.stdout).to.match(/^Usage: lyceum migrate to/);
  });

  it("prints a new secret of more than 31 bytes each time, and its version", async () => {
    const [one, other, named] = await Promise.all([
      lyceum(["generate-secret"]),
      lyceum(["generate-secret"]),
      lyceum(["--version"]),
    ]);
    for (const { code, stdout } of [one, other]) {
      expect(code).to.equal(0);
      expect(Buffer.from(stdout.trim(), "base64url").length).to.be.greaterThan(31);
    }
    expect(one.stdout).not.to.equal(other.stdout);
    expect(named).to.deep.include({ code: 0, stdout: `${version}\n` });
  });

  it("exits without an error when its output is closed, as lyceum-contract does", async () => {
    const { child, ended } = await start(["openapi"]);
    child.stdout!.once("data", () => child.stdout!.destroy());
    expect(await ended).to.deep.include({ code: 0, signal: null, stderr: "" });
    const line = 'node dist/suite/lyceum-contract.js --list | head -c 1 >&2; echo "${PIPESTATUS[0]}"';
    const { stdout, stderr } = spawnSync("bash", ["-c", line], { cwd: projectRoot, encoding: "utf8" });
    expect([stdout, stderr]).to.deep.equal(["0\n", "t"]);
  });
});
