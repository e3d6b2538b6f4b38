// The log of a session: the caller, the method and the outcome of each request, without texts of people and without secrets.
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import pg from "pg";
import { openLog } from "../../src/platform/log.js";
import { Mailbox } from "../../runner/cases/mailbox.js";
import { exchange } from "../../runner/client/exchange.js";
import { temporaryFolder, testDatabase, type TestDatabase } from "../support/database.js";
import { end, lyceum, serve, type Server } from "../support/program.js";
import { call, newPerson, type Json } from "./person.js";

type Line = Record<string, unknown>;

const written = {
  text: "nobody else may read this",
  edited: "nor what became of it",
  title: "a very private chat",
  query: "private words",
  name: "Аполлинария",
  wrong: "a password that is wrong",
  broken: "broken-off secret",
  next: "the next password",
  address: "another.address@example.org",
};

describe("the log", function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let server: Server | undefined;

  const open = (env: Readonly<Record<string, string>>): Promise<Server> =>
    serve({ env: { DATABASE_URL: database.url, SECRET_KEY: "s".repeat(32), LOG_FORMAT: "json", ...env } });
  /** Stops the server, and returns the lines of its log. */
  const close = async (): Promise<Line[]> => {
    await end(server);
    const { stdout } = await server!.ended;
    return stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
  };

  before(async () => (database = await testDatabase()));
  afterEach(() => end(server));
  after(() => database.drop());

  it("has a line for each request, and the request id on each line of the store", async () => {
    server = await open({ LOG_LEVEL: "debug" });
    const person = await newPerson(() => server!.url);
    const chatId = await person.chat("Chat");
    const headers = [
      ["Authorization", `Bearer ${person.token}`],
      ["Accept", "application/protobuf"],
      ["X-Request-Id", "mine-1"],
    ] as const;
    await exchange(server.url, { verb: "GET", path: `/v1/chats/${chatId}/messages?limit=5`, headers });
    await call(server.url, "GET", "/v1/chats");
    const lines = await close();

    const about = lines.filter((line) => line["request_id"] === "mine-1");
    const access = about.find(({ message }) => message === "request")!;
    expect(access).to.include({
      level: "info",
      logger: "http",
      method: "listMessages",
      status: 200,
      codec: "protobuf",
    });
    expect(access).to.include({ route: "/v1/chats/{chat_id}/messages", user_id: person.id });
    expect(access["duration_ms"]).to.be.a("number").greaterThan(0);
    expect(new Date(access["timestamp"] as string).toISOString()).to.equal(access["timestamp"]);
    const query = about.find(({ message }) => message === "query")!;
    expect(query).to.include({ level: "debug" });
    expect(query["statement"]).to.match(/message/);
    expect(query["duration_ms"]).to.be.a("number");

    const refused = lines.find(({ status }) => status === 401)!;
    expect(refused).to.include({ method: "listChats", reason: "UNAUTHENTICATED" }).and.not.have.property("user_id");
    for (const line of lines) expect(line).to.include.keys("timestamp", "level", "logger", "message");
    const served = lines.slice(lines.findIndex(({ message }) => message === "listening"));
    const ofRequests = served.filter(
      (line) =>
        line["statement"] !== undefined &&
        !["jobs", "audit", "updates", "feed", "signals", "prompt steps"].includes(String(line["logger"])),
    );
    const nameless = ofRequests.filter((line) => line["request_id"] === undefined);
    expect(nameless.map(({ statement }) => statement)).to.deep.equal([]);
  });

  it("never has a password, a token, an address or a text of people", async () => {
    const dataDir = await temporaryFolder();
    server = await open({ LOG_LEVEL: "trace", DATA_DIR: dataDir });
    const { url } = server;
    const person = await newPerson(() => url);
    const secrets = new Set<string>([person.email, person.password, ...Object.values(written)]);
    const remember = ({ body }: { body: Json }): Json => {
      for (const name of ["access_token", "refresh_token"])
        if (typeof body[name] === "string") secrets.add(body[name] as string);
      return body;
    };

    const { email, password } = person;
    const other = { email: `w.${email}`, password: written.wrong, first_name: written.name, last_name: written.name };
    await call(url, "POST", "/v1/auth/register", other);
    await call(url, "POST", "/v1/auth/register", other);
    const login = remember(await call(url, "POST", "/v1/auth/login", { email, password }));
    const token = login["access_token"] as string;
    await call(url, "POST", "/v1/auth/login", { email, password: written.wrong });
    await call(url, "POST", "/v1/auth/login", { email, password: [written.wrong] });
    remember(await call(url, "POST", "/v1/auth/refresh", { refresh_token: login["refresh_token"] }));
    await call(url, "POST", "/v1/auth/refresh", { refresh_token: written.broken });
    await call(url, "GET", `/v1/auth/me?access_token=${token}`, undefined, `${token}x`);
    const chatId = await person.chat(written.title);
    const messages = `/v1/chats/${chatId}/messages`;
    const sent = await person.call("POST", messages, { text: written.text, client_message_id: "one" });
    await person.call("POST", messages, { text: written.edited, client_message_id: "one" });
    await person.call("POST", `${messages}/batch`, { messages: [{ text: written.text }, { text: 1 }] });
    await person.call("PATCH", `/v1/messages/${String(sent.body["id"])}`, { text: written.edited });
    await person.call("GET", `${messages}?query=${encodeURIComponent(written.query)}`);
    await person.call("GET", `/v1/chats?query=${encodeURIComponent(written.query)}`);
    await person.call("GET", `/v1/users?query=${encodeURIComponent(written.name)}`);
    await person.call("PATCH", `/v1/chats/${chatId}`, { [written.broken]: written.title });
    const headers = [["Content-Type", "application/json"]] as const;
    await exchange(url, {
      verb: "POST",
      path: "/v1/auth/login",
      headers,
      body: `{"email":"${email}","x":${written.broken}`,
    });

    // An unexpected constraint, whose violation Postgres reports with the values of the row.
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query("alter table messages add constraint surprise check (text = '') not valid");
    const failed = await person.call("POST", messages, { text: written.text });
    await client.query("alter table messages drop constraint surprise");
    await client.end();
    await call(url, "POST", "/v1/auth/logout", undefined, token);

    // Links: asked for, used with a password that is refused and one that is not, used again, and the change of an address.
    const mailbox = new Mailbox(join(dataDir, "mail"));
    const linked = async (address: string): Promise<string> => {
      const mail = await mailbox.find(address, /#token=/, new Set());
      const found = /#token=([\w-]+)/.exec(mail!.text)![1]!;
      secrets.add(found);
      return found;
    };
    const { next, address, wrong } = written;
    await call(url, "POST", "/v1/auth/password/reset-request", { email });
    const reset = { token: await linked(email), new_password: next };
    await call(url, "POST", "/v1/auth/password/reset", { ...reset, new_password: email });
    expect(await call(url, "POST", "/v1/auth/password/reset", reset)).to.include({ status: 204 });
    expect(await call(url, "POST", "/v1/auth/password/reset", reset)).to.include({ status: 404 });
    const again = remember(await call(url, "POST", "/v1/auth/login", { email, password: next }));
    const bearer = again["access_token"] as string;
    const asked = { email: address, current_password: next };
    await call(url, "POST", "/v1/auth/password", { current_password: wrong, new_password: next }, bearer);
    await call(url, "POST", "/v1/auth/email-change", { ...asked, current_password: wrong }, bearer);
    expect(await call(url, "POST", "/v1/auth/email-change", asked, bearer)).to.include({ status: 204 });
    const confirm = { token: await linked(address) };
    expect(await call(url, "POST", "/v1/auth/email-change/confirm", confirm)).to.include({ status: 204 });
    const { stdout: made } = await lyceum(["reset-link", "--email", address], {
      env: { DATABASE_URL: database.url, PUBLIC_URL: "https://school.example" },
    });
    secrets.add(/#token=([\w-]+)/.exec(made)![1]!);
    const audit = new pg.Client({ connectionString: database.url });
    await audit.connect();
    const { rows } = await audit.query<object>("select * from audit_events");
    await audit.end();
    const lines = await close();

    expect(failed).to.include({ status: 500 });
    const fault = lines.find(({ message, level }) => level === "error" && /fault of the server/.test(String(message)))!;
    expect(fault["err"]).to.include({ code: "23514", constraint: "surprise" });
    expect(fault["request_id"]).to.equal(failed.headers["x-request-id"]);

    expect(lines.filter(({ message }) => message === "request").length).to.be.greaterThan(15);
    expect(rows.map((row) => (row as { action: string }).action)).to.include.members([
      "password.reset",
      "email.change",
    ]);
    const log = JSON.stringify([lines, rows]);
    for (const secret of secrets) {
      const digest = createHash("sha256").update(secret).digest();
      const traces = [secret, encodeURIComponent(secret), digest.toString("hex"), digest.toString("base64url")];
      for (const trace of traces) expect(log.includes(trace), secret).to.equal(false);
    }
    expect(log).not.to.match(/\$2[aby]\$/);
  });

  it("has a warning for slow requests and slow statements", async () => {
    server = await open({ SLOW_QUERY_MS: "150", SLOW_REQUEST_MS: "200" });
    const person = await newPerson(() => server!.url);
    const chatId = await person.chat("Slow");
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query("begin");
    await client.query("select from chats where id = $1 for update", [chatId]);
    const renamed = person.call("PATCH", `/v1/chats/${chatId}`, { title: "Slower" });
    const waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while ((await client.query(waiting)).rowCount === 0) await delay(10);
    await delay(300);
    await client.query("rollback");
    await client.end();
    const { headers } = await renamed;
    const warned = (await close()).filter((line) => line["request_id"] === headers["x-request-id"]);
    const warnings = warned.filter(({ level }) => level === "warn");
    const statement = warnings.find((line) => line["statement"] === "lock-chat");
    expect(statement).to.include({ message: "slow query" });
    const request = warnings.find((line) => line["message"] === "slow request");
    expect(request).to.include({ method: "updateChat", status: 200 });
    for (const line of [statement!, request!]) expect(line["duration_ms"]).to.be.greaterThan(200);
  });

  it("has the same fields in the text format", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "logs", "app.log");
    server = await open({ LOG_FORMAT: "text" });
    await call(server.url, "GET", "/v1/chats");
    await end(server);
    const line = server
      .output()
      .split("\n")
      .find((each) => each.includes("listChats"))!;
    expect(line)
      .to.match(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: http: request /)
      .and.not.contain("\u001b");
    for (const field of ['"method":"listChats"', '"status":401', '"codec":"json"', '"request_id":"', '"duration_ms":'])
      expect(line).to.contain(field);
    const { logger, close: closeLog } = openLog({ level: "info", format: "text", file });
    logger.child({ logger: "test" }).info({ count: 1 }, "into a file");
    await closeLog();
    expect(await readFile(file, "utf8")).to.match(/ INFO: test: into a file \{"count":1\}\n$/);
  });

  it("has five files of ten megabytes, of which the newest has no number in its name", async () => {
    const folder = await temporaryFolder();
    const { logger, close: closeLog } = openLog({ level: "info", format: "json", file: join(folder, "app.log") });
    const filling = "x".repeat(50_000);
    for (let count = 1; count <= 1_400; count++) {
      logger.info({ count, filling });
      // Returns to the event loop, as a server does between two requests.
      if (count % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await closeLog();
    const files = (await readdir(folder)).toSorted();
    expect(files).to.deep.equal(["app.log", "app.log.1", "app.log.2", "app.log.3", "app.log.4"]);
    for (const file of files) expect((await stat(join(folder, file))).size).to.be.below(11_000_000);
    const last = (await readFile(join(folder, "app.log"), "utf8")).trim().split("\n").at(-1)!;
    expect((JSON.parse(last) as Line)["count"]).to.equal(1_400);
  });
});
