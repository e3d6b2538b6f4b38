// The commands that make accounts: the first admin, and the demo school. Also while a server is running.
import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { expect } from "chai";
import { temporaryFolder, testDatabase, type TestDatabase } from "../support/database.js";
import { type Ended, end, lyceum, serve, type Server } from "../support/program.js";
import { totp } from "../../runner/cases/computed/totp.js";
import { call, type Json } from "../resilience/person.js";

const password = "a long enough password";

describe("lyceum create-admin", function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let server: Server;

  const createAdmin = (words: readonly string[], input = ""): Promise<Ended> =>
    lyceum(["create-admin", ...words], { input, env: { DATABASE_URL: database.url, PASSWORD_COST: "4" } });
  const refused = async (words: readonly string[], input = ""): Promise<string> => {
    const { code, stdout, stderr } = await createAdmin(words, input);
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: "" });
    expect(stderr.trim()).not.to.contain("\n");
    return stderr.trim();
  };
  const roleOf = async (email: string): Promise<unknown> => {
    const { body } = await call(server.url, "POST", "/v1/auth/login", { email, password });
    return (await call(server.url, "GET", "/v1/auth/me", undefined, body["access_token"] as string)).body["role"];
  };

  before(async () => {
    database = await testDatabase();
    server = await serve({ env: { DATABASE_URL: database.url, SECRET_KEY: "s".repeat(32) } });
  });
  after(async () => {
    await end(server);
    await database.drop();
  });

  it("makes a super admin who can log in, with the password from an option or from standard input", async () => {
    const [first, second] = await Promise.all([
      createAdmin(["--email", "first@example.org", "--password", password]),
      createAdmin(["--email", "second@example.org"], `${password}\n`),
    ]);
    expect(first).to.include({ code: 0, stderr: "" });
    expect(first.stdout).to.match(/^Made the super admin first@example\.org with id \d+\.\n$/);
    expect(second).to.include({ code: 0, stderr: "" });
    const marked = await Promise.all([
      createAdmin(["--email", "marked@example.org"], `\ufeff${password}\r\n`),
      createAdmin(["--email", "cut@example.org"], `\ufeff${password}\r`),
    ]);
    for (const each of marked) expect(each).to.include({ code: 0, stderr: "" });
    for (const name of ["first", "second", "marked", "cut"])
      expect(await roleOf(`${name}@example.org`)).to.equal("ROLE_SUPER_ADMIN");
  });

  it("refuses an address or a password that is not valid, in a sentence", async () => {
    const [double, short, long, none, strange, common, own] = await Promise.all([
      refused(["--email", "FIRST@example.org", "--password", password]),
      refused(["--email", "third@example.org"], "short\n"),
      refused(["--email", "third@example.org", "--password", "я".repeat(37)]),
      refused(["--email", "third@example.org"]),
      refused(["--email", "third", "--password", password]),
      refused(["--email", "third@example.org", "--password", "Qwerty123"]),
      refused(["--email", "third.person@example.org", "--password", "third.person1"]),
    ]);
    expect(common).to.match(/easy to guess/);
    expect(own).to.match(/easy to guess/);
    expect(double).to.match(/already/);
    expect(short).to.match(/too short: it needs at least 8 characters/);
    expect(long).to.match(/too long: it has more than 72 bytes in UTF-8/);
    expect(none).to.match(/^No password was given/);
    expect(strange).to.match(/name@example\.org/);
  });

  it("and reset-link prints a link with which a person sets a password, while the server runs", async () => {
    await createAdmin(["--email", "head@example.org", "--password", password]);
    const env = { DATABASE_URL: database.url, PUBLIC_URL: "https://school.example" };
    const { code, stdout, stderr } = await lyceum(["reset-link", "--email", "HEAD@Example.org"], { env });
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
    const token = /^https:\/\/school\.example\/reset-password#token=([\w-]{43})\n$/.exec(stdout)![1]!;
    const next = { token, new_password: "another long password" };
    expect(await call(server.url, "POST", "/v1/auth/password/reset", next)).to.include({ status: 204 });
    const login = { email: "head@example.org", password: next.new_password };
    expect(await call(server.url, "POST", "/v1/auth/login", login)).to.include({ status: 200 });
    const nobody = await lyceum(["reset-link", "--email", "nobody@example.org"], { env });
    expect(nobody).to.include({ code: 1, stdout: "" });
    expect(nobody.stderr).to.match(/^No account .*\n$/);
  });
});

