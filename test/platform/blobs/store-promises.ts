// What every store of blobs promises, whatever it is made of: the tests of each store declare these.
import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { expect } from "chai";
import fc from "fast-check";
import {
  BlobLost,
  type BlobStore,
  type OpenOptions,
  type PartialBlob,
} from "../../../src/platform/blobs/blob-store.js";

/** The key of bytes. */
export const keyOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** A part with these bytes, complete and not kept. */
export async function write(store: BlobStore, bytes: Buffer): Promise<PartialBlob> {
  const part = await store.begin();
  await pipeline(Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]), part.stream);
  return part;
}

export const keep = async (store: BlobStore, bytes: Buffer): Promise<string> => (await write(store, bytes)).keep();

export const read = async (store: BlobStore, key: string, options?: OpenOptions): Promise<Buffer> =>
  buffer(await store.open(key, options));

/** The keys of a list, sorted. */
export async function keysOf(store: BlobStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(new AbortController().signal)) keys.push(key);
  return keys.sort();
}

/** The error of a rejection; fails when there is none. */
export async function errorOf(work: Promise<unknown>): Promise<Error> {
  const outcome = await work.then(
    () => undefined,
    (error: Error) => error,
  );
  if (outcome === undefined) throw new Error("It was not refused");
  return outcome;
}

export interface OpenedStore {
  readonly store: BlobStore;
  /** The folder of its parts. */
  readonly parts: string;
  /** Opens it a second time, as another process does. */
  reopen(): Promise<BlobStore>;
}

