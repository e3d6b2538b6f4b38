// An export of more than 4 GB through a real server: none of it stays in memory, it is a Zip64, and a client that goes away stops it.
// Played by `make nightly`.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, truncateSync, writeFileSync } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import pg from "pg";
import { newPerson, type Person } from "../resilience/person.js";
import { temporaryFolder, testDatabase, type TestDatabase } from "../support/database.js";
import { end, serve, type Server } from "../support/program.js";

const size = 2_200_000_000;
const mostGrowth = 60_000_000;
const [endOfDirectory64, endOfDirectory] = [0x06064b50, 0x06054b50];

/** What takes long is played by `make nightly` alone. */
const isPlayed = process.env["LARGE_FILES"] !== undefined && process.platform === "linux";

(isPlayed ? describe : () => undefined)("a large export", function () {
  this.timeout(600_000);
  let database: TestDatabase;
  let server: Server;
  let teacher: Person;
  let files: string;

  before(async () => {
    database = await testDatabase();
    const dataDir = join(await temporaryFolder(), "data");
    files = join(dataDir, "files");
    server = await serve({ env: { DATA_DIR: dataDir, DATABASE_URL: database.url, SECRET_KEY: "s".repeat(32) } });
    const [student, promoted] = [await newPerson(() => server.url), await newPerson(() => server.url)];
    teacher = promoted;
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query("update users set role = 'ROLE_TEACHER' where id = $1", [teacher.id]);
    for (const text of ["one", "two"]) {
      // A file with a hole in it takes no room. Its key is that of another content, which nobody compares.
      const hash = createHash("sha256").update(text).digest();
      const key = hash.toString("hex");
      const folder = join(files, key.slice(0, 2), key.slice(2, 4));
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, key), "", { mode: 0o600 });
      truncateSync(join(folder, key), size);
      await client.query(
        `with b as (insert into blobs (sha256) values ($2) returning sha256),
              f as (insert into files (owner_id, purpose, name, media_type, claimed_at)
                    values ($1, 'FILE_PURPOSE_DIPLOMA', 'large.pdf', 'application/pdf', now()) returning id),
              c as (insert into file_contents (file_id, side, sha256, size) select f.id, 0, b.sha256, $3 from f, b)
         insert into achievements (user_id, kind, title, description, file_id, state, points, moderator_id, moderated_at)
         select $1, 'ACHIEVEMENT_KIND_EVENT', 'Large', '', f.id, 'ACHIEVEMENT_STATE_ACCEPTED', 1, $4, now() from f`,
        [student.id, hash, size, teacher.id],
      );
    }
    await client.end();
  });
  after(async () => {
    await end(server);
    await database?.drop();
  });

  async function download(): Promise<IncomingMessage> {
    const login = await fetch(`${server.url}/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: teacher.email, password: teacher.password }),
    });
    const { access_token } = (await login.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${access_token}` };
    return new Promise((resolve, reject) =>
      request(`${server.url}/v1/achievements/export`, { headers }).on("response", resolve).on("error", reject).end(),
    );
  }

  /** What the server holds in memory, in bytes. */
  const held = (): number =>
    1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))![1]);
  /** How many stored files the server has open. */
  const openFiles = (): number =>
    readdirSync(`/proc/${server.pid}/fd`).filter((name) => {
      try {
        return readlinkSync(`/proc/${server.pid}/fd/${name}`).startsWith(files);
      } catch {
        return false;
      }
    }).length;

  it("moves the memory of the server by less than 60 MB, and has a directory for 64 bits", async () => {
    const before = held();
    let most = before;
    let count = 0;
    let tail = Buffer.alloc(0);
    for await (const piece of await download()) {
      count += (piece as Buffer).length;
      tail = Buffer.concat([tail, piece as Buffer]).subarray(-1024);
      most = Math.max(most, held());
    }
    expect(count).to.be.above(2 * size);
    expect(most - before).to.be.below(mostGrowth);
    const at = tail.length - 22;
    expect(tail.readUInt32LE(at)).to.equal(endOfDirectory);
    const directory = at - 20 - 56;
    expect(tail.readUInt32LE(directory)).to.equal(endOfDirectory64);
    expect(Number(tail.readBigUInt64LE(directory + 32))).to.equal(3);
    expect(Number(tail.readBigUInt64LE(directory + 48))).to.be.above(2 * size);
  });

  it("waits for a client that does not read, and is stopped by one that goes away", async () => {
    const before = held();
    const answer = await download();
    await new Promise((resolve) => answer.once("data", resolve));
    answer.pause();
    for (let turn = 0; turn < 20; turn++) {
      await delay(100);
      expect(held() - before).to.be.below(mostGrowth);
    }
    expect(openFiles()).to.equal(1);
    answer.destroy();
    while (openFiles() > 0) await delay(10);
  });
});
