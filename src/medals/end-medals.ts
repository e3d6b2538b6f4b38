// What of medals ends with an account: those of the person. What they awarded to others stays theirs.
import type { EndAccountStep } from "../accounts/end-account.js";
import { deleteUserMedals } from "./store.js";

/** Deletes the medals of a person. The user is locked, so none is awarded to them any more. */
export const endMedals: EndAccountStep = (queries, { id }) => deleteUserMedals(queries, id);
