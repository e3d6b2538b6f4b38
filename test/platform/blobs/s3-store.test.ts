// The store in a bucket, against a server of that protocol: what is its own beside what every store promises.
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import type { FilesBucket } from "../../../src/files-url.js";
import { BlobLost, StorageFull, StoreUnavailable } from "../../../src/platform/blobs/blob-store.js";
import { s3Client, S3Refusal } from "../../../src/platform/blobs/s3-client.js";
import { s3Store, type S3Store } from "../../../src/platform/blobs/s3-store.js";
import { temporaryFolder } from "../../support/database.js";
import { type Fault, type S3Front, startS3Front } from "./s3-front.js";
import { declareStorePromises, errorOf, keep, keyOf, keysOf, read } from "./store-promises.js";

describe("a store in a bucket of S3", () => {
  let s3: S3Front;
  let bucket: FilesBucket;
  let parts: string;
  before(async () => {
    s3 = await startS3Front();
  });
  after(() => s3.stop());
  beforeEach(async () => {
    [s3.faults, s3.seen] = [[], []];
    bucket = await s3.bucket();
    parts = await temporaryFolder();
  });

  declareStorePromises(async () => {
    // Pages of seven, so that lists have several.
    const reopen = async (): Promise<S3Store> => s3Store(bucket, parts, { pageSize: 7 });
    return { store: await reopen(), parts, reopen };
  });

  it("leaves other objects of the bucket alone, and lists none of them", async () => {
    const store = s3Store(bucket, parts, { pageSize: 3 });
    const keys = await Promise.all(["1", "2", "3", "4"].map((text) => keep(store, Buffer.from(text))));
    const client = s3Client(bucket);
    for (const name of ["notes", "files/notes", "files/zz", `a${keys[0]}`])
      await client.status({
        method: "PUT",
        name,
        body: { sha256: keyOf(Buffer.alloc(0)), size: 0, chunks: async function* () {} },
      });
    expect(await keysOf(store)).to.deep.equal(keys.sort());
    await store.close();
  });

  it("is refused with another secret, since everything that it sends is signed", async () => {
    const store = s3Store({ ...bucket, secretAccessKey: "another" }, parts);
    const key = keyOf(Buffer.from("x"));
    for (const work of [
      () => keep(store, Buffer.from("x")),
      () => store.open(key),
      () => store.has(key),
      () => keysOf(store),
    ])
      expect(await errorOf(work())).to.be.instanceOf(S3Refusal);
    await store.close();
  });

  it("says that the bucket is gone, and not that bytes are lost", async () => {
    const store = s3Store({ ...bucket, bucket: "never-made" }, parts);
    const bytes = Buffer.from("x");
    const key = keyOf(bytes);
    for (const work of [
      () => store.check(),
      () => store.open(key),
      () => store.has(key),
      () => store.remove(key),
      () => keysOf(store),
      () => keep(store, bytes),
    ]) {
      expect(await errorOf(work())).to.be.instanceOf(S3Refusal);
    }
    await store.close();
  });

  describe("behind a server with faults", () => {
    let store: S3Store;
    let hasty: S3Store;

    beforeEach(() => {
      store = s3Store(bucket, parts, { retryMs: 1 });
      hasty = s3Store(bucket, parts, { stallMs: 400, retryMs: 1 });
    });
    afterEach(async () => {
      await Promise.all([store.close(), hasty.close()]);
      expect(await readdir(parts)).to.deep.equal([]);
    });

    const answer =
      (status: number, body = ""): Fault =>
      (request, response) =>
        request.resume().on("end", () => response.writeHead(status).end(body));
    const breakOff: Fault = (request) => request.socket.destroy();
    const stall: Fault = () => undefined;

    it("sends a request again after a passing fault, with all its bytes", async () => {
      const bytes = randomBytes(300_000);
      s3.faults = [answer(503), breakOff, answer(500, "<Error><Code>InternalError</Code></Error>")];
      const key = await keep(store, bytes);
      expect(s3.seen).to.have.length(4);
      s3.faults = [breakOff, answer(429)];
      expect((await read(store, key)).equals(bytes)).to.equal(true);
    });

    it("gives up after four tries, and leaves no part", async () => {
      s3.faults = Array.from({ length: 9 }, () => answer(503, "<Error><Code>SlowDown</Code></Error>"));
      const error = await errorOf(keep(store, Buffer.from("x")));
      expect(error).to.be.instanceOf(StoreUnavailable).and.not.instanceOf(S3Refusal);
      expect(error.message).to.match(/^PUT http:\S+\/files\/[0-9a-f]{64}: the answer is 503 SlowDown$/);
      expect(s3.seen).to.have.length(4);
    });

    it("says at once what is refused, and that the bucket is full", async () => {
      s3.faults = [answer(403, "<Error><Code>AccessDenied</Code><StringToSign>secret</StringToSign></Error>")];
      const refused = await errorOf(keep(store, Buffer.from("x")));
      expect(refused).to.be.instanceOf(S3Refusal);
      expect(refused.message).to.match(/the answer is 403 AccessDenied$/);
      for (const fault of [answer(507), answer(403, "<Error><Code>QuotaExceeded</Code></Error>")]) {
        s3.faults = [fault];
        expect(await errorOf(keep(store, Buffer.from("x")))).to.be.instanceOf(StorageFull);
      }
      s3.faults = [answer(301)];
      expect(await errorOf(store.check())).to.be.instanceOf(S3Refusal);
      expect(s3.seen).to.have.length(4);
    });

    it("waits for nothing longer than the time it is given, and no longer than until it is closed", async () => {
      s3.faults = [stall];
      expect((await errorOf(keep(hasty, randomBytes(5_000_000)))).message).to.include(
        "nothing has happened for 400 ms",
      );
      expect(s3.seen).to.have.length(1);
      s3.faults = [stall];
      const waiting = errorOf(
        s3Store(bucket, parts)
          .check()
          .catch((error: Error) => Promise.reject(error)),
      );
      void waiting.catch(() => undefined);
      const patient = s3Store(bucket, parts, { stallMs: 60_000 });
      const asked = new Promise<void>((resolve) => (s3.faults = [() => resolve()]));
      const closed = errorOf(patient.check());
      await asked;
      await patient.close();
      expect((await closed).message).to.include("the store is closed");
    });

    it("fails a reader when the bytes break off, and when no more of them come", async () => {
      const bytes = randomBytes(200_000);
      const key = await keep(store, bytes);
      const begun =
        (then: (response: ServerResponse) => unknown): Fault =>
        (_, response) => {
          response.writeHead(200, { "content-length": bytes.length });
          response.write(bytes.subarray(0, 1000), () => then(response));
        };
      s3.faults = [begun((response) => response.destroy())];
      expect(await errorOf(read(store, key))).to.be.instanceOf(StoreUnavailable);
      s3.faults = [begun(() => undefined)];
      expect(await errorOf(read(hasty, key))).to.be.instanceOf(StoreUnavailable);
      s3.faults = [begun(() => undefined)];
      (await store.open(key)).destroy();
      expect((await read(store, key)).equals(bytes)).to.equal(true);
    });

    it("waits for a slow reader, and holds little of what they have not read", async () => {
      const bytes = randomBytes(20_000_000);
      s3.faults = [(_, response) => response.end(bytes)];
      const waiting = s3Store(bucket, parts, { stallMs: 1_000 });
      const reading = await waiting.open(keyOf(bytes));
      const chunks: Buffer[] = [];
      for await (const chunk of reading) {
        chunks.push(chunk as Buffer);
        if (chunks.length !== 1) continue;
        await delay(1_500);
        expect(reading.readableLength).to.be.below(1_000_000);
      }
      expect(Buffer.concat(chunks).equals(bytes)).to.equal(true);
      await waiting.close();
    });

    it("believes no answer without the range that was asked for, and no object that was cut", async () => {
      const key = await keep(store, Buffer.from("12345"));
      s3.faults = [(_, response) => response.writeHead(200).end("12345")];
      expect(await errorOf(store.open(key, { start: 1, end: 2 }))).to.be.instanceOf(StoreUnavailable);
      for (const other of ["bytes 0-4/5", "bytes 1-4/5", "bytes 0-2/5", "bytes 1-1/5", ""]) {
        s3.faults = [(_, response) => response.writeHead(206, { "content-range": other }).end("12345")];
        expect(await errorOf(store.open(key, { start: 1, end: 2 })), other).to.be.instanceOf(StoreUnavailable);
      }
      expect(await errorOf(store.open(key, { start: 7, end: 8, size: 10 }))).to.be.instanceOf(BlobLost);
    });

    it("has its secret in no error and in no request", async () => {
      const errors: Error[] = [];
      for (const fault of [breakOff, stall, answer(500), answer(403)]) {
        s3.faults = Array.from({ length: 4 }, () => fault);
        errors.push(await errorOf(keep(hasty, Buffer.from("x"))));
        s3.faults = [];
      }
      const told =
        JSON.stringify(errors.map((error) => [error.message, error.stack, String(error.cause), error])) +
        s3.seen.join();
      expect(told).not.to.include(bucket.secretAccessKey).and.not.include("Signature=undefined");
    });
  });
});
