// `lyceum verify-audit`, and a chain that is right when a server that makes it is killed.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import pg from "pg";
import { newPerson } from "../resilience/person.js";
import { temporaryFolder, testDatabase, type TestDatabase } from "../support/database.js";
import { type Ended, end, lyceum, serve, type Server } from "../support/program.js";

const [secret, later] = ["s".repeat(32), "t".repeat(32)];

describe("lyceum verify-audit", function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let client: pg.Client;
  let servers: Server[];

  beforeEach(async () => {
    database = await testDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    servers = [];
  });
  afterEach(async () => {
    await end(...servers);
    await client.end();
    await database.drop();
  });

  async function open(secretKey = secret): Promise<Server> {
    const server = await serve({ env: { DATABASE_URL: database.url, SECRET_KEY: secretKey } });
    servers.push(server);
    return server;
  }
  const verify = (words: readonly string[] = [], secretKey = secret): Promise<Ended> =>
    lyceum(["verify-audit", ...words], { env: { DATABASE_URL: database.url, SECRET_KEY: secretKey } });
  const count = async (table: "audit_events" | "audit_chain" | "audit_queue"): Promise<number> =>
    (await client.query<{ count: number }>(`select count(*)::int as count from ${table}`)).rows[0]!.count;
  async function allChained(): Promise<number> {
    while ((await count("audit_queue")) > 0) await delay(10);
    return count("audit_chain");
  }
  const tamper = (sql: string): Promise<unknown> =>
    client.query(`begin; set local session_replication_role = replica; ${sql}; commit`);
  const headOf = ({ stdout }: Ended): string => /hash ([0-9a-f]{64})$/m.exec(stdout)![1]!;

  it("prints the head, finds it again, and names what was changed or removed", async () => {
    const empty = await verify();
    expect(empty).to.include({ code: 0, stderr: "" });
    expect(empty.stdout).to.match(/^0 events are chained, 0 are not chained yet\.$/m);
    const server = await open();
    for (const _ of [1, 2, 3]) await newPerson(() => server.url);
    const length = await allChained();
    const whole = await verify();
    expect(whole).to.include({ code: 0, stderr: "" });
    expect(whole.stdout).to.match(
      new RegExp(`^The audit is as it was recorded. Its head is position ${length}, hash`, "m"),
    );
    await newPerson(() => server.url);
    await allChained();
    const anchored = await verify(["--head", headOf(whole)]);
    expect(anchored).to.include({ code: 0, stderr: "" });
    expect(anchored.stdout).to.contain(`The given head is at position ${length}.\n`);

    await tamper("update audit_events set action = 'a.b' where id = 2; delete from audit_events where id = 4");
    const broken = await verify();
    expect(broken.code).to.equal(1);
    expect(broken.stdout).to.match(
      /^FAULT event 2 at position 2 was changed\nFAULT event 4 at position 4 is missing\n/,
    );
    expect(broken.stderr.trim()).to.equal(
      "The audit is not as it was recorded. Faults: 2, the first: event 2 at position 2 was changed.",
    );
  });

  it("finds with a head that the end was removed", async () => {
    const server = await open();
    for (const _ of [1, 2, 3]) await newPerson(() => server.url);
    const length = await allChained();
    const head = headOf(await verify());
    await tamper(`delete from audit_events where id >= ${length}; delete from audit_chain where position >= ${length}`);
    expect((await verify()).code).to.equal(0);
    const { code, stdout } = await verify(["--head", head]);
    expect(code).to.equal(1);
    expect(stdout).to.contain(`FAULT no entry has the hash ${head}`);
  });

  it("needs the keys with which the servers ran", async () => {
    const server = await open();
    await newPerson(() => server.url);
    await allChained();
    await end(server);
    const next = await open(later);
    await newPerson(() => next.url);
    await allChained();
    const file = join(await temporaryFolder(), "keys");
    await writeFile(file, `\n${secret}\n`);
    const [without, withBoth] = [await verify([], later), await verify(["--former-keys", file], later)];
    expect(without.code).to.equal(1);
    expect(without.stdout).to.contain("FAULT event 1 at position 1 was chained with a key that is not given");
    expect(withBoth).to.include({ code: 0, stderr: "" });
  });

  it("refuses a head that is none, and keys that cannot be read, in a sentence", async () => {
    const [head, keys] = [await verify(["--head", "abc"]), await verify(["--former-keys", "/nowhere"])];
    expect(head).to.include({ code: 1, stderr: "The head is no hash: it has 64 hexadecimal digits.\n" });
    expect(keys).to.include({ code: 1, stderr: "The keys cannot be read from /nowhere (ENOENT).\n" });
  });

  it("finds the audit whole after a server was killed while it chained", async () => {
    const obstacle = new pg.Client({ connectionString: database.url });
    await obstacle.connect();
    const killed = await open();
    await newPerson(() => killed.url);
    const before = await allChained();
    // The next entries stop here: the queue is emptied, and nothing is committed.
    await obstacle.query("begin; lock table audit_chain in share mode");
    await newPerson(() => killed.url);
    const isStopped = async (): Promise<boolean> =>
      (
        await client.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
              and query like '%insert into audit_chain%' and pid <> pg_backend_pid()`,
        )
      ).rows.length > 0;
    while (!(await isStopped())) await delay(10);
    killed.child.kill("SIGKILL");
    await killed.ended;
    const other = await open();
    await newPerson(() => other.url);
    expect(await count("audit_chain")).to.equal(before);
    await obstacle.query("rollback");
    await obstacle.end();
    expect(await allChained()).to.equal(await count("audit_events"));
    const { code, stdout } = await verify();
    expect(code, stdout).to.equal(0);
    expect(stdout).to.match(/^\d+ events are chained, 0 are not chained yet\.$/m);
  });
});
