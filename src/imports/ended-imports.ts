// What becomes of imports: those of an account that ends, and those that ended long ago.
import type { EndAccountStep } from "../accounts/end-account.js";
import { batchSweep } from "../platform/sweep/batch-sweep.js";
import { cancelImportsOf, deleteEndedImports } from "./store.js";

/** Cancels what the account has begun: nobody is left to see what comes of it. */
export const endImports: EndAccountStep = (queries, { id }) => cancelImportsOf(queries, id);

/** Deletes imports that ended two weeks ago. */
export const sweepImports = batchSweep("imports", deleteEndedImports);
