// The store of the configuration, opened.
import { join } from "node:path";
import type { Logger } from "pino";
import type { Config } from "../../config.js";
import { makeFolder } from "../folders.js";
import { fileTrouble, OperatorError } from "../operator-error.js";
import type { BlobStore } from "./blob-store.js";
import { openFolderStore } from "./folder-store.js";
import { S3Refusal } from "./s3-client.js";
import { s3Store, type S3StoreOptions } from "./s3-store.js";

/**
 * Opens the store that FILES_URL names. Rejects with an OperatorError where its folder cannot be made, or the server of its bucket
 * refuses us. A server that does not answer is a warning: uploads and downloads fail meanwhile, and all else works.
 */
export async function openBlobStore(
  { files, dataDir }: Pick<Config, "files" | "dataDir">,
  log: Logger,
  options: S3StoreOptions = {},
): Promise<BlobStore> {
  const folder = files.kind === "folder" ? files.folder : join(dataDir, "files");
  try {
    if (files.kind === "folder") return await openFolderStore(folder);
    makeFolder(join(folder, "parts"), 0o700);
  } catch (error) {
    throw fileTrouble(error, folder) ?? error;
  }
  const store = s3Store(files, join(folder, "parts"), options);
  try {
    await store.check();
  } catch (error) {
    if (error instanceof S3Refusal) {
      await store.close();
      throw new OperatorError(
        `The bucket of FILES_URL cannot be used: correct its name, its region or its key. (${error.message})`,
        { cause: error },
      );
    }
    log.warn({ err: error }, "the store of files does not answer: uploads and downloads fail until it does");
  }
  return store;
}
