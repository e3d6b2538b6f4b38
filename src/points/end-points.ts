// What of points and counters ends with an account: all of it. What the person gave to others stays theirs.
import type { EndAccountStep } from "../accounts/end-account.js";
import { deletePoints } from "./store.js";

/** Deletes the ledger of a person. The user is locked, so nothing is added to it any more. */
export const endPoints: EndAccountStep = (queries, { id }) => deletePoints(queries, id);
