// Deletes dead sessions: expired or revoked so long ago that nothing depends on them.
import { batchSweep } from "../../platform/sweep/batch-sweep.js";
import { deleteDeadSessions } from "./store.js";

/** Deletes sessions that have expired or were revoked days ago. */
export const sweepSessions = batchSweep("dead sessions", deleteDeadSessions);
