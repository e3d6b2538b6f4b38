// Uploads to a real server: broken off, killed, on a full disk. Whatever happens, there is no file without its content, and no content
// that no sweep knows.
import { createHash, randomBytes } from "node:crypto";
import { readdir, rename } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import pg from "pg";
import { openFolderStore } from "../../src/platform/blobs/folder-store.js";
import { fill, smallDisk } from "../platform/small-disk.js";
import { newPerson, type Person } from "../resilience/person.js";
import { temporaryFolder, testDatabase, type TestDatabase } from "../support/database.js";
import { signalProcess } from "../../src/platform/embedded/process-table.js";
import { end, serve, type Server } from "../support/program.js";

describe("uploads", function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let client: pg.Client;
  let server: Server | undefined;

  before(async () => {
    database = await testDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  beforeEach(() => client.query("delete from files; delete from blobs; delete from file_uploads"));
  afterEach(() => end(server));
  after(async () => {
    await client.end();
    await database.drop();
  });

  const open = (folder: string): Promise<Server> =>
    serve({
      env: { DATABASE_URL: database.url, SECRET_KEY: "s".repeat(32), FILES_URL: `file://${folder}`, LOG_LEVEL: "info" },
    });
  const partsIn = (folder: string): Promise<string[]> => readdir(join(folder, "parts"));
  async function contentsIn(folder: string): Promise<string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && !entry.name.endsWith(".part")).map(({ name }) => name);
  }
  async function rows(query: string): Promise<string[]> {
    return (await client.query<{ key: string }>(query)).rows.map(({ key }) => key);
  }
  const files = (): Promise<string[]> => rows("select distinct encode(sha256, 'hex') as key from file_contents");
  const blobs = (): Promise<string[]> => rows("select encode(sha256, 'hex') as key from blobs");
  async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
    for (let left = 400; !(await holds()); left--) {
      if (left === 0) throw new Error(`it has not come: ${what}`);
      await delay(25);
    }
  }
  const send = (person: Person, body: Buffer, server_: Server): Promise<Response> =>
    fetch(`${server_.url}/v1/files`, { method: "POST", headers: { authorization: `Bearer ${person.token}` }, body });

  it("and whatever reads a file are OVERLOADED while the disk of the files is gone, and nothing is lost", async () => {
    const folder = join(await temporaryFolder(), "files");
    const running = (server = await open(folder));
    const person = await newPerson(() => running.url);
    await client.query("update users set role = 'ROLE_TEACHER' where id = $1", [person.id]);
    const { body: tokens } = await person.call("POST", "/v1/auth/login", {
      email: person.email,
      password: person.password,
    });
    const teacher = { ...person, token: String(tokens["access_token"]) };
    const csv = Buffer.from("email,first_name,last_name\n");
    const { id } = (await (await send(teacher, csv, running)).json()) as { id: number };
    const headers = { authorization: `Bearer ${teacher.token}` };
    const linked = await fetch(`${running.url}/v1/files/${id}/link`, { method: "POST", headers });
    const link = (await linked.json()) as { url: string };
    const read = async (): Promise<number[]> => {
      const answers = await Promise.all([
        send(teacher, csv, running),
        fetch(`${running.url}/v1/files/${id}/content`, { headers }),
        fetch(`${running.url}/v1/files/${id}/content`, { method: "HEAD", headers }),
        fetch(`${running.url}${new URL(link.url).pathname}`),
        fetch(`${running.url}/v1/imports`, {
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body: JSON.stringify({ file_id: id, dry_run: true }),
        }),
      ]);
      await Promise.all(answers.map((answer) => answer.arrayBuffer()));
      for (const answer of answers.filter(({ status }) => status === 503))
        expect(answer.headers.get("retry-after")).to.equal("10");
      return answers.map(({ status }) => status);
    };
    await rename(folder, `${folder}.away`);
    expect(await read()).to.deep.equal([503, 503, 503, 503, 503]);
    await rename(`${folder}.away`, folder);
    expect(await read()).to.deep.equal([201, 200, 200, 200, 201]);
    expect(await rows("select sha256::text as key from blobs where lost_at is not null")).to.deep.equal([]);
  });

  it("that break off leave nothing, as the body itself and in a form, and no row", async () => {
    const folder = join(await temporaryFolder(), "files");
    const running = (server = await open(folder));
    const person = await newPerson(() => running.url);
    const head = (type: string): string =>
      `POST /v1/files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${person.token}\r\ncontent-type: ${type}\r\n` +
      `content-length: 900000\r\n\r\n`;
    const form = '--x\r\ncontent-disposition: form-data; name="a"; filename="a.bin"\r\n\r\n';
    for (const start of [head("image/png"), head("multipart/form-data; boundary=x") + form]) {
      const sockets = Array.from({ length: 5 }, () => {
        const socket = connect(running.port, "127.0.0.1");
        socket.on("error", () => {});
        socket.write(start);
        socket.write(randomBytes(300_000));
        return socket;
      });
      await until(async () => (await partsIn(folder)).length === 5, "the parts of five uploads");
      for (const socket of sockets) socket.destroy();
      await until(async () => (await partsIn(folder)).length === 0, "their end");
    }
    await until(
      async () => (await rows("select id::text as key from file_uploads")).length === 0,
      "the quota given back",
    );
    expect(await files()).to.deep.equal([]);
    expect(await contentsIn(folder)).to.deep.equal([]);
    expect((await send(person, Buffer.from("whole"), running)).status).to.equal(201);
  });

  it("that kill -9 interrupts leave no file without its content, and nothing else after a sweep", async () => {
    const folder = join(await temporaryFolder(), "files");
    const answered: string[] = [];
    for (let round = 0; round < 3; round++) {
      const running = (server = await open(folder));
      const person = await newPerson(() => running.url);
      let isKilled = false;
      const load = Array.from({ length: 6 }, async () => {
        while (!isKilled) {
          const body = randomBytes(200_000);
          const answer = await send(person, body, running).catch(() => undefined);
          if (answer?.status === 201) answered.push(createHash("sha256").update(body).digest("hex"));
        }
      });
      const before = answered.length;
      await until(async () => answered.length > before + 5, "some uploads");
      signalProcess(running.pid, "SIGKILL");
      isKilled = true;
      await Promise.all([running.ended, ...load]);
      // In this order, since the database may still commit what the process has sent.
      const known = await files();
      const kept = await contentsIn(folder);
      expect(kept, "every file has its content").to.include.members(known);
      expect(await blobs(), "every content has its row").to.include.members(kept);
      expect(await files(), "what was answered is there").to.include.members(answered);
    }
    await client.query("update blobs set touched_at = touched_at - interval '2 hours'");
    await (await openFolderStore(folder)).sweepParts(0);
    server = await open(folder);
    await until(async () => (await blobs()).length === (await files()).length, "the sweep");
    expect((await contentsIn(folder)).sort()).to.deep.equal((await files()).sort());
    expect(await partsIn(folder)).to.deep.equal([]);
  });

  it("on a full disk are answered 507 with no part left, and the server serves on", async function () {
    const disk = await smallDisk(4_000_000);
    if (typeof disk === "string") return this.skip();
    try {
      const folder = join(disk.folder, "files");
      const running = (server = await open(folder));
      const person = await newPerson(() => running.url);
      const kept = await send(person, Buffer.from("it was there before"), running);
      const { id } = (await kept.json()) as { id: number };
      await fill(join(disk.folder, "ballast"));
      for (const answer of [
        await send(person, randomBytes(300_000), running),
        await send(person, randomBytes(10), running),
      ]) {
        expect(answer.status).to.equal(507);
        expect(await answer.json()).to.include({ reason: "STORAGE_FULL" });
      }
      expect(await partsIn(folder)).to.deep.equal([]);
      const content = await fetch(`${running.url}/v1/files/${id}/content`, {
        headers: { authorization: `Bearer ${person.token}` },
      });
      expect(await content.text()).to.equal("it was there before");
      await end(server);
    } finally {
      await disk.unmount();
    }
  });
});
