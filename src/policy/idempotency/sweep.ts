// Deletes the answers that were kept for idempotency keys and count no more.
import type { SweepStep } from "../../platform/sweep.js";
import { deleteOldKeys } from "./store.js";

/** For one transaction, so that it stays short. */
const batch = 1_000;
const timeoutMs = 60_000;

/** Deletes the keys of more than 24 hours ago. */
export const sweepIdempotencyKeys: SweepStep = {
  name: "old idempotency keys",
  async run(database, signal) {
    let deleted = 0;
    while (!signal.aborted) {
      const rows = await database.transaction((queries) => deleteOldKeys(queries, batch), { timeoutMs });
      deleted += rows;
      if (rows < batch) break;
    }
    // One that is locked is being replaced.
    return { rows: deleted, isComplete: true };
  },
};
