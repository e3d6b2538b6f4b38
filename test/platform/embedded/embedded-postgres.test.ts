// The embedded Postgres through crashes, second starts and their remains.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../../src/platform/embedded/embedded-postgres.js";
import { findProcess, signalProcess } from "../../../src/platform/embedded/process-table.js";
import { temporaryFolder } from "../../support/database.js";
import { run, start as startChild } from "./postgres-child.js";
import { query } from "./query.js";

describe("the embedded Postgres", function () {
  this.timeout(60_000);
  const running = new Set<EmbeddedPostgres>();
  let directory: string;

  const start = async (): Promise<EmbeddedPostgres> => {
    const server = await startEmbeddedPostgres({ directory, log: undefined, durable: false });
    running.add(server);
    return server;
  };
  const refusal = (): Promise<string> =>
    start().then(
      () => "started",
      (error: Error) => error.message,
    );

  /** Leaves a postmaster.pid behind, as a Postgres does that was killed. */
  const leavePidFile = async (firstLine: string): Promise<void> => {
    await (await start()).stop();
    const lines = [firstLine, join(directory, "postgres"), "1700000000", "5432", "/tmp", "", "0 0", "ready"];
    await writeFile(join(directory, "postgres", "postmaster.pid"), firstLine === "" ? "" : lines.join("\n"));
  };

  // To create a cluster takes far longer than to start it, so that most tests share one.
  before(async () => (directory = await temporaryFolder()));
  afterEach(async () => {
    await Promise.all([...running].map((server) => server.stop()));
    running.clear();
  });

  it("is encoded in UTF-8, has a locale with Cyrillic letters, and is in UTC", async () => {
    const { url } = await start();
    expect(
      await query(
        url,
        "select current_setting('server_encoding') as encoding, lower('Ж') as lower, current_setting('timezone') as zone",
      ),
    ).to.deep.equal([{ encoding: "UTF8", lower: "ж", zone: "UTC" }]);
  });

  it("has its data after a restart, at the same URL", async () => {
    const first = await start();
    await query(first.url, "create table if not exists kept as select 17 as number");
    await first.stop();
    const second = await start();
    expect(second.url).to.equal(first.url);
    expect(await query(second.url, "select number from kept")).to.deep.equal([{ number: 17 }]);
  });

  it("is reached whatever the environment has for other servers", async () => {
    const variables = { PGPORT: "1", PGSSLMODE: "require", PGHOST: "nowhere.invalid", PGDATABASE: "nowhere" };
    const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, variables);
    try {
      expect(await query((await start()).url, "select current_database()::text as name")).to.deep.equal([
        { name: "lyceum" },
      ]);
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  it("writes committed data to disk by default", async () => {
    const server = await startEmbeddedPostgres({ directory, log: undefined });
    running.add(server);
    expect(await query(server.url, "show fsync")).to.deep.equal([{ fsync: "on" }]);
  });

  it("leaves neither a process nor a socket behind when it is stopped", async () => {
    const server = await start();
    const pid = server.pid()!;
    await Promise.all([server.stop(), server.stop()]);
    expect(await findProcess(pid)).to.equal(undefined);
    expect(existsSync(socketFolder(server.url))).to.equal(false);
  });

  it("is restarted with its data when Postgres is killed with -9", async () => {
    const { url, pid } = await start();
    await query(url, "create table if not exists kept as select 17 as number");
    for (let times = 1; times <= 3; times++) {
      const before = pid()!;
      signalProcess(before, "SIGKILL");
      expect(await eventually(() => query(url, "select number from kept"))).to.deep.equal([{ number: 17 }]);
      expect(pid()).not.to.equal(before);
    }
  });

  it("can be stopped while it is being restarted", async () => {
    const server = await start();
    signalProcess(server.pid()!, "SIGKILL");
    await server.stop();
    expect(await refusal()).to.equal("started");
  });

  it("is started by one of two processes on a directory; the other fails, and names the first", async () => {
    await start();
    expect(await refusal()).to.match(
      new RegExp(`^Another process \\(pid ${process.pid}\\) works on .*: stop it first`),
    );
    expect((await run(directory)).error).to.contain(`(pid ${process.pid}) works on`);
  });

  it("is started once when ten start at once on a directory", async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, refusal));
    expect(answers.filter((answer) => answer === "started")).to.have.length(1);
  });

  it("starts with its data after the process that had started it was killed with -9", async () => {
    const { child, pid, count: before } = await startChild(directory);
    child.kill("SIGKILL");
    await once(child, "exit");
    const next = await run(directory);
    expect(next).to.include({ count: before! + 1 });
    expect(next.pid).not.to.equal(pid);
    expect(await findProcess(pid!)).to.equal(undefined);
  });

  it("keeps running after Ctrl-C in the terminal, because the server still uses it", async () => {
    const { child, url, count: before } = await startChild(directory);
    signalProcess(-child.pid!, "SIGINT");
    await delay(200);
    expect(await query(url!, "select count(*)::int as count from starts")).to.deep.equal([{ count: before }]);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await refusal()).to.equal("started");
  });

  it("removes the socket of a killed server whose data is deleted", async () => {
    const gone = await temporaryFolder();
    const { child, url } = await startChild(gone);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(existsSync(socketFolder(url!))).to.equal(true);
    await eventually(() => rm(gone, { recursive: true }));
    await start();
    expect(existsSync(socketFolder(url!))).to.equal(false);
  });

  it("links its libraries in a folder of its own, and not in the package", async () => {
    const { url } = await start();
    const links = await readdir(join(socketFolder(url), "lib"));
    // The loader looks for the short name, which the package has only when its install script has run.
    expect(links).to.include.members(
      process.platform === "linux" ? ["libpq.so.5", "libicui18n.so.60", "libssl.so.1.1"] : [],
    );
  });

  describe("on a directory with an old postmaster.pid", () => {
    it("starts when there is no process of that number", async () => {
      await leavePidFile("4194305");
      expect(await refusal()).to.equal("started");
    });

    it("starts when the number is now that of another program", async () => {
      await leavePidFile(String(process.pid));
      expect(await refusal()).to.equal("started");
    });

    it("starts when the number is that of a zombie", async () => {
      const parent = spawn("sh", ["-c", "true & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
      const [zombie] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
      await leavePidFile(zombie);
      const answer = await refusal();
      parent.kill();
      expect(answer).to.equal("started");
    });

    it("starts when the file is empty", async () => {
      await leavePidFile("");
      expect(await refusal()).to.equal("started");
    });

    it("fails when a Postgres that was not started here runs on the directory", async () => {
      await leavePidFile("4194305");
      const cwd = join(directory, "postgres");
      const other = spawn("bash", ["-c", "exec -a postgres sleep 60"], { cwd, stdio: "ignore" });
      await eventually(async () => expect((await findProcess(other.pid!))?.command).to.match(/^postgres/));
      await writeFile(join(cwd, "postmaster.pid"), `${other.pid}\n${cwd}\n`);
      const answer = await refusal();
      other.kill();
      expect(answer).to.match(/^Another Postgres \(pid \d+\) works on .*: stop it first/);
    });
  });

  describe("fails with a sentence that says what to do", () => {
    beforeEach(async () => (directory = await temporaryFolder()));

    it("when the data is that of another version", async () => {
      await mkdir(join(directory, "postgres"));
      await writeFile(join(directory, "postgres", "PG_VERSION"), "16\n");
      expect(await refusal()).to.match(/was made by Postgres 16, and this is Postgres 18: move the folder away/);
    });

    it("when the folder contains something else", async () => {
      await mkdir(join(directory, "postgres"));
      await writeFile(join(directory, "postgres", "thesis.txt"), "years of work");
      expect(await refusal()).to.match(/is not a folder of Postgres: move it away/);
      expect(await readFile(join(directory, "postgres", "thesis.txt"), "utf8")).to.equal("years of work");
    });

    it("when a file is in the place of the folder", async () => {
      await rm(directory, { recursive: true });
      await writeFile(directory, "");
      expect(await refusal()).to.match(/is not a folder: move the file away/);
    });

    it("when Postgres ends at once", async () => {
      await (await start()).stop();
      await writeFile(join(directory, "postgres", "postgresql.auto.conf"), "no_such_setting = 1\n");
      expect(await refusal()).to.match(
        /^Postgres does not start in .*: configuration file .* contains errors \(see .*postgres\.log\)\.$/,
      );
    });
  });
});

const socketFolder = (url: string): string => new URL(url).searchParams.get("host")!;

/** The result of `work`, which is repeated until it succeeds; fails after twenty seconds. */
async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + 20_000; ; await delay(20)) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}
