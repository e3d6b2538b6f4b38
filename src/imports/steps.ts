// What becomes of imports without a request: when their account ends, when their job is lost, and with time.
import type { EndAccountStep } from "../accounts/end-account.js";
import { batchSweep } from "../platform/sweep/batch-sweep.js";
import type { SweepStep } from "../platform/sweep/sweep.js";
import { addLostJobs } from "./jobs.js";
import { cancelImportsOf, deleteEndedImports } from "./store.js";

/** Cancels what the account has begun: nobody is left to see what comes of it. */
export const endImports: EndAccountStep = (queries, { id }) => cancelImportsOf(queries, id);

/** Deletes imports that ended two weeks ago. */
export const sweepImports = batchSweep("imports", deleteEndedImports);

/** Adds a job for imports that have none, such as those that were begun before imports had jobs. */
export const resumeImports: SweepStep = {
  name: "imports without a job",
  run: async (database) => ({ rows: await addLostJobs(database), isComplete: true }),
};
