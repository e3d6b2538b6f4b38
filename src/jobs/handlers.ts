// The jobs of the server, for those who look after it. What is in them is written by platform/jobs/.
import type { Call, Handlers } from "../call.js";
import type { JobService } from "../gen/lyceum/v1/job.js";
import { type AuditEvent, recordAudits } from "../platform/audit/audit.js";
import type { Queries } from "../platform/database/database.js";
import { cancelJobs, listJobs, retryJobs } from "../platform/jobs/listing-store.js";

/** The handlers of JobService. */
export function jobHandlers(): Handlers<JobService> {
  return {
    async listJobs({ state, task, below_id }, { database }) {
      const jobs = await listJobs(database, { state, task, belowId: below_id });
      return { jobs, count: jobs[0]?.count ?? 0 };
    },

    async retryJobs({ ids }, call) {
      return { count: await recorded(call, "job.retry", (queries) => retryJobs(queries, ids)) };
    },

    async cancelJobs({ ids }, call) {
      return { count: await recorded(call, "job.cancel", (queries) => cancelJobs(queries, ids)) };
    },
  };
}

/** Does an act on several jobs, and records each. */
async function recorded(
  call: Call,
  action: AuditEvent["action"],
  act: (queries: Queries) => Promise<readonly number[]>,
): Promise<number> {
  return call.database.transaction(async (queries) => {
    const ids = await act(queries);
    await recordAudits(
      queries,
      call,
      ids.map((id) => ({ action, target: ["job", id] })),
    );
    return ids.length;
  });
}
