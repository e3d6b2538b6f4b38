// The end of API keys: with the account of their owner, and some time after they were revoked or have expired.
import { batchSweep } from "../../platform/sweep/batch-sweep.js";
import type { EndAccountStep } from "../end-account.js";
import type { KnownKeys } from "./known-keys.js";
import { deleteDeadKeys, deleteKeys } from "./store.js";

/** Ends all keys of an account that ends. */
export function endKeys(knownKeys: Pick<KnownKeys, "forget">): EndAccountStep {
  return async (queries, { id }) => {
    await deleteKeys(queries, id);
    return () => knownKeys.forget(id);
  };
}

/** Deletes keys that ended long ago. */
export const sweepKeys = batchSweep("dead API keys", deleteDeadKeys);
