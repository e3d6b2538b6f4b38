// The task of the jobs of webhooks.
import { setTimeout as delay } from "node:timers/promises";
import { addJobs } from "../platform/jobs/add-job.js";
import type { Task } from "../platform/jobs/job.js";
import { checkJob, task } from "./jobs.js";
import type { Sender } from "./sender.js";

/** For how long a job waits for what it has begun: longer, and slow endpoints would take the workers from other jobs. */
const patienceMs = 50;

/** The task that has deliveries sent. */
export function webhookTask(sender: Pick<Sender, "send">): Task {
  return {
    name: task,
    async run(payload, { database, signal }) {
      const { webhook_id } = payload as { webhook_id: number };
      const sent = sender.send(webhook_id);
      if (await Promise.race([sent, delay(patienceMs, false, { signal })])) return;
      // It goes on by itself, or another process has the endpoint.
      sent.catch(() => undefined);
      await addJobs(database, [checkJob(webhook_id)]);
    },
  };
}
