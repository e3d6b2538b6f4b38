// What the client of an upload is told when the disk of the database, or of the uploaded bytes, is full.
import type { Caller } from "../call.js";
import type { Around } from "../contract/around.js";
import { ApiError } from "../errors.js";
import { StorageFull } from "../platform/blobs/blob-store.js";
import { isDiskFull } from "../platform/database/database.js";

/**
 * On methods that take uploads: throws STORAGE_FULL (507) when a disk is full, also in place of DATABASE_UNAVAILABLE (503).
 */
export const storageFull: Around<Caller> = ({ consumes }) => {
  if (consumes.length === 0) return undefined;
  return async (_, next) => {
    try {
      return await next();
    } catch (error) {
      if (!isDiskFull(error) && !(error instanceof StorageFull)) throw error;
      throw new ApiError("STORAGE_FULL", "The server has no room for this upload now", { cause: error });
    }
  };
};
