// Errors of the start: one plain sentence that names the fault and the remedy, no stack, no secret, exit code 1.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import pg from "pg";
import { migrations } from "../../src/platform/migrations/migrations.js";
import { emptyDatabase, ownServer, temporaryFolder, testDatabase } from "../support/database.js";
import { end, type Ended, lyceum, serve, projectRoot, type ProgramOptions } from "../support/program.js";

const secret = "a secret that nobody may read";

/** The one sentence of a program that exited with 1. Fails when there is more. */
function sentence({ code, stdout, stderr }: Ended): string {
  expect(code, stdout + stderr).to.equal(1);
  expect(stderr.trim()).not.to.contain("\n");
  expect(stdout + stderr)
    .to.not.match(/\n +at /)
    .and.not.contain(secret);
  return stderr.trim();
}

const start = (
  env: Readonly<Record<string, string>>,
  options: ProgramOptions = {},
  words: readonly string[] = [],
): Promise<Ended> => {
  const always = { NODE_ENV: "test", HOST: "127.0.0.1", PORT: "0", SECRET_KEY: secret.repeat(2) };
  return lyceum(["serve", ...words], { ...options, env: { ...always, ...env } });
};

/** Whether the command can run a program that reads the project. */
function canRead([program = "", ...args]: readonly string[]): boolean {
  return spawnSync(program, [...args, "test", "-r", join(projectRoot, "package.json")]).status === 0;
}

