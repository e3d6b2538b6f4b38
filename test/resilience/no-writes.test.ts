// A database that only reads, or whose disk is full: what changes something is refused as what may pass, reads are answered,
// /readyz says so, and all of it ends by itself.
import { randomBytes } from "node:crypto";
import { execFileSync } from "node:child_process";
import { chownSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import pg from "pg";
import { exchange } from "../../runner/client/exchange.js";
import { until } from "../platform/database/opened-database.js";
import { ownServer, type OwnServer, temporaryFolder, testDatabase, type TestDatabase } from "../support/database.js";
import { end, serve, type Server } from "../support/program.js";
import { allMessages, call, newPerson, type Person, type Reply } from "./person.js";

const picture = (size: number): Buffer =>
  Buffer.concat([Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), randomBytes(size)]);

async function putPicture(server: Server, { token }: Person, chatId: number): Promise<Reply> {
  const { status, headers, body } = await exchange(server.url, {
    verb: "PUT",
    path: `/v1/chats/${chatId}/picture`,
    headers: [
      ["Authorization", `Bearer ${token}`],
      ["Content-Type", "image/png"],
      ["Accept", "application/json"],
    ],
    body: picture(200_000),
  });
  return { status, headers, body: JSON.parse(body.toString()) as Reply["body"], ms: 0, fairMs: 0 };
}

const isUnavailable = ({ status, headers, body }: Reply): boolean =>
  status === 503 && headers["retry-after"] === "1" && body["reason"] === "DATABASE_UNAVAILABLE";

async function isReady(server: Server): Promise<boolean> {
  const { status, body } = await exchange(server.url, { verb: "GET", path: "/readyz" });
  expect(["200 ok\n", "503 the database takes no writes\n"]).to.include(`${status} ${body.toString()}`);
  return status === 200;
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe("the server, when the database only reads", function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let server: Server;

  before(async () => {
    database = await testDatabase();
    server = await serve({ env: { DATABASE_URL: database.url, SECRET_KEY: "s".repeat(32) } });
  });
  after(async () => {
    await end(server);
    await database.drop();
  });

  /** Says what sessions may do that begin from now on. */
  const setReadOnly = (value: "on" | "off"): Promise<unknown> =>
    withClient(database.url, (client) =>
      client.query(`set transaction_read_only = off;
        do $$ begin execute format('alter database %I set default_transaction_read_only = ${value}', current_database()); end $$`),
    );
  const endSessions = (): Promise<unknown> =>
    withClient(database.url, (client) =>
      client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'lyceum'`,
      ),
    );

  it("refuses changes with 503 and Retry-After, answers reads, is not ready, and recovers without a request", async () => {
    const person = await newPerson(() => server.url);
    const { email, password } = person;
    const chatId = await person.chat("Read");
    const send = (text: string): Promise<Reply> => person.call("POST", `/v1/chats/${chatId}/messages`, { text });
    expect((await send("before")).status).to.equal(201);
    expect(await isReady(server)).to.equal(true);

    await setReadOnly("on");
    await endSessions();
    await until(async () => !(await isReady(server)));
    await until(async () => (await person.call("GET", `/v1/chats/${chatId}/messages`)).status === 200);
    for (const refused of [
      await send("refused"),
      await person.call("POST", "/v1/chats", { title: "Refused", member_ids: [] }),
      await person.call("PATCH", `/v1/chats/${chatId}`, { title: "Refused" }),
      await person.call("DELETE", `/v1/chats/${chatId}`),
      await person.call("POST", "/v1/auth/logout"),
      await call(server.url, "POST", "/v1/auth/login", { email, password }),
      await putPicture(server, person, chatId),
    ])
      expect(isUnavailable(refused), JSON.stringify(refused)).to.equal(true);
    expect((await person.call("GET", "/v1/users")).status).to.equal(200);
    expect((await call(server.url, "GET", "/health/db")).status, "it answers").to.equal(200);

    await setReadOnly("off");
    await until(() => isReady(server));
    // No session is left that only reads.
    const sent = await Promise.all(Array.from({ length: 24 }, (_, n) => send(`after ${n}`)));
    expect(new Set(sent.map(({ status }) => status))).to.deep.equal(new Set([201]));
    expect((await putPicture(server, person, chatId)).status).to.equal(200);
  });
});

describe("the server, when the disk of the database is full", function () {
  this.timeout(90_000);
  let postgres: OwnServer | undefined;
  let server: Server | undefined;
  let disk: string | undefined;
  const unmount = (): void => {
    if (disk !== undefined) execFileSync("umount", ["-l", disk]);
    disk = undefined;
  };

  before(async function () {
    const folder = await temporaryFolder();
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=40m", "none", folder], { stdio: "pipe" });
    } catch (error) {
      const { stderr = "" } = error as { stderr?: unknown };
      process.stdout.write(`    skipped, for this account may not mount a small disk: ${String(stderr).trim()}\n`);
      return this.skip();
    }
    disk = folder;
    // A run that is interrupted leaves no mount behind.
    process.once("exit", unmount);
    postgres = await ownServer();
    const url = new URL(postgres.url);
    await withClient(postgres.url.replace("/lyceum?", "/postgres?"), async (client) => {
      const { rows } = await client.query<{ data_directory: string }>("show data_directory");
      const { uid, gid } = statSync(rows[0]!.data_directory);
      chownSync(folder, uid, gid);
      await client.query(`create tablespace small location '${folder}'`);
      await client.query("create database small template lyceum tablespace small");
    });
    url.pathname = "/small";
    server = await serve({ env: { DATABASE_URL: url.href, SECRET_KEY: "s".repeat(32) } });
  });
  after(async () => {
    await end(server);
    await postgres?.remove();
    unmount();
  });

  it("refuses sends with 503 and uploads with 507, loses none, is not ready, and recovers without a request", async () => {
    const person = await newPerson(() => server!.url);
    const chatId = await person.chat("Full");
    const path = `/v1/chats/${chatId}/messages`;
    const send = (): Promise<Reply> => person.call("POST", path, { text: randomBytes(1_400).toString("hex") });
    let kept = 0;
    /** Sends until one is refused; every other is stored. */
    const sendUntilFull = async (): Promise<void> => {
      for (;;) {
        const replies = await Promise.all(Array.from({ length: 8 }, send));
        kept += replies.filter(({ status }) => status === 201).length;
        const refused = replies.filter(({ status }) => status !== 201);
        for (const reply of refused) expect(isUnavailable(reply), JSON.stringify(reply)).to.equal(true);
        if (refused.length > 0) return;
      }
    };
    expect((await send()).status).to.equal(201);
    kept += 1;

    const ballast = join(disk!, "ballast");
    expect(() => {
      for (;;) writeFileSync(ballast, randomBytes(4096), { flag: "a" });
    }).to.throw(/ENOSPC/);
    await sendUntilFull();
    await until(async () => !(await isReady(server!)));
    const upload = await putPicture(server!, person, chatId);
    expect(upload.body).to.include({ status: 507, reason: "STORAGE_FULL", code: "RESOURCE_EXHAUSTED" });
    expect([upload.status, upload.headers["retry-after"]]).to.deep.equal([507, undefined]);
    expect((await person.call("GET", `${path}?limit=1`)).status).to.equal(200);

    rmSync(ballast);
    await until(() => isReady(server!));
    expect((await send()).status).to.equal(201);
    kept += 1;
    expect((await putPicture(server!, person, chatId)).status).to.equal(200);
    expect((await allMessages(person, chatId)).map(({ seq }) => seq)).to.deep.equal(
      Array.from({ length: kept }, (_, n) => n + 1),
    );
  });
});
