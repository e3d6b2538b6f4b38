// What becomes of endpoints and deliveries without a request: when their owner goes, with failures, and with time.
import type { EndAccountStep } from "../accounts/end-account.js";
import type { WebhookDisabledReason } from "../gen/lyceum/v1/webhook.js";
import { type AuditedCall, recordAudits } from "../platform/audit/audit.js";
import type { Database, Queries } from "../platform/database/database.js";
import { batchSweep } from "../platform/sweep/batch-sweep.js";
import type { SweepStep } from "../platform/sweep/sweep.js";
import { recordUpdates } from "../platform/updates/updates.js";
import { deleteOld } from "./deliveries-store.js";
import { sendSoon } from "./jobs.js";
import { listForgotten } from "./sending-store.js";
import { deleteWebhooks, type SwitchedOff, switchOff, switchOffOthers } from "./store.js";

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

/** Nobody has asked for it. */
const byItself: AuditedCall = { user: { id: 0, means: "none" }, client: { address: "" }, requestId: "" };

/** Switches an endpoint off; one that is off already stays so. */
export async function switchOffWebhook(database: Database, id: number, reason: WebhookDisabledReason): Promise<void> {
  await database.transaction(async (queries) => {
    const off = await switchOff(queries, id, reason);
    if (off) await record(queries, [off]);
  });
}

async function switchOffWebhooksOfOthers(database: Database): Promise<number> {
  return database.transaction(async (queries) => {
    const off = await switchOffOthers(queries);
    await record(queries, off);
    return off.length;
  });
}

async function record(queries: Queries, all: readonly SwitchedOff[]): Promise<void> {
  await recordAudits(
    queries,
    byItself,
    all.map(({ id }) => ({ action: "webhook.switch_off", target: ["webhook", id] })),
  );
  await recordUpdates(
    queries,
    undefined,
    all.map(({ id, user_id }) => ({ topic: `user:${user_id}`, kind: "webhook.switched_off", subjectId: id })),
  );
}
