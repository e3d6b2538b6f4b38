// The store in a folder: what is its own beside what every store promises.
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join, relative } from "node:path";
import { expect } from "chai";
import { BlobLost, StoreUnavailable } from "../../../src/platform/blobs/blob-store.js";
import { openFolderStore } from "../../../src/platform/blobs/folder-store.js";
import { temporaryFolder } from "../../support/database.js";
import { declareStorePromises, errorOf, keep, keyOf, keysOf, read, write } from "./store-promises.js";

const newFolder = async (): Promise<string> => join(await temporaryFolder(), "files");
const secret = Buffer.from("not for everybody");
const key = keyOf(secret);
const [outer, inner] = [key.slice(0, 2), key.slice(2, 4)];

describe("a store in a folder", () => {
  declareStorePromises(async () => {
    const folder = await newFolder();
    return {
      store: await openFolderStore(folder),
      parts: join(folder, "parts"),
      reopen: () => openFolderStore(folder),
    };
  });

  it("has a file for each key, two levels deep, for its own user alone whatever the umask", async () => {
    const before = process.umask(0);
    try {
      const folder = await newFolder();
      const store = await openFolderStore(folder);
      await keep(store, secret);
      expect((await readFile(join(folder, outer, inner, key))).equals(secret)).to.equal(true);
      for (const name of [".", "parts", outer, join(outer, inner)])
        expect((await stat(join(folder, name))).mode & 0o777, name).to.equal(0o700);
      expect((await stat(join(folder, outer, inner, key))).mode & 0o777).to.equal(0o600);
    } finally {
      process.umask(before);
    }
  });

  it("writes to the disk, before it answers, the bytes, then their name, then the names of new folders", async () => {
    const folder = await newFolder();
    const store = await openFolderStore(folder);
    const handle = await open(folder);
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const { sync } = prototype;
    const synced: string[] = [];
    const place = join(folder, outer, inner, key);
    prototype.sync = async function (this: FileHandle) {
      const path = relative(folder, await readlink(`/proc/self/fd/${this.fd}`));
      const isNamed = await stat(place).then(
        () => true,
        () => false,
      );
      await sync.call(this);
      synced.push(`${path.replace(/^parts\/.*/, "the part")} ${isNamed ? "after" : "before"} the name`);
    };
    try {
      await keep(store, secret);
      expect(synced.splice(0)).to.deep.equal([
        "the part before the name",
        `${outer}/${inner} after the name`,
        `${outer} after the name`,
        " after the name",
      ]);
      await store.remove(key);
      await keep(store, secret);
      expect(synced).to.deep.equal(["the part before the name", `${outer}/${inner} after the name`]);
    } finally {
      prototype.sync = sync;
    }
  });

  it("may be a link to another disk itself, and is found again by another process", async () => {
    const folder = await newFolder();
    const link = join(await temporaryFolder(), "files");
    await symlink(folder, link);
    await mkdir(folder);
    await keep(await openFolderStore(link), secret);
    expect((await read(await openFolderStore(folder), key)).equals(secret)).to.equal(true);
  });

  it("makes its folders again when somebody has removed them", async () => {
    const folder = await newFolder();
    const store = await openFolderStore(folder);
    await keep(store, secret);
    await rm(join(folder, outer), { recursive: true });
    expect(await errorOf(store.open(key))).to.be.instanceOf(BlobLost);
    await keep(store, secret);
    expect((await read(store, key)).equals(secret)).to.equal(true);
  });

  it("follows no link in the folder, reads nothing but files, and lists nothing else", async () => {
    const folder = await newFolder();
    const store = await openFolderStore(folder);
    await keep(store, secret);
    const outside = join(await temporaryFolder(), "outside");
    const places = [join(folder, outer, inner, key), join(folder, outer, inner), join(folder, outer)];
    for (const place of places) {
      await rename(place, outside);
      await symlink(outside, place);
      expect(await errorOf(store.open(key)), place).to.be.instanceOf(BlobLost);
      expect(await store.has(key)).to.equal(false);
      expect(await keysOf(store)).to.deep.equal([]);
      if (place !== places[0]) {
        await store.remove(key);
        expect(await readdir(folder)).to.include(outer);
        expect((await errorOf(keep(store, secret))).message).to.include("EEXIST");
        expect(await readdir(join(folder, "parts"))).to.deep.equal([]);
      }
      await rm(place);
      await rename(outside, place);
      expect((await read(store, key)).equals(secret), "nothing outside was removed").to.equal(true);
    }
    await store.remove(key);
    await mkdir(places[0]!);
    expect(await errorOf(store.open(key))).to.be.instanceOf(BlobLost);
    expect(await store.has(key)).to.equal(false);
    await writeFile(join(folder, outer, inner, "notes"), "");
    await writeFile(join(folder, outer, inner, "0".repeat(64)), "elsewhere");
    expect(await keysOf(store)).to.deep.equal([]);
  });

  it("refuses to keep a part that another process has swept", async () => {
    const folder = await newFolder();
    const [store, other] = [await openFolderStore(folder), await openFolderStore(folder)];
    const part = await write(store, secret);
    expect(await other.sweepParts(0)).to.equal(1);
    expect(await errorOf(part.keep())).to.have.property("code", "ENOENT");
    expect(await keysOf(store)).to.deep.equal([]);
  });

  it("reads on when the bytes are removed or kept again meanwhile", async () => {
    const store = await openFolderStore(await newFolder());
    await keep(store, secret);
    const reading = await store.open(key);
    await keep(store, secret);
    await store.remove(key);
    expect(Buffer.concat(await reading.toArray()).equals(secret)).to.equal(true);
  });

  it("says that its disk is gone, and not that bytes are lost", async () => {
    const folder = await newFolder();
    const store = await openFolderStore(folder);
    await keep(store, secret);
    await rm(folder, { recursive: true });
    await mkdir(folder);
    for (const work of [() => store.begin(), () => store.open(key), () => store.has(key), () => keysOf(store)])
      expect(await errorOf(work())).to.be.instanceOf(StoreUnavailable);
  });

  it("is refused with the error of the file system where no folder can be made", async () => {
    const file = join(await temporaryFolder(), "file");
    await writeFile(file, "");
    expect(await errorOf(openFolderStore(file))).to.have.property("code", "ENOTDIR");
  });
});
