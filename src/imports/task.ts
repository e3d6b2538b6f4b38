// The task of the jobs of imports: takes the import of a job, and has it worked on to its end.
import { randomUUID } from "node:crypto";
import { RetryLater, retryMs, type Task } from "../platform/jobs/job.js";
import { lockUsersToChange } from "../users/standing.js";
import { addNextJob, task } from "./jobs.js";
import { type ImportDeps, mostAttempts, NotHeld, runImport } from "./run-import.js";
import { releaseImport, takeImport } from "./work-store.js";

/** The most imports that a process works on at once. */
const mostAtOnce = 2;

/** The task of imports, for a process that runs `concurrency` jobs at once: one of these is left to others, where there are two. */
export function importTask(deps: ImportDeps & { readonly concurrency: number }): Task {
  return {
    name: task,
    atOnce: Math.max(1, Math.min(mostAtOnce, deps.concurrency - 1)),
    async run(payload, work) {
      const { import_id, user_id } = payload as { import_id: number; user_id: number };
      const { database, signal } = work;
      const log = work.log.child({ import_id });
      const holder = randomUUID();
      const begunAt = performance.now();
      let failures = 1;
      try {
        const taken = await takeImport(database, import_id, holder);
        if (!taken) throw new NotHeld();
        failures = Math.min(taken.attempts, mostAttempts);
        await runImport(deps, taken, holder, work);
        log.info({ duration_ms: Math.round(performance.now() - begunAt) }, "an import has ended");
      } catch (error) {
        if (signal.aborted) {
          await releaseImport(database, import_id, holder).catch(() => undefined);
          throw error;
        }
        if (!(error instanceof NotHeld)) {
          log.error({ err: error }, "an import has failed in the middle; it is taken again");
          throw new RetryLater(new Date(Date.now() + retryMs(failures)), { cause: error });
        }
        log.info("an import was cancelled, or another process goes on with it");
        await database.transaction(async (queries) => {
          await lockUsersToChange(queries, [user_id]);
          await addNextJob(queries, user_id);
        });
      }
    },
  };
}
