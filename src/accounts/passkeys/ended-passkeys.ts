// The end of passkeys with the account of their owner, and of challenges that nobody has answered.
import type { SweepStep } from "../../platform/sweep.js";
import type { EndAccountStep } from "../end-account.js";
import { deleteAll, deleteExpiredChallenges } from "./store.js";

/** Removes all passkeys of an account that ends. */
export const endPasskeys: EndAccountStep = (queries, { id }) => deleteAll(queries, id);

const batch = 1_000;

/** Deletes challenges that have expired. */
export const sweepPasskeyChallenges: SweepStep = {
  name: "challenges for passkeys",
  async run(database, signal) {
    let deleted = 0;
    while (!signal.aborted) {
      const rows = await database.transaction((queries) => deleteExpiredChallenges(queries, batch), {
        timeoutMs: 60_000,
      });
      deleted += rows;
      if (rows < batch) break;
    }
    return { rows: deleted, isComplete: true };
  },
};
