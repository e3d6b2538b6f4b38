// Deletes the answers that were kept for idempotency keys and count no more.
import { batchSweep } from "../../platform/sweep/batch-sweep.js";
import { deleteOldKeys } from "./store.js";

/** Deletes the keys of more than 24 hours ago. */
export const sweepIdempotencyKeys = batchSweep("old idempotency keys", deleteOldKeys);