describe("a failed start", function () {
  this.timeout(60_000);

  describe("with a wrong configuration", () => {
    it("names every fault at once", async () => {
      const wrong = {
        PORT: "eighty",
        DATABASE_URL: "mysql://localhost/school",
        ALLOW_UNSAFE_DATABASE: "perhaps",
        ACCESS_TOKEN_MINUTES: "0",
        REFRESH_TOKEN_DAYS: "1000",
        REGISTRATION: "maybe",
        CORS_ORIGINS: "school.example",
        LOG_LEVEL: "loud",
        LOG_FORMAT: "xml",
        MAX_MESSAGES_LIMIT: "101",
        DEFAULT_MESSAGES_LIMIT: "500",
        BODY_LIMIT: "endless",
        TRUST_PROXY: "perhaps",
        DATABASE_POOL: "-1",
        PASSWORD_COST: "4",
        SHUTDOWN_PAUSE_SECONDS: "a while",
      };
      const { code, stdout, stderr } = await lyceum(["serve"], { env: { NODE_ENV: "production", ...wrong } });
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: "" });
      const [first, ...faults] = stderr.trim().split("\n");
      expect(first).to.equal("The configuration is not valid:");
      const named = faults.map((line) => /^ {2}([A-Z_]+) /.exec(line)?.[1]);
      expect(named).to.have.members(Object.keys(wrong).concat("SECRET_KEY"));
    });

    it("requires a key of 32 bytes in production, and does not print a shorter one", async () => {
      const { code, stderr } = await lyceum(["serve"], {
        env: { NODE_ENV: "production", SECRET_KEY: "short but secret" },
      });
      expect(code).to.equal(1);
      expect(stderr)
        .to.match(/SECRET_KEY must have at least 32 bytes/)
        .and.not.contain("short but secret");
    });

    it("reads .env, which the environment overrides", async () => {
      const cwd = await temporaryFolder();
      await writeFile(join(cwd, ".env"), "PORT=from-file\nLOG_LEVEL=from-file\n");
      const { stderr } = await lyceum(["serve"], { cwd, env: { LOG_LEVEL: "warn" } });
      expect(stderr).to.contain("PORT must be").and.not.contain("LOG_LEVEL");
    });

    it("reports that .env cannot be read", async () => {
      const cwd = await temporaryFolder();
      await mkdir(join(cwd, ".env"));
      const { code, stderr } = await lyceum(["serve"], { cwd });
      expect(code).to.equal(1);
      expect(stderr)
        .to.match(/\.env cannot be read/)
        .and.not.match(/\n +at /);
    });
  });

  describe("without a port, a folder or a log file", () => {
    it("reports that the port is taken, and leaves no Postgres behind", async () => {
      const other = createServer().listen(0, "127.0.0.1");
      await once(other, "listening");
      const { port } = other.address() as AddressInfo;
      const directory = await temporaryFolder();
      const said = sentence(await start({ PORT: String(port), DATA_DIR: directory }));
      other.close();
      expect(said).to.match(new RegExp(`^Port ${port} is in use by another program\\. Stop that program, or choose`));
      expect(sentence(await start({ HOST: "192.0.2.1", DATA_DIR: directory }))).to.match(
        /^The address 192\.0\.2\.1 is not/,
      );
    });

    it("reports that the data directory is not a folder, or cannot be made", async () => {
      const folder = await temporaryFolder();
      await writeFile(join(folder, "file"), "");
      const paths = [join(folder, "file"), join(folder, "file", "below"), "/proc/lyceum"];
      const answers = await Promise.all(paths.map((path) => start({ DATA_DIR: path })));
      for (const answer of answers) expect(sentence(answer)).to.match(/DATA_DIR/);
    });

    it("reports that the data directory belongs to another user", async function () {
      const prefix = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"];
      if (!canRead(prefix)) return this.skip();
      const folder = await temporaryFolder();
      await mkdir(join(folder, "data"), { mode: 0o700 });
      await chmod(folder, 0o755);
      // That user cannot write the coverage files of a child process, and Node would print a warning.
      const environment = { DATA_DIR: join(folder, "data"), NODE_V8_COVERAGE: "" };
      const answer = await start(environment, { prefix, cwd: "/" });
      expect(sentence(answer)).to.match(/cannot be read and written by this user: change its owner, or set DATA_DIR/);
    });

    it("reports that the log cannot be written", async () => {
      const folder = await temporaryFolder();
      await writeFile(join(folder, "file"), "");
      const files = [folder, join(folder, "file", "app.log"), "/proc/app.log"];
      const answers = await Promise.all(files.map((file) => start({ LOG_FILE: file, DATA_DIR: folder })));
      for (const answer of answers) expect(sentence(answer)).to.match(/LOG_FILE/);
    });
  });

  describe("without a usable database", () => {
    it("reports that nothing answers, or that it is not Postgres", async () => {
      const silent = createServer((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(
        0,
        "127.0.0.1",
      );
      await once(silent, "listening");
      const { port } = silent.address() as AddressInfo;
      const password = encodeURIComponent(secret);
      const at = (port: number): Promise<Ended> =>
        start({ DATABASE_URL: `postgres://school:${password}@127.0.0.1:${port}/school` });
      const [nobody, stranger] = (await Promise.all([at(1), at(port)])).map(sentence);
      silent.close();
      expect(nobody).to.equal("No Postgres answers at 127.0.0.1:1: start it, or correct DATABASE_URL.");
      expect(stranger).to.equal(`The server at 127.0.0.1:${port} is not Postgres: correct DATABASE_URL.`);
    });

    it("reports that the password is wrong, or that the database does not exist", async () => {
      const postgres = await ownServer();
      const client = new pg.Client({ connectionString: postgres.url });
      await client.connect();
      const { rows } = await client.query<{ file: string }>("select current_setting('hba_file') as file");
      await client.query(`create role school login password 'right'`);
      await writeFile(rows[0]!.file, "local all school scram-sha-256\nlocal all all trust\n");
      await client.query("select pg_reload_conf()");
      await client.end();
      const url = new URL(postgres.url);
      url.username = "school";
      const as = (password: string, name: string): Promise<Ended> => {
        const other = new URL(url);
        [other.password, other.pathname] = [password, name];
        return start({ DATABASE_URL: other.href });
      };
      const answers = await Promise.all([as(secret, url.pathname), as("right", "/nowhere")]);
      const [wrong, absent] = answers.map(sentence);
      await postgres.remove();
      expect(wrong).to.match(/^Postgres at .* refuses the password of user "school": correct DATABASE_URL\.$/);
      expect(absent).to.match(/^Postgres at .* has no database "nowhere": create it \(createdb nowhere\) or correct/);
    });

    it("refuses an older schema without --migrate, and a newer one always", async () => {
      const database = await emptyDatabase();
      const env = { DATABASE_URL: database.url };
      expect(sentence(await start(env))).to.match(
        /schema is older .* `lyceum migrate latest`, or start with `--migrate`\.$/,
      );
      await migrations({ url: database.url }).latest();
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query(
        "insert into knex_migrations (name, batch, migration_time) values ('29990101000000_later', 9, now())",
      );
      await client.end();
      const answers = await Promise.all([start(env), start(env, {}, ["--migrate"])]);
      for (const answer of answers)
        expect(sentence(answer)).to.match(/schema is newer than this server: start the version of Lyceum that made it/);
      await database.drop();
    });

    it("refuses in production a database that may lose what it has acknowledged, and warns elsewhere", async () => {
      const database = await testDatabase();
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query(
        `do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$`,
      );
      await client.end();
      const env = { DATABASE_URL: database.url, SECRET_KEY: secret.repeat(2) };
      const production = { ...env, NODE_ENV: "production", PASSWORD_COST: "10" };
      const refusal = sentence(await start(production));
      expect(refusal).to.match(/^The database may lose what it has acknowledged: .*synchronous_commit is off: a crash/);
      expect(refusal).to.match(/Turn it on, or set ALLOW_UNSAFE_DATABASE=true\.$/);
      for (const served of [env, { ...production, ALLOW_UNSAFE_DATABASE: "true" }]) {
        const server = await serve({ env: served });
        await end(server);
        expect(server.output()).to.match(/warn.*synchronous_commit is off|"level":40.*synchronous_commit is off/i);
      }
      await database.drop();
    });

    it("is reported in the same way by the other commands", async () => {
      const empty = await emptyDatabase();
      const admin = ["create-admin", "--email", "a@example.org", "--password", "long enough"];
      const away = { DATABASE_URL: `postgres://school:${encodeURIComponent(secret)}@127.0.0.1:1/school` };
      const answers = await Promise.all([
        lyceum(admin, { env: { DATABASE_URL: empty.url } }),
        ...[["migrate", "latest"], ["check-database"], ["seed-demo"], admin].map((words) =>
          lyceum(words, { env: away }),
        ),
      ]);
      const [older, ...unreachable] = answers.map(sentence);
      expect(older).to.match(/schema is older/);
      for (const said of unreachable) expect(said).to.match(/^No Postgres answers at 127\.0\.0\.1:1: start it/);
      await empty.drop();
    });
  });
});
