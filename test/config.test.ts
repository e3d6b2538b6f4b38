// Reading the environment: the default of each variable, and the values that are refused.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect } from "chai";
import {
  type Config,
  ConfigError,
  type Environment,
  processEnvironment,
  projectRoot,
  readConfig,
} from "../src/config.js";
import { temporaryFolder } from "./support/database.js";

const key = "k".repeat(32);

/** The faults, one line each. */
function faultsOf(environment: Environment): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

/** The names of the variables that are read. */
function namesRead(): Set<string> {
  const names = new Set<string>();
  readConfig(
    new Proxy({} as Environment, {
      get: (_, name) => {
        names.add(String(name));
        return undefined;
      },
    }),
  );
  return names;
}

describe("the configuration", () => {
  it("is complete without any variable in development", () => {
    const { commit, ...config } = readConfig({});
    expect(commit).to.match(/^([0-9a-f]{40})?$/);
    expect(config).to.deep.equal({
      environment: "development",
      appName: "Lyceum",
      contact: undefined,
      host: "127.0.0.1",
      hstsSeconds: 31_536_000,
      port: 8080,
      publicUrl: "http://localhost:8080",
      smtpUrl: undefined,
      mailFrom: undefined,
      databaseUrl: undefined,
      isUnsafeDatabaseAllowed: true,
      dataDir: join(projectRoot, ".data"),
      files: { kind: "folder", folder: join(projectRoot, ".data/files") },
      signalServer: undefined,
      secretKey: undefined,
      accessTokenMinutes: 10,
      refreshTokenDays: 30,
      sessionDays: 365,
      registration: "open",
      rates: { reads: 6000, writes: 1200, factor: 1, store: "memory" },
      mfaRoles: [],
      mfaGraceDays: 14,
      corsOrigins: [],
      logLevel: "info",
      logFormat: "text",
      logFile: undefined,
      messagesLimit: { defaultLimit: 20, maxLimit: 100 },
      bodyLimit: 256 * 1024,
      hasPresence: true,
      socketLimit: 20_000,
      uploadLimit: 25 * 1024 * 1024,
      uploadQuota: 1024 * 1024 * 1024,
      trustedProxies: 0,
      jobsConcurrency: 4,
      isPrivateWebhookAllowed: false,
      databasePool: 10,
      databaseReaders: 4,
      databaseWriters: 6,
      passwordCost: 12,
      shutdownPauseMs: 0,
      slowRequestMs: 1000,
      slowQueryMs: 200,
    });
  });

  it("has safe defaults in production, and requires a key there", () => {
    const development = readConfig({});
    expect(readConfig({ NODE_ENV: "production", SECRET_KEY: key })).to.deep.equal({
      ...development,
      environment: "production",
      host: "0.0.0.0",
      isUnsafeDatabaseAllowed: false,
      secretKey: key,
      registration: "closed",
      logFormat: "json",
      shutdownPauseMs: 2000,
    });
    expect(faultsOf({ NODE_ENV: "production" })).to.deep.equal([
      "SECRET_KEY is required in production; `lyceum generate-secret` makes one",
    ]);
    expect(readConfig({ NODE_ENV: "test" })).to.deep.equal({ ...development, environment: "test" });
  });

  it("cannot be changed after it was read", () => {
    expect(Object.isFrozen(readConfig({}))).to.equal(true);
  });

  for (const [name, value, field, read] of [
    ["APP_NAME", " Лицей № 1 ", "appName", "Лицей № 1"],
    ["CONTACT", "office@school.example", "contact", "office@school.example"],
    ["CONTACT", "https://school.example/help", "contact", "https://school.example/help"],
    ["HOST", "::1", "host", "::1"],
    ["PORT", "0", "port", 0],
    ["PORT", "65535", "port", 65535],
    ["DATABASE_URL", "postgres://a:b@c/d", "databaseUrl", "postgres://a:b@c/d"],
    ["DATABASE_URL", "postgresql:///d?host=/run", "databaseUrl", "postgresql:///d?host=/run"],
    ["ALLOW_UNSAFE_DATABASE", "false", "isUnsafeDatabaseAllowed", false],
    ["DATA_DIR", "here", "dataDir", resolve("here")],
    ["DATA_DIR", "here", "files", { kind: "folder", folder: resolve("here/files") }],
    ["FILES_URL", "file:///srv/my%20files", "files", { kind: "folder", folder: "/srv/my files" }],
    [
      "FILES_URL",
      "s3://k%2B:se%2Fcr%3Aet@s3.eu.example/a-bucket",
      "files",
      {
        kind: "s3",
        endpoint: "https://s3.eu.example",
        bucket: "a-bucket",
        region: undefined,
        accessKeyId: "k+",
        secretAccessKey: "se/cr:et",
      },
    ],
    [
      "FILES_URL",
      "s3://k:s@[::1]:9000/b.c/?insecure=1&region=eu-2",
      "files",
      {
        kind: "s3",
        endpoint: "http://[::1]:9000",
        bucket: "b.c",
        region: "eu-2",
        accessKeyId: "k",
        secretAccessKey: "s",
      },
    ],
    ["REDIS_URL", "rediss://u:p%40@h:6380/1", "signalServer", { kind: "redis", url: "rediss://u:p%40@h:6380/1" }],
    ["REDIS_URL", "redis://localhost", "signalServer", { kind: "redis", url: "redis://localhost" }],
    ["NATS_URL", "nats://token@[::1]:4222", "signalServer", { kind: "nats", url: "nats://token@[::1]:4222" }],
    ["SECRET_KEY", "ключ".repeat(4), "secretKey", "ключ".repeat(4)],
    ["ACCESS_TOKEN_MINUTES", "1440", "accessTokenMinutes", 1440],
    ["REFRESH_TOKEN_DAYS", "365", "refreshTokenDays", 365],
    ["SESSION_DAYS", "7", "sessionDays", 7],
    ["REGISTRATION", "closed", "registration", "closed"],
    [
      "CORS_ORIGINS",
      "https://a.example, http://b.example:81,",
      "corsOrigins",
      ["https://a.example", "http://b.example:81"],
    ],
    ["LOG_LEVEL", "silent", "logLevel", "silent"],
    ["LOG_FORMAT", "json", "logFormat", "json"],
    ["LOG_FILE", "app.log", "logFile", "app.log"],
    ["MAX_MESSAGES_LIMIT", "7", "messagesLimit", { defaultLimit: 7, maxLimit: 7 }],
    ["DEFAULT_MESSAGES_LIMIT", "100", "messagesLimit", { defaultLimit: 100, maxLimit: 100 }],
    ["READ_RATE", "1", "rates", { reads: 1, writes: 1200, factor: 1, store: "memory" }],
    ["WRITE_RATE", "1000000", "rates", { reads: 6000, writes: 1000000, factor: 1, store: "memory" }],
    ["RATE_FACTOR", "1000000", "rates", { reads: 6000, writes: 1200, factor: 1000000, store: "memory" }],
    ["RATE_STORE", "postgres", "rates", { reads: 6000, writes: 1200, factor: 1, store: "postgres" }],
    ["BODY_LIMIT", "1KiB", "bodyLimit", 1024],
    ["BODY_LIMIT", "16 MiB", "bodyLimit", 16 * 1024 * 1024],
    ["BODY_LIMIT", "262144", "bodyLimit", 262_144],
    ["UPLOAD_LIMIT", "200MiB", "uploadLimit", 200 * 1024 * 1024],
    ["SOCKET_LIMIT", "0", "socketLimit", 0],
    ["PRESENCE", "off", "hasPresence", false],
    ["UPLOAD_QUOTA", "4000", "uploadQuota", 4_000],
    ["MAIL_FROM", "a@b.example", "mailFrom", { name: "Lyceum", address: "a@b.example" }],
    ["MAIL_FROM", '"Лицей № 1" <a@b.example>', "mailFrom", { name: "Лицей № 1", address: "a@b.example" }],
    ["TRUST_PROXY", "true", "trustedProxies", 1],
    ["TRUST_PROXY", "false", "trustedProxies", 0],
    ["TRUST_PROXY", "2", "trustedProxies", 2],
    ["HSTS_SECONDS", "0", "hstsSeconds", 0],
    ["DATABASE_POOL", "1", "databasePool", 1],
    ["DATABASE_READERS", "100", "databaseReaders", 100],
    ["DATABASE_WRITERS", "1", "databaseWriters", 1],
    ["JOBS_CONCURRENCY", "0", "jobsConcurrency", 0],
    ["WEBHOOK_ALLOW_PRIVATE", "true", "isPrivateWebhookAllowed", true],
    ["PASSWORD_COST", "4", "passwordCost", 4],
    ["SHUTDOWN_PAUSE_SECONDS", "5", "shutdownPauseMs", 5000],
    ["SLOW_REQUEST_MS", "1", "slowRequestMs", 1],
    ["SLOW_QUERY_MS", "1", "slowQueryMs", 1],
    ["COMMIT", "abc", "commit", "abc"],
  ] as const satisfies readonly (readonly [string, string, keyof Config, unknown])[]) {
    it(`reads ${name}=${value}`, () => {
      expect(readConfig({ [name]: value })[field]).to.deep.equal(read);
    });
  }

  for (const [name, ...values] of [
    ["NODE_ENV", "prod"],
    ["CONTACT", "the office", "school.example", "ftp://school.example"],
    ["PORT", "x", "-1", "65536", "8080.5", "1e3", "0x50"],
    ["DATABASE_URL", "mysql://a/b", "localhost", "postgres://[/b"],
    ["SECRET_KEY", "k".repeat(31)],
    ["ACCESS_TOKEN_MINUTES", "0", "1441"],
    ["REFRESH_TOKEN_DAYS", "0", "366"],
    ["SESSION_DAYS", "0", "3651"],
    ["REGISTRATION", "yes"],
    ["REDIS_URL", "localhost", "http://h", "redis:///0", "redis://h/a", "redis://h?db=1", "redis://%zz@h", "nats://h"],
    ["NATS_URL", "localhost", "redis://h", "nats://", "nats://h/a", "nats://h?tls=1", "nats://h,g"],
    [
      "FILES_URL",
      "uploads",
      "/srv/uploads",
      "file:uploads",
      "file://host/uploads",
      "file:////",
      "file:///a?b",
      "file:///a%2Fb",
    ],
    [
      "FILES_URL",
      "https://k:s@h/bucket",
      "s3://k:s@h",
      "s3:///bucket",
      "s3://k:s@h/b",
      "s3://k:s@h/Bucket",
      "s3://k:s@h/a/b",
    ],
    ["FILES_URL", "s3://h/bucket", "s3://k@h/bucket", "s3://:s@h/bucket", "s3://k:%@h/bucket", "s3://k:s/t@h/bucket"],
    [
      "FILES_URL",
      "s3://k:s@h/bucket?insecure=yes",
      "s3://k:s@h/bucket?acl=1",
      "s3://k:s@h/bucket?region=",
      "s3://k:s@h/bucket#a",
    ],
    ["CORS_ORIGINS", "*", "school.example", "https://a.example/", "https://a.example, b", "one, two"],
    ["LOG_LEVEL", "verbose"],
    ["LOG_FORMAT", "xml"],
    ["DEFAULT_MESSAGES_LIMIT", "0", "101"],
    ["MAX_MESSAGES_LIMIT", "0", "101"],
    ["BODY_LIMIT", "1023", "17MiB", "1 GiB", "-1", "much"],
    ["READ_RATE", "0", "1000001", "many"],
    ["WRITE_RATE", "0", "1.5"],
    ["RATE_FACTOR", "0", "0.5", "1000001"],
    ["RATE_STORE", "redis"],
    ["SMTP_URL", "mail.example", "http://mail.example", "smtp:///", "smtp://a:%@b", "smtp://b/path", "smtp://b?tls=no"],
    ["MAIL_FROM", "school", "a@b, c@d", "School <a@b", "School <a@b> <c@d>", "a@b.example;c@d"],
    ["TRUST_PROXY", "yes", "100", "-1"],
    ["HSTS_SECONDS", "-1", "63072001", "1y"],
    ["DATABASE_POOL", "0", "1001"],
    ["DATABASE_READERS", "0", "101"],
    ["DATABASE_WRITERS", "0", "101", "six"],
    ["JOBS_CONCURRENCY", "-1", "101", "off"],
    ["WEBHOOK_ALLOW_PRIVATE", "yes", "1"],
    ["PASSWORD_COST", "3", "16"],
    ["SHUTDOWN_PAUSE_SECONDS", "-1", "301"],
    ["SLOW_REQUEST_MS", "0", "0.5"],
    ["SLOW_QUERY_MS", "0", "fast"],
  ] as const) {
    for (const value of values) {
      it(`refuses ${name}=${value}, by its name and without repeating it`, () => {
        const faults = faultsOf({ [name]: value });
        expect(faults).to.have.length(1);
        expect(faults[0]!.split(" ")[0]).to.equal(name);
        if (name === "SECRET_KEY" || name === "DATABASE_URL" || name === "SMTP_URL" || name === "FILES_URL")
          expect(faults[0]).not.to.include(value);
      });
    }
  }

  it("ignores a variable that is empty or blank", () => {
    const blank = Object.fromEntries([...namesRead()].map((name) => [name, "  "]));
    expect(readConfig(blank)).to.deep.equal(readConfig({}));
  });

  it("caps the default limit of messages at the largest limit, and refuses a default that is set above it", () => {
    expect(readConfig({ MAX_MESSAGES_LIMIT: "10" }).messagesLimit).to.deep.equal({ defaultLimit: 10, maxLimit: 10 });
    expect(faultsOf({ MAX_MESSAGES_LIMIT: "10", DEFAULT_MESSAGES_LIMIT: "11" })).to.deep.equal([
      "DEFAULT_MESSAGES_LIMIT must be a whole number from 1 to 10",
    ]);
  });

  it("requires a cost of passwords of at least 10 in production", () => {
    expect(faultsOf({ NODE_ENV: "production", SECRET_KEY: key, PASSWORD_COST: "9" })).to.deep.equal([
      "PASSWORD_COST must be a whole number from 10 to 15",
    ]);
  });

  it("requires the address that mail is from where there is a mail server", () => {
    expect(faultsOf({ SMTP_URL: "smtp://a:b@mail.example:587" })).to.deep.equal([
      "MAIL_FROM is required with SMTP_URL: the address that mail is from",
    ]);
    const config = readConfig({ SMTP_URL: "smtps://mail.example", MAIL_FROM: "a@b.example", APP_NAME: "Лицей" });
    expect(config.mailFrom).to.deep.equal({ name: "Лицей", address: "a@b.example" });
  });

  it("takes one server of signals alone", () => {
    expect(faultsOf({ REDIS_URL: "redis://h", NATS_URL: "nats://h" })).to.deep.equal([
      "REDIS_URL and NATS_URL cannot both be set",
    ]);
  });

  it("takes the key of a bucket from the URL, or from the variables of Amazon where it has none", () => {
    const amazon = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" };
    const key = { accessKeyId: "id", secretAccessKey: "secret" };
    expect(readConfig({ FILES_URL: "s3://h/bucket", ...amazon }).files).to.include(key);
    expect(readConfig({ FILES_URL: "s3://k:s@h/bucket", ...amazon }).files).to.include({ accessKeyId: "k" });
    expect(readConfig(amazon).files).to.deep.equal(readConfig({}).files);
    for (const half of [{ AWS_ACCESS_KEY_ID: "id" }, { AWS_SECRET_ACCESS_KEY: "secret" }])
      expect(faultsOf({ FILES_URL: "s3://h/bucket", ...half })).to.have.length(1);
    expect(faultsOf({ FILES_URL: "s3://k@h/bucket", ...amazon })).to.have.length(1);
  });

  it("reports all faults at once", () => {
    const wrong = [...namesRead()].filter((name) => !/^(?:APP_NAME|HOST|DATA_DIR|LOG_FILE|COMMIT|AWS_\w+)$/.test(name));
    const faults = faultsOf(Object.fromEntries(wrong.map((name) => [name, "?"])));
    expect(faults.map((fault) => fault.split(" ")[0])).to.have.members(wrong);
    expect(new ConfigError(["A is wrong", "B is wrong"]).message).to.equal(
      "The configuration is not valid:\n  A is wrong\n  B is wrong",
    );
  });
});

