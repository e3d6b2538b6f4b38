// The embedded Postgres through everything that happens to it on people's machines.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { Client } from "pg";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../../src/platform/embedded/embedded-postgres.js";
import { findProcess } from "../../../src/platform/embedded/process-table.js";
import { temporaryFolder } from "../../support/database.js";
import { canStage, count, countOn, hold, stage, without } from "./start-in-child.js";

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

  // Leaves a postmaster.pid as a dead Postgres would.
  const leave = async (firstLine: string): Promise<void> => {
    await (await start()).stop();
    const lines = [firstLine, join(directory, "postgres"), "1700000000", "5432", "/tmp", "", "0 0", "ready"];
    await writeFile(join(directory, "postgres", "postmaster.pid"), firstLine === "" ? "" : lines.join("\n"));
  };

  // To make a cluster takes far longer than to start one, so most tests share theirs.
  before(async () => (directory = await temporaryFolder()));
  afterEach(async () => {
    await Promise.all([...running].map((server) => server.stop()));
    running.clear();
  });

  it("speaks UTF-8, knows Cyrillic letters, and reckons in UTC", async () => {
    const { url } = await start();
    expect(
      await ask(
        url,
        "select current_setting('server_encoding') as encoding, lower('Ж') as lower, current_setting('timezone') as zone",
      ),
    ).to.deep.equal([{ encoding: "UTF8", lower: "ж", zone: "UTC" }]);
  });

  it("has its data again after a stop, at the same address", async () => {
    const first = await start();
    await ask(first.url, "create table if not exists kept as select 17 as number");
    await first.stop();
    const second = await start();
    expect(second.url).to.equal(first.url);
    expect(await ask(second.url, "select number from kept")).to.deep.equal([{ number: 17 }]);
  });

  it("writes to disk what is committed, unless told otherwise", async () => {
    const server = await startEmbeddedPostgres({ directory, log: undefined });
    running.add(server);
    expect(await ask(server.url, "show fsync")).to.deep.equal([{ fsync: "on" }]);
  });

  it("leaves neither a process nor a socket behind when it is stopped", async () => {
    const server = await start();
    const pid = server.pid()!;
    await Promise.all([server.stop(), server.stop()]);
    expect(await findProcess(pid)).to.equal(undefined);
    expect(existsSync(socketFolder(server.url))).to.equal(false);
  });

  it("is back with its data when Postgres is killed with -9", async () => {
    const { url, pid } = await start();
    await ask(url, "create table if not exists kept as select 17 as number");
    for (let times = 1; times <= 3; times++) {
      const before = pid()!;
      process.kill(before, "SIGKILL");
      expect(await eventually(() => ask(url, "select number from kept"))).to.deep.equal([{ number: 17 }]);
      expect(pid()).not.to.equal(before);
    }
  });

  it("can be stopped while it comes back", async () => {
    const server = await start();
    process.kill(server.pid()!, "SIGKILL");
    await server.stop();
    expect(await refusal()).to.equal("started");
  });

  it("lets one of two servers work on a directory, and tells the other who does", async () => {
    await start();
    expect(await refusal()).to.match(
      new RegExp(`^Another process \\(pid ${process.pid}\\) works on .*: stop it first`),
    );
    expect((await count(directory)).error).to.contain(`(pid ${process.pid}) works on`);
  });

  it("lets one of ten that start at once have the directory", async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, refusal));
    expect(answers.filter((answer) => answer === "started")).to.have.length(1);
  });

  it("starts with its data after its process was killed with -9", async () => {
    const { child, pid, count: before } = await hold(directory);
    child.kill("SIGKILL");
    await once(child, "exit");
    const next = await count(directory);
    expect(next).to.include({ count: before! + 1 });
    expect(next.pid).not.to.equal(pid);
    expect(await findProcess(pid!)).to.equal(undefined);
  });

  it("outlives a Ctrl-C in the terminal, since the server still needs it", async () => {
    const { child, url, count: before } = await hold(directory);
    process.kill(-child.pid!, "SIGINT");
    await delay(200);
    expect(await ask(url!, "select count(*)::int as count from starts")).to.deep.equal([{ count: before }]);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await refusal()).to.equal("started");
  });

  it("clears away what a killed server left, once its data is deleted", async () => {
    const gone = await temporaryFolder();
    const { child, url } = await hold(gone);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(existsSync(socketFolder(url!))).to.equal(true);
    await eventually(() => rm(gone, { recursive: true }));
    await start();
    expect(existsSync(socketFolder(url!))).to.equal(false);
  });

  it("never writes into the package that it comes from", async () => {
    const { url } = await start();
    const links = await readdir(join(socketFolder(url), "lib"));
    // The loader asks for the short name, which the package has only when its install script has run.
    expect(links).to.include.members(
      process.platform === "linux" ? ["libpq.so.5", "libicui18n.so.60", "libssl.so.1.1"] : [],
    );
  });

  describe("with a postmaster.pid that was left behind", () => {
    it("starts when no process has the number", async () => {
      await leave("4194305");
      expect(await refusal()).to.equal("started");
    });

    it("starts when the number went to a process that is no Postgres", async () => {
      await leave(String(process.pid));
      expect(await refusal()).to.equal("started");
    });

    it("starts when the number is that of a zombie", async () => {
      const parent = spawn("sh", ["-c", "true & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
      const [zombie] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
      await leave(zombie);
      const answer = await refusal();
      parent.kill();
      expect(answer).to.equal("started");
    });

    it("starts when the file is empty", async () => {
      await leave("");
      expect(await refusal()).to.equal("started");
    });

    it("refuses when a Postgres that is not ours has the directory", async () => {
      await leave("4194305");
      const cwd = join(directory, "postgres");
      const other = spawn("bash", ["-c", "exec -a postgres sleep 60"], { cwd, stdio: "ignore" });
      await eventually(async () => expect((await findProcess(other.pid!))?.command).to.match(/^postgres/));
      await writeFile(join(cwd, "postmaster.pid"), `${other.pid}\n${cwd}\n`);
      const answer = await refusal();
      other.kill();
      expect(answer).to.match(/^Another Postgres \(pid \d+\) works on .*: stop it first/);
    });
  });

  describe("says in a sentence what to do", () => {
    beforeEach(async () => (directory = await temporaryFolder()));

    it("when the data is that of another version", async () => {
      await mkdir(join(directory, "postgres"));
      await writeFile(join(directory, "postgres", "PG_VERSION"), "16\n");
      expect(await refusal()).to.match(/was made by Postgres 16, and this is Postgres 18: move the folder away/);
    });

    it("when the folder holds something else", async () => {
      await mkdir(join(directory, "postgres"));
      await writeFile(join(directory, "postgres", "thesis.txt"), "years of work");
      expect(await refusal()).to.match(/is not a folder of Postgres: move it away/);
      expect(await readFile(join(directory, "postgres", "thesis.txt"), "utf8")).to.equal("years of work");
    });

    it("when a file stands in the place of the folder", async () => {
      await rm(directory, { recursive: true });
      await writeFile(directory, "");
      expect(await refusal()).to.match(/is not a folder: move the file that stands in its way/);
    });

    it("when Postgres gives up at once", async () => {
      await (await start()).stop();
      await writeFile(join(directory, "postgres", "postgresql.auto.conf"), "no_such_setting = 1\n");
      expect(await refusal()).to.match(
        /^Postgres does not start in .*: configuration file .* contains errors \(see .*postgres\.log\)\.$/,
      );
    });
  });

  describe("whoever starts it", function () {
    before(function () {
      if (!canStage()) this.skip();
    });
    beforeEach(async () => (directory = await temporaryFolder()));

    it("starts for root, in a folder that only root can enter", async () => {
      expect(await startsTwice(0o700, 0)).to.deep.equal(quietly);
    });

    it("starts for root where user namespaces are refused", async () => {
      expect(await startsTwice(0o755, 0, [without("unshare")])).to.deep.equal(quietly);
    });

    it("starts for root where both is so, and says where the data went", async () => {
      const said = await startsTwice(0o700, 0, [elsewhereIsPrivate, without("unshare")]);
      expect(said.join("\n")).to.match(/its data is kept in \/var\/lib\/lyceum\//);
    });

    it("starts for an ordinary user", () => startsTwice(0o755, 65_534));

    it("starts for a user id that has no name", () => startsTwice(0o755, 54_321));

    it("tells a user id without a name what it needs where user namespaces are refused", async () => {
      const { error } = await countOn(await stage(0o755, 54_321, [without("unshare")]));
      expect(error).to.match(/^The user id 54321 has no name on this machine.*add it to \/etc\/passwd/);
    });

    it("starts for root on the data of a user, and for the user again", async () => {
      const place = await stage(0o755, 54_321);
      expect(await countOn(place)).to.include({ count: 1 });
      expect(await countOn({ ...place, uid: 0 })).to.include({ count: 2 });
      expect(await countOn(place)).to.include({ count: 3 });
    });

    it("tells a user that the data is another's", async () => {
      const place = await stage(0o755, 54_321);
      await rm(place.data, { recursive: true });
      await mkdir(place.data, { mode: 0o700 });
      expect((await countOn(place)).error).to.match(/cannot be read and written by this user: change its owner/);
    });

    it("says that the disk is full", async () => {
      const place = await stage(0o755, 0, [`mount -t tmpfs -o size=16m none "$4"`]);
      expect((await countOn(place)).error).to.match(/^The disk that holds .* is full: free some space/);
    });

    it("stops a Postgres that outlived its process, where the system does not stop it, and starts with its data", async () => {
      const hidden = ["unshare", "--mount", "sh", "-c", `${without("setpriv")} && exec "$@"`, "sh"];
      const { child, pid, count: before } = await hold(directory, hidden);
      child.kill("SIGKILL");
      await once(child, "exit");
      expect(await findProcess(pid!)).to.not.equal(undefined);
      const next = await count(directory);
      expect(next).to.include({ count: before! + 1 });
      expect(next.said[0]).to.contain(`Postgres still runs for a server that was killed (pid ${pid})`);
      expect(await findProcess(pid!)).to.equal(undefined);
    });
  });
});

const quietly = ["Postgres makes its data, which takes a moment the first time", "Postgres started"];

// The copy must last from one start to the next, and leave no trace on the machine.
const elsewhereIsPrivate = `mkdir -p "$2/lib" && mount --bind "$2/lib" /var/lib`;

// What went to the log the first time.
async function startsTwice(...on: Parameters<typeof stage>): Promise<readonly string[]> {
  const place = await stage(...on);
  const first = await countOn(place);
  expect(first, first.error).to.include({ count: 1 });
  const second = await countOn(place);
  expect(second, second.error).to.include({ count: 2 });
  return first.said;
}

const socketFolder = (url: string): string => new URL(url).searchParams.get("host")!;

async function ask(url: string, text: string): Promise<object[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<object>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

// Tries for as long as the database may be away.
async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + 5_000; ; await delay(20)) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}
