// A sweep step that deletes rows in batches, so that each of its transactions is short.
import type { Queries } from "../database/database.js";
import type { SweepStep } from "./sweep.js";

const usualBatch = 1_000;
const timeoutMs = 60_000;

/**
 * A step that calls `deleteBatch`, each time in a transaction of its own, until it deletes fewer than `limit` rows; it returns how
 * many. Rows that are locked are left to a later sweep: somebody makes use of them.
 */
export function batchSweep(
  name: string,
  deleteBatch: (queries: Queries, limit: number) => Promise<number>,
  batch = usualBatch,
): SweepStep {
  return {
    name,
    async run(database, signal) {
      let rows = 0;
      while (!signal.aborted) {
        const deleted = await database.transaction((queries) => deleteBatch(queries, batch), { timeoutMs });
        rows += deleted;
        if (deleted < batch) break;
      }
      return { rows, isComplete: true };
    },
  };
}