describe("lyceum reset-mfa", function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let server: Server;

  const reset = (email: string): Promise<Ended> =>
    lyceum(["reset-mfa", "--email", email], { env: { DATABASE_URL: database.url } });
  const post = async (path: string, body: Json, token?: string): Promise<Json> =>
    (await call(server.url, "POST", path, body, token)).body;

  before(async () => {
    database = await testDatabase();
    server = await serve({
      env: { DATABASE_URL: database.url, SECRET_KEY: "s".repeat(32), REQUIRE_MFA_ROLES: "super_admin" },
    });
  });
  after(async () => {
    await end(server);
    await database.drop();
  });

  it("lets the last super admin in again who has lost the second factor, while the server runs", async () => {
    const admin = { email: "head@example.org", password };
    await lyceum(["create-admin", "--email", admin.email, "--password", password], {
      env: { DATABASE_URL: database.url, PASSWORD_COST: "4" },
    });
    const { access_token: first } = await post("/v1/auth/login", admin);
    const { secret } = await post("/v1/auth/totp", { password }, first as string);
    const code = totp(secret as string);
    const { access_token: token } = await post("/v1/auth/totp/confirm", { code }, first as string);
    expect(await post("/v1/auth/login", admin)).to.have.all.keys("mfa_challenge");

    expect(await reset("HEAD@example.org")).to.deep.include({
      code: 0,
      stdout: "head@example.org has no second factor now, and no session: the password alone logs in.\n",
    });
    const isRefused = async () =>
      (await call(server.url, "GET", "/v1/auth/me", undefined, token as string)).status === 401;
    while (!(await isRefused())) await delay(20);
    expect(await post("/v1/auth/login", admin)).to.include({ token_type: "bearer" });
  });

  it("names an address that nobody has", async () => {
    expect(await reset("nobody@example.org")).to.deep.include({
      code: 1,
      stderr: "There is no account with the address nobody@example.org.\n",
    });
  });
});

describe("a first start in development", function () {
  this.timeout(60_000);
  let env: Record<string, string>;
  let server: Server;

  before(async () => {
    env = { DATA_DIR: await temporaryFolder(), PASSWORD_COST: "4", NODE_ENV: "development" };
    server = await serve({ env });
  });
  after(() => end(server));

  it("makes the demo school and prints how to log in", async () => {
    while (!server.output().includes("Try it:")) await delay(10);
    expect(server.output()).to.contain(`http://localhost:${server.port}/docs`);
    const [, email, word] = /(\S+@\S+) \/ (\S+)/.exec(server.output())!;
    const login = await call(server.url, "POST", "/v1/auth/login", { email, password: word });
    const { body } = await call(server.url, "GET", "/v1/chats", undefined, login.body["access_token"] as string);
    expect((body["chats"] as Json[]).length).to.be.greaterThan(0);
  });

  it("shows a login on the page at its root, which logs in when it is pasted into a shell", async () => {
    const page = await (await fetch(server.url)).text();
    const text = page.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
    const { stdout } = await promisify(execFile)("bash", ["-c", /<pre>(curl .*)<\/pre>/.exec(text)![1]!]);
    expect(Object.keys(JSON.parse(stdout) as Json)).to.include("access_token");
  });

  it("shares the embedded database with commands that run at the same time", async () => {
    const [admin, status, second] = await Promise.all([
      lyceum(["create-admin", "--email", "beside@example.org", "--password", password], { env }),
      lyceum(["migrate", "status"], { env }),
      lyceum(["serve"], { env: { ...env, PORT: "0" } }),
    ]);
    expect(admin.code, admin.stderr).to.equal(0);
    expect(status.code, status.stderr).to.equal(0);
    expect(status.stdout)
      .to.match(/^done /)
      .and.not.contain("pending");
    const login = await call(server.url, "POST", "/v1/auth/login", { email: "beside@example.org", password });
    expect(login.status).to.equal(200);
    expect(await call(server.url, "GET", "/health/db")).to.include({ status: 200 });
    expect(second).to.include({ code: 1 });
    expect(second.stderr).to.match(new RegExp(`^Another process \\(pid ${server.pid}\\) works on .*: stop it first`));
  });
});

