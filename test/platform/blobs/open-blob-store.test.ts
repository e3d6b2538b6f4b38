// The store of the configuration: what ends the start, and what is a warning.
import { readdir, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect } from "chai";
import { pino } from "pino";
import type { FilesBucket, FilesLocation } from "../../../src/files-url.js";
import { openBlobStore } from "../../../src/platform/blobs/open-blob-store.js";
import { sweepParts } from "../../../src/platform/blobs/sweep-parts.js";
import { OperatorError } from "../../../src/platform/operator-error.js";
import { temporaryFolder } from "../../support/database.js";
import { type S3Front, startS3Front } from "./s3-front.js";
import { errorOf, keep, keyOf, read } from "./store-promises.js";

const bytes = Buffer.from("a picture");

describe("the store of the configuration", () => {
  let s3: S3Front;
  let bucket: FilesBucket;
  let logged: string;
  before(async () => {
    s3 = await startS3Front();
    bucket = await s3.bucket();
  });
  after(() => s3.stop());
  beforeEach(() => {
    logged = "";
  });

  const log = pino({}, { write: (line) => (logged += line) });
  const open = async (files: FilesLocation) =>
    openBlobStore({ files, dataDir: await temporaryFolder() }, log, { retryMs: 1 });

  it("is a folder that is made at the start, or a bucket", async () => {
    const folder = join(await temporaryFolder(), "not/yet");
    for (const files of [{ kind: "folder", folder }, bucket] as const) {
      const store = await open(files);
      expect((await read(store, await keep(store, bytes))).equals(bytes)).to.equal(true);
      await store.close();
    }
    expect(logged).to.equal("");
  });

  it("ends the start with a sentence when the folder cannot be made, or the bucket refuses", async () => {
    const file = join(await temporaryFolder(), "file");
    await writeFile(file, "");
    expect(await errorOf(open({ kind: "folder", folder: join(file, "files") }))).to.be.instanceOf(OperatorError);
    for (const wrong of [{ bucket: "never-made" }, { secretAccessKey: "another" }, { accessKeyId: "another" }]) {
      const error = await errorOf(open({ ...bucket, ...wrong }));
      expect(error).to.be.instanceOf(OperatorError);
      expect(error.message).to.match(
        /^The bucket of FILES_URL cannot be used: .*(?:NoSuchBucket|SignatureDoesNotMatch)\)$/,
      );
      expect(error.message).not.to.include(bucket.secretAccessKey);
    }
  });

  it("is opened with a warning when the server of the bucket does not answer, and works as soon as it does", async () => {
    s3.faults = Array.from({ length: 4 }, () => (request) => request.socket.destroy());
    const store = await open(bucket);
    expect(JSON.parse(logged)).to.include({ level: 40 });
    expect(logged).to.include("the store of files does not answer").and.not.include(bucket.secretAccessKey);
    expect(await keep(store, bytes)).to.equal(keyOf(bytes));
    await store.close();
  });

  it("is swept of the parts to which nothing was written for an hour", async () => {
    const folder = await temporaryFolder();
    const [store, other] = await Promise.all([0, 1].map(() => open({ kind: "folder", folder })));
    const [old, young] = await Promise.all([0, 1].map(() => other!.begin()));
    const before = new Date(Date.now() - 61 * 60_000);
    await utimes(old!.path, before, before);
    const { run } = sweepParts(store!);
    expect(await run(undefined as never, new AbortController().signal)).to.deep.equal({ rows: 1, isComplete: true });
    expect(await readdir(join(folder, "parts"))).to.deep.equal([basename(young!.path)]);
    await Promise.all([old!.discard(), young!.discard()]);
  });
});
