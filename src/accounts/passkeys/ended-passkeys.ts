// The end of passkeys with the account of their owner, and of challenges that nobody has answered.
import { batchSweep } from "../../platform/sweep/batch-sweep.js";
import type { EndAccountStep } from "../end-account.js";
import { deleteAll, deleteExpiredChallenges } from "./store.js";

/** Removes all passkeys of an account that ends. */
export const endPasskeys: EndAccountStep = (queries, { id }) => deleteAll(queries, id);

/** Deletes challenges that have expired. */
export const sweepPasskeyChallenges = batchSweep("challenges for passkeys", deleteExpiredChallenges);
