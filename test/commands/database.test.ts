// The commands for the schema, on the embedded database and on a real server.
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect } from "chai";
import pg from "pg";
import { openSchool } from "../support/call-as.js";
import { migrations } from "../../src/platform/migrations/migrations.js";
import { emptyDatabase, temporaryFolder, type TestDatabase } from "../support/database.js";
import { call } from "../resilience/person.js";
import { type Ended, end, lyceum, projectRoot, serve } from "../support/program.js";

describe("lyceum migrate", function () {
  this.timeout(60_000);
  let names: string[];
  let database: TestDatabase;

  const migrate = (...words: string[]): Promise<Ended> =>
    lyceum(["migrate", ...words], { env: { DATABASE_URL: database.url } });
  const status = async (): Promise<string[]> =>
    (await migrations({ url: database.url }).status()).map(({ name, state }) => `${state.padEnd(8)} ${name}`);
  const are = (state: string, some: readonly string[]): string[] => some.map((name) => `${state.padEnd(8)} ${name}`);
  const tables = async (): Promise<number> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query(
      "select from pg_tables where schemaname = 'public' and tablename not like 'knex%'",
    );
    await client.end();
    return rows.length;
  };

  before(async () => {
    const files = await readdir(join(projectRoot, "migrations"));
    names = files.map((file) => basename(file, ".ts")).toSorted();
    database = await emptyDatabase();
  });
  after(() => database.drop());

  it("migrates up, prints each migration, and has nothing to do the second time", async () => {
    const nothing = await migrate("status");
    expect(nothing).to.include({ code: 0, stderr: "" });
    expect(nothing.stdout.trim().split("\n")).to.deep.equal(are("pending", names));
    const first = await migrate("latest");
    expect(first.code).to.equal(0);
    for (const name of names) expect(first.stdout).to.match(new RegExp(`^migrating up: ${name} done in \\d+ ms$`, "m"));
    expect(await migrate("latest")).to.include({ code: 0, stdout: "Nothing to do: the schema is as asked.\n" });
    expect(await status()).to.deep.equal(are("done", names));
  });

  it("migrates to a name or the beginning of one, and back up", async () => {
    const [first = "", second = ""] = names;
    expect(await migrate("to", second.slice(0, 14))).to.include({ code: 0, stderr: "" });
    expect(await status()).to.deep.equal([...are("done", [first, second]), ...are("pending", names.slice(2))]);
    const [unknown, unclear] = await Promise.all([migrate("to", "nowhere"), migrate("to", "20")]);
    expect(unknown).to.include({ code: 1 });
    expect(unknown.stderr).to.match(/^There is no migration "nowhere": "migrate status" lists their names\.\n$/);
    expect(unclear).to.include({ code: 1 });
    expect(unclear.stderr).to.match(/^There is more than one migration that begins with "20"/);
    expect(await migrate("to", names.at(-1)!)).to.include({ code: 0 });
  });

  it("rolls back the last batch, then everything, and leaves no table", async () => {
    const last = await migrate("rollback");
    expect(last.code).to.equal(0);
    expect(await status()).to.deep.equal([...are("done", names.slice(0, 2)), ...are("pending", names.slice(2))]);
    const rest = await migrate("rollback", "--all");
    expect(rest.code).to.equal(0);
    expect(rest.stdout).to.contain(`migrating down: ${names[0]} done`);
    expect(await tables()).to.equal(0);
    await migrations({ url: database.url }).latest();
    expect(await tables()).to.be.greaterThan(5);
  });

  it("writes a migration with an up and a down to the given folder", async () => {
    const directory = await temporaryFolder();
    const [{ code, stdout }, nameless] = await Promise.all([
      lyceum(["migrate", "make", "Add phone to users", "--directory", directory]),
      lyceum(["migrate", "make", "???", "--directory", directory]),
    ]);
    expect(code).to.equal(0);
    const [file = ""] = await readdir(directory);
    expect(file).to.match(/^\d{14}_add_phone_to_users\.ts$/);
    expect(stdout).to.equal(`${join(directory, file)}\n`);
    expect(await readFile(join(directory, file), "utf8"))
      .to.match(/function up\(/)
      .and.match(/function down\(/);
    expect(nameless).to.include({ code: 1 });
    expect(nameless.stderr).to.match(/^"\?\?\?" does not name a migration: use Latin letters/);
  });

  it("uses the embedded database without DATABASE_URL, and stops it afterwards", async () => {
    const env = { DATA_DIR: await temporaryFolder() };
    const { code, stdout } = await lyceum(["migrate", "latest"], { env });
    expect(code).to.equal(0);
    expect(stdout).to.contain(`migrating up: ${names.at(-1)} done`);
    expect(await readdir(join(env.DATA_DIR, "postgres"))).not.to.include("postmaster.pid");
  });
});

describe("lyceum serve", function () {
  this.timeout(60_000);

  it("migrates a real server's schema with --migrate, and does not start the embedded one", async () => {
    const database = await emptyDatabase();
    const folder = await temporaryFolder();
    const env = { DATABASE_URL: database.url, DATA_DIR: folder, SECRET_KEY: "s".repeat(32), NODE_ENV: "production" };
    const server = await serve(
      {
        // The Postgres of the tests is fast.
        env: { ...env, PASSWORD_COST: "10", LOG_FORMAT: "json", ALLOW_UNSAFE_DATABASE: "true" },
      },
      ["--migrate"],
    );
    const status = await migrations({ url: database.url }).status();
    const { body } = await call(server.url, "GET", "/health/version");
    await end(server);
    await database.drop();
    expect(status.map(({ state }) => state)).not.to.include("pending");
    expect(body).to.include({ name: "Lyceum", contract: "lyceum.v1" });
    expect(await readdir(folder)).to.deep.equal(["files"]);
    const { stdout, stderr } = await server.ended;
    expect(stderr).to.equal("");
    // Every line is JSON, those of the start included.
    for (const line of stdout.trim().split("\n")) expect(() => void JSON.parse(line), line).not.to.throw();
  });
});

describe("lyceum check-database", function () {
  this.timeout(60_000);

  it("--counts finds each count that is wrong, and nothing where all are right", async () => {
    const school = await openSchool();
    const [anna, bob] = [await school.person(), await school.person()];
    const chat_id = await school.chat(anna, bob);
    const draft = { chat_id, text: "hello", client_message_id: undefined, reply_to_id: undefined, file_ids: [] };
    await school.messages.sendMessage(draft, school.as(anna));
    const check = () => lyceum(["check-database", "--counts"], { env: { DATABASE_URL: school.url } });
    const right = await check();
    expect(right.code, right.stdout + right.stderr).to.equal(0);
    expect(right.stdout).to.match(/^ok    chat_sequences.message_count$/m);
    expect(right.stdout).to.match(/^0 differences$/m);
    await school.sql("update chat_sequences set message_count = 0");
    await school.sql("delete from updates where topic = $1 and pts = 1", [`chat:${chat_id}`]);
    await school.sql("update update_topics set pts = 9 where topic = $1", [`user:${bob}`]);
    const wrong = await check();
    await school.close();
    expect(wrong.code).to.equal(1);
    expect(wrong.stdout).to.include(
      `chat_sequences.message_count: 1 differ; the first is ${chat_id}, with 0 in place of 1\n`,
    );
    expect(wrong.stdout).to.match(/^FAULT update_topics.pts: 1 differ; the first is user:\d+, with 9 in place of 1$/m);
    expect(wrong.stdout).to.match(/^2 differences$/m);
  });

  it("accepts a suitable database, warns of one that may lose changes, and refuses one of Latin letters alone", async () => {
    const good = await emptyDatabase();
    const client = new pg.Client({ connectionString: good.url });
    await client.connect();
    await client.query(
      `do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$`,
    );
    const poor = `poor_${process.pid}`;
    await client.query(`create database ${poor} template template0 encoding 'UTF8' locale_provider libc locale 'C'`);
    const url = new URL(good.url);
    url.pathname = `/${poor}`;
    const strict = { NODE_ENV: "production", SECRET_KEY: "s".repeat(32) };
    const [well, ill, lossy, embedded] = await Promise.all([
      lyceum(["check-database"], { env: { DATABASE_URL: good.url } }),
      lyceum(["check-database"], { env: { DATABASE_URL: url.href } }),
      lyceum(["check-database"], { env: { DATABASE_URL: good.url, ...strict } }),
      lyceum(["check-database"], { env: { DATA_DIR: await temporaryFolder(), ...strict } }),
    ]);
    await client.query(`drop database ${poor} with (force)`);
    await client.end();
    await good.drop();
    expect(well.code, well.stdout + well.stderr).to.equal(0);
    const lines = well.stdout.trim().split("\n");
    const risky = /^WARN  (fsync|full_page_writes|synchronous_commit) is off: [^;]+\.$/;
    for (const line of lines) expect(line).to.match(line.startsWith("ok    ") ? /./ : risky);
    expect(lines.filter((line) => line.startsWith("ok    "))).to.have.length(7);
    expect(well.stdout).to.match(/^WARN  synchronous_commit is off/m);
    expect(lossy.code).to.equal(1);
    expect(lossy.stdout).to.match(
      /^FAULT synchronous_commit is off: .*: turn it on, or set ALLOW_UNSAFE_DATABASE=true\.$/m,
    );
    expect(embedded.code, embedded.stdout + embedded.stderr).to.equal(0);
    expect(embedded.stdout).to.match(/^ok    What is acknowledged survives a power failure/m);
    expect(ill.code).to.equal(1);
    expect(ill.stdout).to.match(/^FAULT The locale of poor_\d+ has Latin letters alone/m);
    expect(ill.stderr).to.equal("The database will not do as it is.\n");
  });
});
