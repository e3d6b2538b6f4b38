// The end of API keys: with the account of their owner, and some time after they were revoked or have expired.
import type { SweepStep } from "../../platform/sweep.js";
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

const batch = 1_000;

/** Deletes keys that ended long ago. */
export const sweepKeys: SweepStep = {
  name: "dead API keys",
  async run(database, signal) {
    let deleted = 0;
    while (!signal.aborted) {
      const rows = await database.transaction((queries) => deleteDeadKeys(queries, batch), { timeoutMs: 60_000 });
      deleted += rows;
      if (rows < batch) break;
    }
    return { rows: deleted, isComplete: true };
  },
};
