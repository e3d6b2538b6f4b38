// What is swept of jobs.
import { batchSweep } from "./batch-sweep.js";
import { deleteDead } from "../jobs/worker-store.js";

/** Deletes jobs that have been dead for thirty days. */
export const sweepJobs = batchSweep("dead jobs", deleteDead);
