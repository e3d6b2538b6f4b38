// Files of 200 MB through a real server: none of it stays in memory. And a client that is slow, but never stands still. Played by
// `make nightly`.
import { readFileSync } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { newPerson, type Person } from "../resilience/person.js";
import { temporaryFolder, testDatabase, type TestDatabase } from "../support/database.js";
import { end, serve, type Server } from "../support/program.js";

const size = 200_000_000;
const mostGrowth = 40_000_000;
const chunk = Buffer.alloc(64 * 1024, "0123456789abcdef\r\n--");

function* bytes(count: number): Generator<Buffer> {
  for (let left = count; left > 0; left -= chunk.length) yield chunk.subarray(0, Math.min(left, chunk.length));
}

const form = {
  head: Buffer.from('--x\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'),
  tail: Buffer.from("\r\n--x--\r\n"),
};
function* inForm(count: number): Generator<Buffer> {
  yield form.head;
  yield* bytes(count);
  yield form.tail;
}

/** What takes long is played by `make nightly` alone. */
const isPlayed = process.env["LARGE_FILES"] !== undefined && process.platform === "linux";

(isPlayed ? describe : () => undefined)("large files", function () {
  this.timeout(300_000);
  let database: TestDatabase;
  let server: Server;
  let person: Person;

  before(async () => {
    database = await testDatabase();
    const env = { UPLOAD_LIMIT: "300MiB", UPLOAD_QUOTA: "10000MiB", DATA_DIR: join(await temporaryFolder(), "data") };
    server = await serve({ env: { ...env, DATABASE_URL: database.url, SECRET_KEY: "s".repeat(32) } });
    person = await newPerson(() => server.url);
    for (const isForm of [false, true]) await upload(1_000_000, isForm);
  });
  after(async () => {
    await end(server);
    await database?.drop();
  });

  function upload(count: number, isForm: boolean, body?: AsyncIterable<Buffer>): Promise<number> {
    const length = count + (isForm ? form.head.length + form.tail.length : 0);
    return new Promise((resolve, reject) => {
      const sent = request(`${server.url}/v1/files`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${person.token}`,
          "content-length": length,
          ...(isForm && { "content-type": "multipart/form-data; boundary=x" }),
        },
      });
      sent.on("error", reject).on("response", async (answer) => {
        const text = Buffer.concat(await answer.toArray()).toString();
        if (answer.statusCode === 201) resolve((JSON.parse(text) as { id: number }).id);
        else reject(new Error(text));
      });
      Readable.from(body ?? (isForm ? inForm(count) : bytes(count)), { objectMode: false }).pipe(sent);
    });
  }

  function download(id: number): Promise<IncomingMessage> {
    const headers = { authorization: `Bearer ${person.token}` };
    return new Promise((resolve, reject) =>
      request(`${server.url}/v1/files/${id}/content`, { headers }).on("response", resolve).on("error", reject).end(),
    );
  }

  /** What the server holds in memory at most while `work` runs, more than before, in bytes. */
  async function growth(work: () => Promise<unknown>): Promise<number> {
    const held = (): number =>
      1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))![1]);
    const before = held();
    let most = before;
    const timer = setInterval(() => (most = Math.max(most, held())), 20);
    await work();
    clearInterval(timer);
    return Math.max(most, held()) - before;
  }

  for (const isForm of [true, false])
    it(`of 200 MB move the memory of the server by less than 40 MB, ${isForm ? "in a form" : "as the body itself"}`, async () => {
      expect(await growth(() => upload(size, isForm))).to.be.below(mostGrowth);
    });

  it("do so when they are downloaded, also by a reader that is slow", async () => {
    const id = await upload(size, false);
    const read = async (pauseEvery: number): Promise<number> => {
      let count = 0;
      let chunks = 0;
      for await (const piece of await download(id)) {
        count += (piece as Buffer).length;
        if (++chunks % pauseEvery === 0) await delay(20);
      }
      return count;
    };
    expect(await growth(async () => expect(await read(Infinity)).to.equal(size))).to.be.below(mostGrowth);
    expect(await growth(async () => expect(await read(20)).to.equal(size))).to.be.below(mostGrowth);
  });

  it("come from a client that is slow, for longer than a small body may take", async () => {
    async function* slowly(): AsyncGenerator<Buffer> {
      for (const piece of bytes(22 * 20_000)) {
        yield piece;
        await delay(3_000);
      }
    }
    expect(await upload(22 * 20_000, false, slowly())).to.be.above(0);
  });
});
