// A zip that is written while it is read: what is in it, and what becomes of it when something ends before it does.
import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setImmediate as turn } from "node:timers/promises";
import { expect } from "chai";
import { type ZipEntry, zipOf } from "../../../src/platform/zip/zip-stream.js";
import { readZip } from "./read-zip.js";

const entry = (path: string, bytes: Readable, more: Partial<ZipEntry> = {}): ZipEntry => ({
  path,
  modifiedAt: new Date("2026-11-29T12:00:00Z"),
  isCompressed: true,
  bytes,
  ...more,
});
const textOf = (text: string): Readable => Readable.from([Buffer.from(text)], { objectMode: false });
const forEver = (): AbortSignal => new AbortController().signal;
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "done",
    (error: unknown) => error,
  );

/** Bytes without an end. */
function endless(): Readable {
  const piece = Buffer.alloc(64 * 1024);
  return new Readable({
    read() {
      this.push(piece);
    },
  });
}

/** Entries, and whether their source was closed. */
function listed(...all: (ZipEntry | Error)[]) {
  const source = { isClosed: false, taken: 0 };
  async function* entries(): AsyncGenerator<ZipEntry> {
    try {
      for (const each of all) {
        if (each instanceof Error) throw each;
        source.taken++;
        yield each;
      }
    } finally {
      source.isClosed = true;
    }
  }
  return { source, entries: entries() };
}

describe("a zip that is written while it is read", () => {
  it("has its entries with their names in UTF-8, compressed or not, also an empty one and none at all", async () => {
    const { entries } = listed(
      entry("files/12 Диплом – é.pdf", textOf("content")),
      entry("list.md", textOf("a".repeat(10_000)), { isCompressed: false }),
      entry("empty", Readable.from([]), { size: 0 }),
    );
    const zip = await buffer(zipOf(entries, forEver()));
    expect([...readZip(zip)].map(([name, { length }]) => [name, length])).to.deep.equal([
      ["files/12 Диплом – é.pdf", 7],
      ["list.md", 10_000],
      ["empty", 0],
    ]);
    expect(zip.length).to.be.below(2_000);
    expect(readZip(await buffer(zipOf(listed().entries, forEver()))).size).to.equal(0);
  });

  it("takes no entry before the one before it is read", async () => {
    const first = new PassThrough();
    const { source, entries } = listed(entry("one", first), entry("two", textOf("2")));
    const zip = zipOf(entries, forEver());
    await zip.next();
    for (let turns = 0; turns < 50; turns++) await turn();
    expect(source.taken).to.equal(1);
    first.end("1");
    for await (const piece of zip) expect(piece).to.be.instanceOf(Buffer);
    expect(source.taken).to.equal(2);
  });

  it("reads a source no faster than it is read itself", async () => {
    const bytes = endless();
    let read = 0;
    bytes.on("data", ({ length }: Buffer) => (read += length)).pause();
    const zip = zipOf(listed(entry("endless", bytes)).entries, forEver());
    await zip.next();
    for (let turns = 0; turns < 200; turns++) await turn();
    expect(read).to.be.below(2_000_000);
    await zip.return(undefined);
  });

  it("fails with a source that fails before its first byte, behind it, or gives another number of bytes", async () => {
    const late = new Readable({ read() {} });
    late.push("some bytes");
    const zip = zipOf(listed(entry("late", late)).entries, forEver());
    await zip.next();
    const fault = new Error("the disk is broken");
    late.destroy(fault);
    expect(await failureOf(buffer(zip))).to.equal(fault);

    const early = new Readable({ read: () => void early.destroy(fault) });
    expect(await failureOf(buffer(zipOf(listed(entry("early", early)).entries, forEver())))).to.equal(fault);

    const short = zipOf(listed(entry("short", textOf("1234"), { size: 5 })).entries, forEver());
    expect(String(await failureOf(buffer(short)))).to.contain("unexpected number of bytes");

    const { entries } = listed(entry("one", textOf("1")), fault);
    expect(await failureOf(buffer(zipOf(entries, forEver())))).to.equal(fault);
  });

  it("destroys what it reads and closes the rest when its reader ends, at whatever point", async () => {
    for (const pieces of [1, 2, 20]) {
      const bytes = endless();
      const { source, entries } = listed(entry("endless", bytes), entry("never", textOf("")));
      const zip = zipOf(entries, forEver());
      for (let piece = 0; piece < pieces; piece++) await zip.next();
      await zip.return(undefined);
      expect([bytes.destroyed, source.isClosed, source.taken]).to.deep.equal([true, true, 1]);
    }
  });

  it("does so when its signal is aborted, also while it waits for a source that gives nothing", async () => {
    const abort = new AbortController();
    const bytes = new Readable({ read() {} });
    const { source, entries } = listed(entry("silent", bytes));
    const reading = failureOf(buffer(zipOf(entries, abort.signal)));
    while (bytes.listenerCount("end") === 0) await turn();
    const reason = new Error("the client has gone");
    const closed = once(bytes, "close");
    abort.abort(reason);
    expect(await reading).to.equal(reason);
    await closed;
    expect(source.isClosed).to.equal(true);
    const late = zipOf(listed(entry("one", textOf("1"))).entries, abort.signal);
    expect(await failureOf(buffer(late))).to.equal(reason);
  });
});