describe("lyceum rotate-key", function () {
  this.timeout(60_000);
  const email = "key@example.org";
  let database: TestDatabase;
  let servers: Server[];

  const rotate = (...words: string[]): Promise<Ended> =>
    lyceum(["rotate-key", ...words], { env: { DATABASE_URL: database.url, SECRET_KEY: "s".repeat(32) } });
  const logIn = async ({ url }: Server): Promise<Json> =>
    (await call(url, "POST", "/v1/auth/login", { email, password })).body;
  const statusOf = async ({ url }: Server, { access_token }: Json): Promise<number> =>
    (await call(url, "GET", "/v1/auth/me", undefined, access_token as string)).status;
  const keyOf = ({ access_token }: Json): unknown =>
    JSON.parse(Buffer.from(String(access_token).split(".")[0]!, "base64url").toString()).kid;

  before(async () => {
    database = await testDatabase();
    const env = { DATABASE_URL: database.url, SECRET_KEY: "s".repeat(32), PASSWORD_COST: "4" };
    servers = await Promise.all([serve({ env }), serve({ env })]);
    await lyceum(["create-admin", "--email", email, "--password", password], { env });
  });
  after(async () => {
    await end(...servers);
    await database.drop();
  });

  it("makes the key that running servers sign with, and tokens of before stay valid", async () => {
    const before = await logIn(servers[0]!);
    expect(keyOf(before)).to.equal(undefined);
    const { code, stdout } = await rotate();
    expect({ code, stdout }).to.deep.equal({
      code: 0,
      stdout: "Tokens are signed with key 1 from now on. Tokens of earlier keys stay valid.\n",
    });
    for (const server of servers) while (keyOf(await logIn(server)) !== "1") await delay(100);
    for (const server of servers) expect(await statusOf(server, before)).to.equal(200);
  });

  it("refuses the tokens of before, on every server, with --drop-old", async () => {
    const before = await logIn(servers[0]!);
    for (const server of servers) expect(await statusOf(server, before)).to.equal(200);
    expect((await rotate("--drop-old")).stdout).to.contain("Everybody has to log in again.");
    for (const server of servers) while ((await statusOf(server, before)) !== 401) await delay(20);
    for (const server of servers) expect(await statusOf(server, await logIn(server))).to.equal(200);
  });
});

describe("lyceum seed-demo", function () {
  this.timeout(60_000);

  it("makes the demo school on a database without users, and never in production", async () => {
    const database = await testDatabase();
    const env = { DATABASE_URL: database.url, SECRET_KEY: "s".repeat(32) };
    const never = await lyceum(["seed-demo"], { env: { ...env, NODE_ENV: "production" } });
    const first = await lyceum(["seed-demo"], { env: { ...env, PASSWORD_COST: "4" } });
    const again = await lyceum(["seed-demo"], { env: { ...env, PASSWORD_COST: "4" } });
    await database.drop();
    expect(never).to.include({ code: 1 });
    expect(never.stderr).to.match(/never made when NODE_ENV=production/);
    expect(first.code, first.stderr).to.equal(0);
    expect(first.stdout).to.match(/^teacher@example\.org \/ \S+ \(ROLE_TEACHER\)$/m);
    expect(again).to.include({ code: 1, stderr: "There are users already, so no demo school was made.\n" });
  });
});
