// An import's file that was uploaded before: whose it must be, and its bytes.
import { buffer } from "node:stream/consumers";
import type { Call } from "../call.js";
import { ApiError } from "../errors.js";
import { contentOf } from "../files/contents.js";
import type { BlobStore } from "../platform/blobs/blob-store.js";
import { invalidFile, mostBytes } from "./file.js";
import { findUploaded } from "./store.js";

/** Of a source the server takes text in UTF-8 alone; a file in another encoding is uploaded as an attachment. */
const purposes: ReadonlySet<string> = new Set(["FILE_PURPOSE_SOURCE", "FILE_PURPOSE_ATTACHMENT"]);

/**
 * The bytes of a file that the caller has uploaded and nothing uses: it stays as it is. Throws FILE_NOT_FOUND, FILE_NOT_USABLE,
 * FILE_LOST, and INVALID_CSV for one that is larger than an import's.
 */
export async function readUploaded(blobs: BlobStore, fileId: number, call: Call): Promise<Buffer> {
  const { database, user, log } = call;
  const file = await findUploaded(database, fileId, user.id);
  if (!file) throw new ApiError("FILE_NOT_FOUND", `File with id=${fileId} does not exist`);
  if (file.is_claimed || !purposes.has(file.purpose))
    throw new ApiError("FILE_NOT_USABLE", `File with id=${fileId} is in use, or was uploaded for something else`);
  if (file.size > mostBytes) throw invalidFile("file_id", `The file is larger than ${mostBytes} bytes`, "csv.size");
  return buffer(await contentOf(file, { blobs, database, log }).open(undefined));
}
