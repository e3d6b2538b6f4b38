// The runner against mutants of the server: it finds each of them, and reports the fault.
import { randomBytes } from "node:crypto";
import { expect } from "chai";
import { runProgram } from "../../../runner/program/program.js";
import { suite } from "../../../suite/suite.js";
import { testDatabase, type TestDatabase } from "../../support/database.js";
import { end, serve, type Server } from "../../support/program.js";
import type { Mutant } from "./mutant.js";
import { mutants } from "./mutants.js";

describe("the runner, against a server with one wrong line", function () {
  this.timeout(60_000);
  this.slow(10_000);
  let database: TestDatabase;
  let server: Server | undefined;
  before(async () => void (database = await testDatabase()));
  afterEach(() => end(server));
  after(() => database.drop());

  for (const mutant of mutants) {
    it(`finds that ${mutant.name}`, async () => {
      server = await start(mutant);
      const { code, text } = await run(server.url, mutant);
      const report = text.slice(text.search(/^1\) /m));
      expect(mutant.reports.test(report), report).to.equal(true);
      expect(code).to.equal(1);
    });
  }

  function start({ file, find, replace }: Mutant): Promise<Server> {
    return serve({
      preload: [new URL("./mutation.mjs", import.meta.url)],
      env: {
        DATABASE_URL: database.url,
        SECRET_KEY: randomBytes(32).toString("hex"),
        REGISTRATION: "open",
        MUTATION: JSON.stringify({ file, find, replace }),
      },
    });
  }

  async function run(url: string, { tag, grep }: Mutant): Promise<{ code: number; text: string }> {
    const written: string[] = [];
    const chosen = [...(tag ? ["--tag", tag] : []), ...(grep ? ["--grep", grep] : [])];
    // As `make test` runs the checks, which are some of those of `make contract`.
    const words = ["--url", url, "--throwaway", "--bail", "--pairs", "three", ...chosen];
    const output = { write: (text: string) => void written.push(text), isTerminal: false, noColor: true, columns: 80 };
    const code = await runProgram("lyceum-contract", suite, words, output);
    return { code, text: written.join("") };
  }
});