describe(".env.example", () => {
  it("has every variable that is read, each with a comment above it, and no other", async () => {
    const text = await readFile(join(projectRoot, ".env.example"), "utf8");
    const documented = [...text.matchAll(/^#?([A-Z][A-Z_]*)=/gm)].map(([, name]) => name!);
    expect(documented).to.have.members([...namesRead()]);
    for (const paragraph of text.split(/\n\n+/)) expect(paragraph).to.match(/^# \S/);
  });

  it("can be used unchanged, and then changes nothing", async () => {
    const text = await readFile(join(projectRoot, ".env.example"), "utf8");
    expect(text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))).to.deep.equal([]);
  });

  it("shows values that are valid", async () => {
    const text = await readFile(join(projectRoot, ".env.example"), "utf8");
    const shown = [...text.matchAll(/^#([A-Z][A-Z_]*)=(.*)$/gm)].map(([, name, value]) => [name!, value!] as const);
    expect(faultsOf(Object.fromEntries(shown))).to.deep.equal([]);
  });
});

describe("the process's environment", () => {
  const before = { folder: process.cwd(), PORT: process.env["PORT"], HOST: process.env["HOST"] };

  beforeEach(async () => {
    process.chdir(await temporaryFolder());
    delete process.env["PORT"];
    delete process.env["HOST"];
  });
  afterEach(() => {
    process.chdir(before.folder);
    for (const name of ["PORT", "HOST"] as const) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  it("is read without a .env file", () => {
    expect(processEnvironment()).to.deep.equal({ ...process.env });
  });

  it("overrides the values of .env in the working directory, which may have comments and quotes", async () => {
    await writeFile(".env", '# where\nPORT=1\nHOST="from file" # a comment\n');
    process.env["PORT"] = "2";
    expect(processEnvironment()).to.include({ PORT: "2", HOST: "from file" });
  });

  it("is refused when .env cannot be read", async () => {
    await mkdir(".env");
    expect(processEnvironment).to.throw(ConfigError, "the file .env cannot be read (EISDIR)");
  });
});
