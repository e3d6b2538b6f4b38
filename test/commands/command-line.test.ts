// What the command line says of itself, and of words that it does not know.
import { expect } from "chai";
import { type Ended, lyceum } from "../support/program.js";

const commands: readonly (readonly string[])[] = [
  [],
  ["serve"],
  ["migrate"],
  ["migrate", "latest"],
  ["migrate", "rollback"],
  ["migrate", "to"],
  ["migrate", "status"],
  ["migrate", "make"],
  ["create-admin"],
  ["generate-secret"],
  ["seed-demo"],
  ["routes"],
  ["openapi"],
  ["check-database"],
];

describe("the command line", function () {
  this.timeout(60_000);

  it("explains each command on --help", async () => {
    const answers = await Promise.all(commands.map((words) => lyceum([...words, "--help"])));
    for (const [place, { code, stdout, stderr }] of answers.entries()) {
      const name = ["lyceum", ...commands[place]!].join(" ");
      expect({ code, stderr }, name).to.deep.equal({ code: 0, stderr: "" });
      expect(stdout).to.contain(`Usage: ${name}`);
    }
    for (const [name = ""] of commands) expect(answers[0]!.stdout).to.contain(name);
  });

  it("says which version it is", async () => {
    const { code, stdout } = await lyceum(["--version"]);
    expect(code).to.equal(0);
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it("answers a word that it does not know with one sentence, and exits with 2", async () => {
    const wrong: readonly (readonly [line: string, sentence: RegExp])[] = [
      ["--nope", /unknown option '--nope'/],
      ["serv", /unknown command 'serv'/],
      ["serve --nope", /unknown option '--nope'/],
      ["serve now", /too many arguments for 'serve'/],
      ["migrate sideways", /unknown command 'sideways'/],
      ["migrate to", /missing required argument 'name'/],
      ["migrate rollback --some", /unknown option '--some'/],
      ["create-admin", /required option '--email <address>' not specified/],
      ["create-admin --email", /option '--email <address>' argument missing/],
      ["routes --json", /unknown option '--json'/],
    ];
    const answers = await Promise.all(wrong.map(([line]) => lyceum(line.split(" "))));
    for (const [place, answer] of answers.entries()) {
      const [line, sentence] = wrong[place]!;
      expect(answer.code, line).to.equal(2);
      expect(answer.stdout).to.equal("");
      expect(answer.stderr)
        .to.match(sentence)
        .and.match(/--help says more/);
      expect(lines(answer)).to.be.below(4);
    }
  });

  it("makes secrets that will do, and no two that are equal", async () => {
    const made = await Promise.all([lyceum(["generate-secret"]), lyceum(["generate-secret"])]);
    for (const { code, stdout } of made) {
      expect(code).to.equal(0);
      expect(Buffer.from(stdout.trim(), "base64url").length).to.be.greaterThan(31);
    }
    expect(made[0]!.stdout).not.to.equal(made[1]!.stdout);
  });
});

const lines = ({ stderr }: Ended): number => stderr.trim().split("\n").length;
