// The jobs of imports: of the imports of a person, the oldest that has not ended has one, and no other. So they are worked on in turn.
import type { Queries } from "../platform/database/database.js";
import { addMissingJobs } from "../platform/jobs/add-job.js";
import type { NewJob } from "../platform/jobs/job.js";
import { listNext, type OpenImport } from "./store.js";

/** The name of the task that works on imports. */
export const task = "import";

/** When an import is given up is said by its row, after attempts that got nowhere: that of the job is never reached. */
const maxAttempts = 30_000;
/** Others are run before, as mail that many get. */
const priority = 10;

const jobOf = ({ id: import_id, user_id }: OpenImport): NewJob => ({
  task,
  payload: { import_id, user_id },
  key: `import:${import_id}`,
  maxAttempts,
  priority,
});

/**
 * Adds the job of a person's next import, unless it has one: to be called in each transaction that begins or ends one. A job whose import
 * has ended by itself does so too, with the person locked, for those that were begun while another transaction ended the one before.
 */
export async function addNextJob(queries: Queries, userId: number): Promise<void> {
  await addMissingJobs(queries, (await listNext(queries, userId)).map(jobOf));
}

/** Adds the jobs that are missing; returns how many. */
export async function addLostJobs(queries: Queries): Promise<number> {
  return addMissingJobs(queries, (await listNext(queries)).map(jobOf));
}
