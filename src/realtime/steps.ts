// The steps of this domain in what several domains do: the end of an account, the sweep.
import type { EndAccountStep } from "../accounts/end-account.js";
import { batchSweep } from "../platform/sweep/batch-sweep.js";
import { deleteOldPresence } from "./presence/presence-store.js";
import { deleteSettings } from "./settings-store.js";
import { deleteOldTickets } from "./tickets-store.js";

/** Deletes what a user has set. */
export const endRealtime: EndAccountStep = async (queries, { id }) => deleteSettings(queries, id);

/** Deletes tickets that nobody has used. */
export const sweepTickets = batchSweep("old tickets", deleteOldTickets);

/** Deletes what processes that were killed have written of who is connected. */
export const sweepPresence = batchSweep("old presence", deleteOldPresence);
