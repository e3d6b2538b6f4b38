// Runs of mocha as a developer starts them: whatever files and options are given, each process has one Postgres that is
// there for all its files, and the run leaves none behind.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { findProcess, signalProcess } from "../src/platform/embedded/process-table.js";
import { temporaryFolder } from "./support/database.js";
import { projectRoot } from "./support/program.js";

/** What a test of the run has seen. */
interface Visit {
  readonly file: string;
  /** The process of the test, and its Postgres. */
  readonly pid: number;
  readonly postgres: number;
  readonly socketFolder: string;
}

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  output(): string;
  visits(): Promise<Visit[]>;
}

/** All of them take long: `make test` plays the one that is as itself, and `make nightly` the others. */
const isPlayed = (options: readonly string[]): boolean =>
  process.env["RUNS"] === "all" || options.join(" ") === "--parallel";

describe("a run of mocha", function () {
  this.timeout(120_000);
  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  /** Starts mocha with the options on files of two tests each, of which the first opens a database. */
  async function begin(options: readonly string[], files: readonly string[], firstLine = ""): Promise<Run> {
    const folder = join(await temporaryFolder(), "run");
    await mkdir(folder);
    const log = join(folder, "visits");
    await writeFile(log, "");
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    for (const file of files) await writeFile(join(folder, file), testFile(file, log, firstLine));
    const mocha = join(projectRoot, "node_modules/mocha/bin/mocha.js");
    const { PATH, HOME } = process.env;
    const child = spawn(process.execPath, [mocha, ...options, ...files.map((file) => join(folder, file))], {
      cwd: projectRoot,
      env: { PATH, HOME },
      // A process group of its own, which a test may interrupt as a terminal does.
      detached: true,
    });
    children.push(child);
    const ended = once(child, "close");
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    const visits = async (): Promise<Visit[]> =>
      (await readFile(log, "utf8"))
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Visit);
    return { child, ended, output: () => output, visits };
  }

  const three = ["one.test.ts", "two.test.ts", "three.test.ts"];
  const runs: readonly {
    readonly what: string;
    readonly options: readonly string[];
    readonly files?: readonly string[];
    readonly firstLine?: string;
    readonly passed: number;
  }[] = [
    { what: "in one process", options: [], passed: 6 },
    { what: "in parallel", options: ["--parallel"], passed: 6 },
    { what: "of a chosen test", options: ["--parallel", "-g", "a database"], files: ["one.test.ts"], passed: 1 },
    {
      what: "in workers that do not know that they are some",
      options: ["--parallel", "--jobs", "2"],
      firstLine: 'delete process.env["MOCHA_WORKER_ID"];',
      passed: 6,
    },
  ];
  for (const { what, options, files = three, firstLine, passed } of runs.filter((run) => isPlayed(run.options))) {
    it(`${what} has one Postgres for all files of a process, and leaves none behind`, async () => {
      const run = await begin(options, files, firstLine);
      const [code] = (await run.ended) as [number | null];
      expect(run.output()).to.contain(`\n${passed} passed, 0 failed\n`);
      expect(code).to.equal(0);
      const visits = await run.visits();
      expect(visits.map(({ file }) => file)).to.have.members(files);
      expect(new Set(visits.map(({ postgres }) => postgres)).size).to.equal(new Set(visits.map(({ pid }) => pid)).size);
      await nothingRemains(visits);
    });
  }

  if (!isPlayed([])) return;

  it("that watches passes again, and leaves no Postgres behind", async () => {
    // A file that never changes: the next run is asked for as in a terminal.
    const watch = ["--parallel", "--watch", "--watch-files", join(projectRoot, "LICENSE")];
    const run = await begin(watch, three);
    for (const round of [1, 2]) {
      await until(run, () => run.output().split("waiting for changes").length === round + 1);
      if (round === 1) run.child.stdin!.write("rs\n");
    }
    expect(run.output().match(/^\d+ passed, \d+ failed$/gm)).to.deep.equal(Array(2).fill("6 passed, 0 failed"));
    signalProcess(-run.child.pid!, "SIGINT");
    await run.ended;
    const visits = await run.visits();
    expect(visits).to.have.length(6);
    await nothingRemains(visits);
  });

  for (const parallel of [[], ["--parallel", "--jobs", "2"]]) {
    it(`that is interrupted ${parallel.length === 0 ? "in one process" : "in workers"} leaves no Postgres behind`, async () => {
      const run = await begin(parallel, three, "after(() => new Promise((resolve) => setTimeout(resolve, 60_000)));");
      await until(run, async () => (await run.visits()).length > 0);
      signalProcess(-run.child.pid!, "SIGINT");
      await run.ended;
      await nothingRemains(await run.visits());
    });
  }
});

/** Waits for a condition; fails with the output when the run ends before. */
async function until(run: Run, isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    if (run.child.exitCode !== null) throw new Error(`The run has ended:\n${run.output()}`);
    await delay(20);
  }
}

/** Postgres may still shut down when the run has ended: a worker cannot wait for it. */
async function nothingRemains(visits: readonly Visit[]): Promise<void> {
  for (const { postgres, socketFolder } of visits) {
    while ((await findProcess(postgres)) !== undefined) await delay(20);
    const isThere = await access(socketFolder).then(
      () => true,
      () => false,
    );
    expect(isThere, `${socketFolder} is there`).to.equal(false);
  }
}

/** The text of a file with two tests. */
function testFile(file: string, log: string, firstLine: string): string {
  const support = JSON.stringify(new URL("./support/database.js", import.meta.url).href);
  const pg = JSON.stringify(import.meta.resolve("pg"));
  return `${firstLine}
import { appendFileSync } from "node:fs";
import pg from ${pg};
import { emptyDatabase } from ${support};

describe(${JSON.stringify(file)}, () => {
  it("has a database", async () => {
    const { url } = await emptyDatabase();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query("select split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int as pid");
    await client.end();
    const visit = {
      file: ${JSON.stringify(file)},
      pid: process.pid,
      postgres: rows[0].pid,
      socketFolder: new URL(url).searchParams.get("host"),
    };
    appendFileSync(${JSON.stringify(log)}, JSON.stringify(visit) + "\\n");
  });
  it("passes", () => undefined);
});
`;
}
