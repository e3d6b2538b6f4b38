// What a folder of blobs has after a process was killed, and while its disk is full.
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { StorageFull } from "../../../src/platform/blobs/blob-store.js";
import { openFolderStore } from "../../../src/platform/blobs/folder-store.js";
import { temporaryFolder } from "../../support/database.js";
import { fill, smallDisk } from "../small-disk.js";
import { errorOf, keep, keyOf, keysOf, read, write } from "./store-promises.js";

const child = ["--import", "tsx", fileURLToPath(new URL("keeping-child.ts", import.meta.url))];

describe("a folder of blobs", () => {
  it("has whole files alone before and after kill -9, with all that were kept, and no part after a sweep", async () => {
    const folder = join(await temporaryFolder(), "files");
    const process_ = spawn(process.execPath, [...child, folder, "forever"], { stdio: ["ignore", "pipe", "inherit"] });
    const kept: string[] = [];
    createInterface(process_.stdout).on("line", (key) => kept.push(key));
    const store = await openFolderStore(folder);
    const whole = new Set<string>();
    const ended = once(process_, "exit");
    try {
      // Meanwhile another process sees whole files alone, too.
      while (kept.length < 12) {
        for (const key of await keysOf(store)) {
          if (whole.has(key)) continue;
          (await store.open(key, { size: 3_000_000 })).destroy();
          whole.add(key);
        }
      }
    } finally {
      process_.kill("SIGKILL");
      await ended;
    }
    expect(await readdir(join(folder, "parts"))).not.to.deep.equal([]);
    await store.sweepParts(0);
    expect(await readdir(join(folder, "parts"))).to.deep.equal([]);
    const keys = await keysOf(store);
    expect(keys).to.include.members(kept);
    for (const key of keys) expect(keyOf(await read(store, key))).to.equal(key);
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name).sort()).to.deep.equal(keys);
  });

  it("refuses what is larger than a file may be, leaves nothing of it, and serves on", async () => {
    const folder = join(await temporaryFolder(), "files");
    const command = ["-c", 'ulimit -f 200 && exec "$@"', "sh", process.execPath, ...child, folder, "bounded"];
    const { stdout } = await promisify(execFile)("bash", command);
    expect(JSON.parse(stdout)).to.deep.equal({ isFull: true, isKept: true, isLost: true });
    expect(await readdir(join(folder, "parts"))).to.deep.equal([]);
    expect(await keysOf(await openFolderStore(folder))).to.deep.equal([keyOf(Buffer.from("small"))]);
  });

  it("refuses what a full disk cannot hold, leaves nothing of it, and takes more when there is room again", async function () {
    const disk = await smallDisk(2_000_000);
    if (typeof disk === "string") return this.skip();
    try {
      const folder = join(disk.folder, "files");
      const store = await openFolderStore(folder);
      const small = await keep(store, Buffer.from("small"));
      const twenty = Array.from({ length: 20 }, async () => {
        const part = await store.begin();
        await pipeline(Readable.from([randomBytes(400_000)]), part.stream);
        return part;
      });
      const outcomes = await Promise.allSettled(twenty);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason).to.be.instanceOf(StorageFull);
        else await outcome.value.discard();
      }
      expect(outcomes.some(({ status }) => status === "rejected")).to.equal(true);
      expect(await readdir(join(folder, "parts"))).to.deep.equal([]);
      await fill(join(disk.folder, "ballast"));
      expect(await errorOf(keep(store, randomBytes(100_000)))).to.be.instanceOf(StorageFull);
      expect((await read(store, small)).toString()).to.equal("small");
      expect(await readdir(join(folder, "parts"))).to.deep.equal([]);
      await store.remove(small);
      expect(await keysOf(store)).to.deep.equal([]);
    } finally {
      await disk.unmount();
    }
  });

  it("refuses what a disk has no names for, before and after its bytes are there", async function () {
    const disk = await smallDisk(2_000_000, 40);
    if (typeof disk === "string") return this.skip();
    try {
      const folder = join(disk.folder, "files");
      const store = await openFolderStore(folder);
      const complete = await write(store, Buffer.from("it needs two folders"));
      const takeNames = async (): Promise<never> => {
        for (;;) await mkdtemp(join(disk.folder, "x"));
      };
      expect(await errorOf(takeNames())).to.have.property("code", "ENOSPC");
      expect(await errorOf(complete.keep())).to.be.instanceOf(StorageFull);
      expect(await errorOf(takeNames())).to.have.property("code", "ENOSPC");
      expect(await errorOf(store.begin())).to.be.instanceOf(StorageFull);
      expect(await readdir(join(folder, "parts"))).to.deep.equal([]);
    } finally {
      await disk.unmount();
    }
  });
});
