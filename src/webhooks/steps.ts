// What becomes of endpoints and deliveries without a request: when their owner goes, and with time.
import type { EndAccountStep } from "../accounts/end-account.js";
import { batchSweep } from "../platform/sweep/batch-sweep.js";
import type { SweepStep } from "../platform/sweep/sweep.js";
import { deleteOld } from "./deliveries-store.js";
import { sendSoon } from "./jobs.js";
import { listForgotten } from "./sending-store.js";
import { deleteWebhooks } from "./store.js";
import { switchOffWebhooksOfOthers } from "./switch-off.js";

/** Deletes the endpoints of an account that ends. */
export const endWebhooks: EndAccountStep = (queries, { id }) => deleteWebhooks(queries, id);

/** Switches off the endpoints of those who are no super admins any more: they hear of nothing from that moment on. */
export const endWebhooksOfOthers: SweepStep = {
  name: "webhooks of former super admins",
  run: async (database) => ({ rows: await switchOffWebhooksOfOthers(database), isComplete: true }),
};

/** Deletes deliveries that were made 30 days ago. */
export const sweepDeliveries = batchSweep("webhook deliveries", deleteOld);

/** Adds a job for endpoints whose own was lost, such as by somebody who has cancelled it. */
export const resumeWebhooks: SweepStep = {
  name: "webhooks without a job",
  async run(database) {
    const ids = await listForgotten(database);
    await sendSoon(database, ids);
    return { rows: ids.length, isComplete: true };
  },
};
