// The jobs of the server, for those who look after it. What is in them is written by platform/jobs/.
import type { Handlers } from "../call.js";
import type { JobService } from "../gen/lyceum/v1/job.js";
import { auditedActs } from "../platform/audit/audited-acts.js";
import { cancelJobs, listJobs, retryJobs } from "../platform/jobs/listing-store.js";

/** The handlers of JobService. */
export function jobHandlers(): Handlers<JobService> {
  return {
    async listJobs({ state, task, below_id }, { database }) {
      const jobs = await listJobs(database, { state, task, belowId: below_id });
      return { jobs, count: jobs[0]?.count ?? 0 };
    },

    async retryJobs({ ids }, call) {
      return { count: await auditedActs(call, "job.retry", "job", (queries) => retryJobs(queries, ids)) };
    },

    async cancelJobs({ ids }, call) {
      return { count: await auditedActs(call, "job.cancel", "job", (queries) => cancelJobs(queries, ids)) };
    },
  };
}
