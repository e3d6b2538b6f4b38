// A store in a folder: two levels of folders named by the first digits of the key, so that none has too many entries.
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, opendir, realpath, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "../folders.js";
import { BlobLost, type BlobStore, isKey, requireKey, StoreUnavailable } from "./blob-store.js";
import { absent, type CompletePart, partsIn } from "./parts.js";

/**
 * Opens the store of a folder, which is made unless it exists. Rejects with the error of the file system. Files are for this user
 * alone, whatever the umask; links within the folder are not followed. Any number of processes may use it.
 */
export async function openFolderStore(path: string): Promise<BlobStore> {
  makeFolder(join(path, "parts"), 0o700);
  // The folder itself may be a link to another disk.
  const root = await realpath(path);
  await syncFolder(dirname(root));
  const partsFolder = join(root, "parts");
  const parts = partsIn(partsFolder);
  /** Folders whose names are on the disk since this process began. */
  const durable = new Set<string>();

  const placeOf = (key: string): Place => {
    requireKey(key);
    const outer = join(root, key.slice(0, 2));
    const inner = join(outer, key.slice(2, 4));
    return { outer, inner, file: join(inner, key) };
  };

  // The order outlives a failure of power at any moment: the bytes, then the name, then the names of the folders above it.
  async function store({ path: part, file, key }: CompletePart): Promise<void> {
    const { outer, inner, file: place } = placeOf(key);
    await file.sync();
    const isNew = [await makeIn(outer), await makeIn(inner)].includes(true);
    await rename(part, place);
    await syncFolder(inner);
    if (!isNew && durable.has(inner)) return;
    await syncFolder(outer);
    await syncFolder(root);
    durable.add(inner);
  }

  /** A disk that is no longer mounted is no loss: without the folder of parts, that is what must have happened. */
  async function requireFolder(): Promise<void> {
    if (!(await lstat(partsFolder).catch(absent))?.isDirectory())
      throw new StoreUnavailable(`The folder ${partsFolder} is gone: is its disk mounted?`);
  }

  return {
    async begin() {
      await requireFolder();
      return parts.begin(store);
    },
    async open(key, { start, end, size } = {}) {
      const place = placeOf(key);
      const file = (await areFolders(place)) ? await openFile(place.file) : undefined;
      if (file === undefined) {
        await requireFolder();
        throw new BlobLost(key);
      }
      try {
        const found = await file.stat();
        if (!found.isFile() || (size !== undefined && size !== found.size)) throw new BlobLost(key);
        if (start !== undefined && start >= found.size)
          throw new RangeError(`The range begins beyond the end of ${key}`);
        return file.createReadStream({ start, end });
      } catch (error) {
        await file.close();
        throw error;
      }
    },
    async has(key) {
      const place = placeOf(key);
      const found = (await areFolders(place)) ? await lstat(place.file).catch(absent) : undefined;
      if (found === undefined) await requireFolder();
      return found?.isFile() ?? false;
    },
    async remove(key) {
      const place = placeOf(key);
      if (await areFolders(place)) await unlink(place.file).catch(absent);
    },
    async *list(signal) {
      await requireFolder();
      for await (const outer of foldersIn(root)) {
        for await (const inner of foldersIn(join(root, outer))) {
          const folder = join(root, outer, inner);
          for await (const { name } of await opendir(folder)) {
            if (signal.aborted) return;
            if (!isKey(name) || !name.startsWith(outer + inner)) continue;
            const found = await lstat(join(folder, name)).catch(absent);
            if (found?.isFile()) yield { key: name, modifiedAt: found.mtime };
          }
        }
      }
    },
    sweepParts: parts.sweep,
    close: async () => {},
  };
}

interface Place {
  readonly outer: string;
  readonly inner: string;
  readonly file: string;
}

async function areFolders({ outer, inner }: Place): Promise<boolean> {
  for (const folder of [outer, inner]) if (!(await lstat(folder).catch(absent))?.isDirectory()) return false;
  return true;
}

/** Makes a folder within one that exists, and says whether it did; what is there must be a folder, not a link to one. */
async function makeIn(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, 0o700);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !(await lstat(folder)).isDirectory()) throw error;
    return false;
  }
}

async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    // Without O_NONBLOCK a pipe in the place of a file would wait for its writer.
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ELOOP") return undefined;
    return absent(error as NodeJS.ErrnoException);
  }
}

async function* foldersIn(folder: string): AsyncIterable<string> {
  for await (const entry of await opendir(folder))
    if (entry.isDirectory() && /^[0-9a-f]{2}$/.test(entry.name)) yield entry.name;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
