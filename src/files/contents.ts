// The contents of files, between the store and the database: bytes are stored before a row says so, and removed before their row is
// gone, so that there is never a file without its content, nor a content that no sweep knows.
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { Logger } from "pino";
import type { Content } from "../contract/streams/content-stream.js";
import { ApiError } from "../errors.js";
import { BlobLost, type BlobStore, type PartialBlob } from "../platform/blobs/blob-store.js";
import type { Database } from "../platform/database/database.js";
import { contentDisposition } from "../platform/media/content-disposition.js";
import { servingOf } from "../platform/media/serving.js";
import { markLost, touchBlobs } from "./contents-store.js";
import type { StoredContent } from "./store.js";

/** Keeps the bytes of complete parts, after their hashes are in the database. Their parts are used up. */
export async function keepAll(database: Database, parts: readonly PartialBlob[]): Promise<void> {
  await touchBlobs(
    database,
    parts.map((part) => part.sha256()),
  );
  for (const part of parts) await part.keep();
}

/** Writes bytes that are in memory into a part, to its end. */
export async function writePart(part: PartialBlob, data: Buffer): Promise<void> {
  part.stream.end(data);
  await finished(part.stream);
}

export interface Serving {
  readonly blobs: BlobStore;
  readonly database: Database;
  readonly log: Logger;
}

/** How long a browser keeps a content, in seconds, unless its link expires before. */
const keptSeconds = 24 * 3600;

/**
 * The answer with a stored content: it is opened when its first byte is needed. Opening throws FILE_LOST when the store has it not, and
 * StoreUnavailable while the store does not answer.
 */
export function contentOf(
  stored: StoredContent,
  { blobs, database, log }: Serving,
  link?: { readonly secondsLeft: number },
): Content {
  const { file_id, name, size, sha256 } = stored;
  const { contentType, kind } = servingOf(stored.media_type);
  const key = sha256.toString("hex");
  return {
    content_type: contentType,
    size,
    sha256,
    disposition: contentDisposition(kind, name),
    max_age_seconds: Math.min(keptSeconds, link?.secondsLeft ?? keptSeconds),
    is_for_all_origins: link !== undefined,
    async open(range) {
      try {
        if (size === 0 && (await blobs.has(key))) return Readable.from([]);
        return await blobs.open(key, { ...range, size });
      } catch (error) {
        if (!(error instanceof BlobLost)) throw error;
        const isNew = await markLost(database, sha256);
        log[isNew ? "error" : "warn"]({ file_id, sha256: key }, "the content of a file is lost: the store has it not");
        throw new ApiError("FILE_LOST", `The content of file with id=${file_id} is lost`, { cause: error });
      }
    },
  };
}
