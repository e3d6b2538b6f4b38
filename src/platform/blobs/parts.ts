// Uploads under way: each is a file of one folder of the local disk until its bytes are kept somewhere, or discarded.
import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, lstat, open, opendir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { callbackify } from "node:util";
import { type PartialBlob, StorageFull } from "./blob-store.js";

/** A part whose bytes are complete. */
export interface CompletePart {
  readonly path: string;
  /** The open file. */
  readonly file: FileHandle;
  readonly key: string;
  readonly size: number;
}

export interface Parts {
  /** Begins a part; `keep` of it calls `store`, which moves or copies the file to where it stays. */
  begin(store: (part: CompletePart) => Promise<void>): Promise<PartialBlob>;
  /** As `sweepParts` of a store. */
  sweep(olderThanMs: number): Promise<number>;
}

const bufferedBytes = 256 * 1024;
const suffix = ".part";

/** The parts in a folder, which exists. Any number of processes may use it. */
export function partsIn(folder: string): Parts {
  const own = new Set<string>();
  return {
    async begin(store) {
      const name = `${randomUUID()}${suffix}`;
      own.add(name);
      try {
        const path = join(folder, name);
        const file = await open(path, "wx+", 0o600);
        return partialBlob(path, file, store, () => own.delete(name));
      } catch (error) {
        own.delete(name);
        throw told(error);
      }
    },
    async sweep(olderThanMs) {
      let removed = 0;
      for await (const { name } of await opendir(folder)) {
        if (!name.endsWith(suffix) || own.has(name)) continue;
        const path = join(folder, name);
        const found = await lstat(path).catch(absent);
        if (found === undefined || Date.now() - Math.floor(found.mtimeMs) < olderThanMs) continue;
        await rm(path, { force: true });
        removed++;
      }
      return removed;
    },
  };
}

function partialBlob(
  path: string,
  file: FileHandle,
  store: (part: CompletePart) => Promise<void>,
  ended: () => void,
): PartialBlob {
  const hash = createHash("sha256");
  let size = 0;
  let digest: Buffer | undefined;
  let keeping: Promise<string> | undefined;
  let releasing: Promise<void> | undefined;

  async function release(): Promise<void> {
    // Closing waits for writes under way.
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
    ended();
  }
  const releaseOnce = (): Promise<void> => (releasing ??= release());

  const write = callbackify(async (chunks: readonly Buffer[]) => {
    try {
      const { bytesWritten } = await file.writev(chunks);
      const all = chunks.reduce((sum, { length }) => sum + length, 0);
      // A disk that is almost full takes a part; the rest tells the error.
      if (bytesWritten < all) await file.appendFile(Buffer.concat(chunks).subarray(bytesWritten));
    } catch (error) {
      throw told(error);
    }
  });
  const stream = new Writable({
    highWaterMark: bufferedBytes,
    writev(entries, done) {
      const chunks = entries.map(({ chunk }) => chunk as Buffer);
      for (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
      }
      write(chunks, done);
    },
    final(done) {
      digest = hash.digest();
      done();
    },
    destroy(error, done) {
      if (digest !== undefined) done(error);
      else callbackify(releaseOnce)((failed) => done(error ?? failed));
    },
  });
  // A writer without a pipeline hears of an error at `keep`; without a listener it would end the process.
  stream.on("error", () => undefined);

  const sha256 = (): Buffer => {
    if (digest === undefined) throw new Error("The upload is not complete");
    return digest;
  };
  async function keep(): Promise<string> {
    try {
      const key = sha256().toString("hex");
      if (releasing !== undefined) throw new Error("The upload was discarded");
      await store({ path, file, key, size });
      return key;
    } catch (error) {
      throw told(error);
    } finally {
      stream.destroy();
      await releaseOnce();
    }
  }

  return {
    stream,
    path,
    get size() {
      return size;
    },
    sha256,
    keep: () => (keeping ??= keep()),
    async discard() {
      await keeping?.catch(() => undefined);
      stream.destroy();
      await releaseOnce();
    },
  };
}

/** StorageFull for what a disk without room says, and any other error as it is. */
function told(error: unknown): Error {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG")
    return new StorageFull(`There is no room on the disk (${code})`, { cause: error });
  return error as Error;
}

/** Undefined for the error of a file that is not there; throws any other. */
export function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
}
