// What of points and counters ends with an account: all of it. What the person gave to others stays theirs.
import type { EndAccountStep } from "../accounts/end-account.js";
import { deleteCounters } from "./counters-store.js";
import { deletePoints } from "./store.js";

/** Deletes the ledger and the counters of a person. The user is locked, so nothing is added to them any more. */
export const endPoints: EndAccountStep = async (queries, { id }) => {
  await deletePoints(queries, id);
  await deleteCounters(queries, id);
};
