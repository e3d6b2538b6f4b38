// What is swept of files: those that nobody has used for a day, contents that no file has, and uploads that no longer count against a
// quota.
import type { BlobStore } from "../platform/blobs/blob-store.js";
import { batchSweep } from "../platform/sweep/batch-sweep.js";
import type { SweepStep } from "../platform/sweep/sweep.js";
import { deleteBlobs, deleteUnclaimed, lockUnused } from "./contents-store.js";
import { sweepUploads } from "./quota-store.js";

/** A store on another machine is asked for each content, while the rows of a batch are locked. */
const batch = 50;
const timeoutMs = 60_000;

/** The steps for files that nobody uses, and for uploads that no longer count. */
export const sweepFiles: SweepStep = batchSweep("unused files", deleteUnclaimed);
export const sweepQuota: SweepStep = batchSweep("counted uploads", sweepUploads);

/**
 * The step for contents that no file has had for an hour. Their rows are locked while the bytes are removed, so that an upload of the
 * same bytes waits, and stores them again. When the process is killed in between, the row is left, and the next sweep removes both.
 */
export function sweepContents(blobs: Pick<BlobStore, "remove">): SweepStep {
  return {
    name: "contents of files",
    async run(database, signal) {
      let rows = 0;
      for (let swept = batch; swept === batch && !signal.aborted; rows += swept)
        swept = await database.transaction(
          async (queries) => {
            const hashes = await lockUnused(queries, batch);
            for (const hash of hashes) await blobs.remove(hash.toString("hex"));
            if (hashes.length > 0) await deleteBlobs(queries, hashes);
            return hashes.length;
          },
          { timeoutMs },
        );
      return { rows, isComplete: true };
    },
  };
}
