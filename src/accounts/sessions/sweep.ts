// Deletes dead sessions: expired or revoked so long ago that nothing depends on them.
import type { SweepStep } from "../../platform/sweep.js";
import { deleteDeadSessions } from "./store.js";

/** For one transaction, so that it stays short. */
const batch = 1_000;
const timeoutMs = 60_000;

/** Deletes sessions that have expired or were revoked days ago. */
export const sweepSessions: SweepStep = {
  name: "dead sessions",
  async run(database, signal) {
    let deleted = 0;
    while (!signal.aborted) {
      const rows = await database.transaction((queries) => deleteDeadSessions(queries, batch), { timeoutMs });
      deleted += rows;
      if (rows < batch) break;
    }
    // Of a session that is locked somebody makes use.
    return { rows: deleted, isComplete: true };
  },
};
