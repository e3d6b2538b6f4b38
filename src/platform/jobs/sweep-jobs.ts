// What is swept of jobs.
import { batchSweep } from "../sweep/batch-sweep.js";
import { deleteDead } from "./worker-store.js";

/** Deletes jobs that have been dead for thirty days. */
export const sweepJobs = batchSweep("dead jobs", deleteDead);
