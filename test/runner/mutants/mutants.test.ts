// The runner against mutants of the server: it finds each of them, and reports the fault.
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { runProgram } from "../../../runner/program/program.js";
import { suite } from "../../../suite/suite.js";
import { temporaryFolder, testDatabase, type TestDatabase } from "../../support/database.js";
import { end, projectRoot, serve, type Server } from "../../support/program.js";
import { appoint } from "../../support/server.js";
import type { Mutant, MutantGroup } from "./mutant.js";
import { groups, mutants } from "./mutants.js";

/** Of every sixteenth group every sixteenth mutant is played; `make nightly` plays all. */
const played = (_each: Mutant | MutantGroup, at: number): boolean => process.env["MUTANTS"] === "all" || at % 16 === 0;

describe("the mutants", () => {
  it("name texts that their files have once", async () => {
    for (const { name, file, find } of [...mutants, ...groups.flatMap((group) => group.mutants)])
      expect((await sourceOf(file)).split(find), `${name}: ${file}`).to.have.length(2);
  });
});

/** The source that a server runs: built, where it is. */
async function sourceOf(file: string): Promise<string> {
  const built = await readFile(join(projectRoot, `dist/src/${file}.js`), "utf8").catch(() => undefined);
  return built ?? readFile(join(projectRoot, `src/${file}.ts`), "utf8");
}

describe("the runner, against a server with one wrong line", function () {
  this.timeout(60_000);
  this.slow(10_000);
  let database: TestDatabase;
  let server: Server | undefined;
  before(async () => void (database = await testDatabase()));
  afterEach(() => end(server));
  after(() => database.drop());

  for (const mutant of mutants.filter(played)) {
    it(`finds that ${mutant.name}`, async () => {
      server = await start(database, [mutant]);
      finds(mutant, await run(server.url, mutant));
    });
  }
});

for (const { name, mutants } of groups.filter(played)) {
  describe(`the runner, against a server with wrong lines: ${name}`, function () {
    this.timeout(60_000);
    this.slow(10_000);
    let database: TestDatabase;
    let server: Server | undefined;
    let accounts: string;
    const runs = new Map<string, Promise<Run>>();
    before(async () => {
      database = await testDatabase();
      server = await start(database, mutants);
      accounts = join(await temporaryFolder(), "accounts.json");
      const teacher = await appoint(database.url, "ROLE_TEACHER");
      await writeFile(accounts, JSON.stringify({ teacher }), { mode: 0o600 });
    });
    after(async () => {
      await end(server);
      await database.drop();
    });

    for (const mutant of mutants.filter(played)) {
      it(`finds that ${mutant.name}`, async () => {
        // Mutants with the same checks are in the same report.
        const checks = `${mutant.codec ?? ""} ${mutant.grep}`;
        const found = runs.get(checks) ?? run(server!.url, mutant, ["--accounts", accounts]);
        runs.set(checks, found);
        finds(mutant, await found);
      });
    }
  });
}

interface Run {
  readonly code: number;
  readonly text: string;
}

function start(database: TestDatabase, wrong: readonly Mutant[]): Promise<Server> {
  return serve({
    preload: [new URL("./mutation.mjs", import.meta.url)],
    env: {
      DATABASE_URL: database.url,
      SECRET_KEY: randomBytes(32).toString("hex"),
      REGISTRATION: "open",
      MUTATIONS: JSON.stringify(wrong.map(({ file, find, replace }) => ({ file, find, replace }))),
    },
  });
}

async function run(url: string, { tag, grep, codec }: Mutant, more: readonly string[] = []): Promise<Run> {
  const written: string[] = [];
  const chosen = [
    ...(tag ? ["--tag", tag] : []),
    ...(grep ? ["--grep", grep] : []),
    ...(codec ? ["--codec", codec] : []),
  ];
  // As `make test` runs the checks, which are some of those of `make contract`.
  const words = ["--url", url, "--throwaway", "--bail", "--pairs", "three", ...chosen, ...more];
  const output = { write: (text: string) => void written.push(text), isTerminal: false, noColor: true, columns: 80 };
  const code = await runProgram("lyceum-contract", suite, words, output);
  return { code, text: written.join("") };
}

function finds({ reports }: Mutant, { code, text }: Run): void {
  const report = text.slice(text.search(/^1\) /m));
  expect(reports.test(report), report).to.equal(true);
  expect(code).to.equal(1);
}
