// The jobs of webhooks: one for each endpoint with something to send, however much that is.
import type { Queries } from "../platform/database/database.js";
import { addJobs } from "../platform/jobs/add-job.js";
import type { NewJob } from "../platform/jobs/job.js";
import { leaseSeconds } from "./sending-store.js";

/** The name of the task that sends. */
export const task = "webhook";

const jobOf = (webhookId: number, suffix = ""): NewJob => ({
  task,
  payload: { webhook_id: webhookId },
  key: `webhook:${webhookId}${suffix}`,
});

/** The job that sends to an endpoint what is due at a later time. */
export const laterJob = (webhookId: number, runAt: Date): NewJob => ({ ...jobOf(webhookId, ":later"), runAt });

/** The job that looks again whether everything was sent: when the process that sends was killed, its lease has ended by then. */
export const checkJob = (webhookId: number): NewJob => ({
  ...jobOf(webhookId, ":check"),
  runAt: new Date(Date.now() + leaseSeconds * 1_000),
});

/** Has everything sent that is due for some endpoints, in the transaction that has made it due. */
export async function sendSoon(queries: Queries, webhookIds: readonly number[]): Promise<void> {
  if (webhookIds.length > 0)
    await addJobs(
      queries,
      webhookIds.map((id) => jobOf(id)),
    );
}