/** Declares the tests. `open` makes an empty store. */
export function declareStorePromises(open: () => Promise<OpenedStore>): void {
  let store: BlobStore;
  let parts: string;
  let reopen: () => Promise<BlobStore>;

  beforeEach(async () => {
    ({ store, parts, reopen } = await open());
  });
  afterEach(async () => {
    expect(await readdir(parts), "no part is left").to.deep.equal([]);
    await store.close();
  });

  it("gives back what was kept, byte for byte, whole and in every range", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300_000, size: "max" }),
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 3 }),
        async (array, ranges) => {
          const bytes = Buffer.from(array);
          const part = await write(store, bytes);
          expect(part.size).to.equal(bytes.length);
          expect((await readFile(part.path)).equals(bytes)).to.equal(true);
          const key = await part.keep();
          expect(key).to.equal(keyOf(bytes)).and.equal(part.sha256().toString("hex"));
          expect((await read(store, key, { size: bytes.length })).equals(bytes)).to.equal(true);
          if (bytes.length === 0) return;
          for (const [from, length] of [[0, 0] as const, ...ranges]) {
            const start = from % bytes.length;
            // Also beyond the end.
            const end = start + (length % (bytes.length + 2));
            expect((await read(store, key, { start, end })).equals(bytes.subarray(start, end + 1))).to.equal(true);
          }
          expect((await read(store, key, { start: bytes.length - 1 })).equals(bytes.subarray(-1))).to.equal(true);
          expect(await errorOf(store.open(key, { start: bytes.length }))).to.be.instanceOf(RangeError);
        },
      ),
      { numRuns: 12, examples: [[new Uint8Array(), []]] },
    );
  });

  it("keeps the same bytes once when twenty keep them at once, and again when they were kept before", async () => {
    const bytes = randomBytes(100_000);
    const uploads = await Promise.all(Array.from({ length: 20 }, () => write(store, bytes)));
    const keys = await Promise.all(uploads.map((part) => part.keep()));
    expect(new Set(keys)).to.deep.equal(new Set([keyOf(bytes)]));
    expect(await keep(store, bytes)).to.equal(keys[0]);
    expect(await keysOf(store)).to.deep.equal([keys[0]]);
    expect((await read(store, keys[0]!)).equals(bytes)).to.equal(true);
  });

  it("lists every key with the time of its last keep, finds it, and removes it", async () => {
    const before = Date.now();
    const keys = await Promise.all(Array.from({ length: 30 }, (_, n) => keep(store, Buffer.from(`blob ${n}`))));
    expect(await keysOf(store)).to.deep.equal([...keys].sort());
    for await (const { modifiedAt } of store.list(new AbortController().signal))
      expect(modifiedAt.getTime()).to.be.within(before - 2_000, Date.now() + 2_000);
    const [gone, ...left] = keys;
    expect(await store.has(gone!)).to.equal(true);
    await store.remove(gone!);
    await store.remove(gone!);
    expect(await store.has(gone!)).to.equal(false);
    expect(await errorOf(store.open(gone!))).to.be.instanceOf(BlobLost);
    expect(await keysOf(store)).to.deep.equal(left.sort());
    expect(await keep(store, Buffer.from("blob 0"))).to.equal(gone);
    expect((await read(store, gone!)).toString()).to.equal("blob 0");
  });

  it("ends a list when it is aborted", async () => {
    await Promise.all([0, 1, 2].map((n) => keep(store, Buffer.from(String(n)))));
    const stop = new AbortController();
    let listed = 0;
    for await (const _ of store.list(stop.signal)) if (++listed === 1) stop.abort();
    expect(listed).to.equal(1);
  });

  it("says that bytes are lost when they are absent, or of another size than is told", async () => {
    const absent = keyOf(Buffer.from("never kept"));
    expect(await errorOf(store.open(absent)))
      .to.be.instanceOf(BlobLost)
      .with.property("key", absent);
    expect(await errorOf(store.open(absent, { start: 0, end: 1 }))).to.be.instanceOf(BlobLost);
    const key = await keep(store, Buffer.from("five!"));
    expect(await errorOf(store.open(key, { size: 6 }))).to.be.instanceOf(BlobLost);
    expect(await errorOf(store.open(key, { start: 1, end: 2, size: 4 }))).to.be.instanceOf(BlobLost);
    expect((await read(store, key, { start: 1, end: 2, size: 5 })).toString()).to.equal("iv");
  });

  it("leaves nothing of an upload that is discarded, breaks off or is kept too early", async () => {
    const discarded = await write(store, randomBytes(1000));
    await discarded.discard();
    expect(await readdir(parts)).to.deep.equal([]);
    expect((await errorOf(discarded.keep())).message).to.include("discarded");

    const broken = await store.begin();
    const source = new Readable({ read() {} });
    const piping = errorOf(pipeline(source, broken.stream));
    source.push(randomBytes(1_000_000));
    while (broken.size < 1_000_000) await new Promise(setImmediate);
    source.destroy(new Error("The client has gone"));
    expect((await piping).message).to.equal("The client has gone");
    if (!broken.stream.closed) await new Promise<void>((resolve) => broken.stream.once("close", resolve));
    expect(await readdir(parts)).to.deep.equal([]);
    expect(() => broken.sha256()).to.throw("not complete");

    const early = await store.begin();
    early.stream.write("half");
    expect((await errorOf(early.keep())).message).to.include("not complete");
    await early.discard();

    const unread = await store.begin();
    unread.stream.write(randomBytes(500_000));
    await unread.discard();
    expect(await keysOf(store)).to.deep.equal([]);
  });

  it("keeps what was kept when it is discarded afterwards, or meanwhile", async () => {
    const bytes = randomBytes(10_000);
    const part = await write(store, bytes);
    const [key] = await Promise.all([part.keep(), part.discard()]);
    await part.discard();
    expect((await read(store, key)).equals(bytes)).to.equal(true);
    expect(await part.keep()).to.equal(key);
  });

  it("takes no key but a hash", async () => {
    const hash = keyOf(Buffer.from("a"));
    const odd = [
      "",
      "..",
      `../${hash}`,
      "../../etc/passwd",
      hash.toUpperCase(),
      `${hash}0`,
      `${hash}\n`,
      hash.slice(1),
    ];
    for (const key of [
      ...odd,
      `${hash.slice(2)}..`,
      `${hash.slice(0, 60)}/../`,
      "%2e".repeat(21) + "a",
      "0".repeat(63) + "\0",
    ]) {
      for (const work of [store.open(key), store.has(key), store.remove(key)])
        expect(await errorOf(work), JSON.stringify(key)).to.be.instanceOf(TypeError);
    }
  });

  it("sweeps the parts of others to which nothing was written for a time, and none of its own", async () => {
    const mine = await write(store, Buffer.from("mine"));
    const other = await reopen();
    const left = await other.begin();
    left.stream.write("half");
    while (left.size === 0) await new Promise(setImmediate);
    expect(await store.sweepParts(60_000)).to.equal(0);
    expect(await store.sweepParts(0)).to.equal(1);
    expect(await readdir(parts)).to.deep.equal([basename(mine.path)]);
    expect(await mine.keep()).to.equal(keyOf(Buffer.from("mine")));
    await left.discard();
    expect(await keysOf(store)).to.deep.equal([keyOf(Buffer.from("mine"))]);
    await other.close();
  });
}
