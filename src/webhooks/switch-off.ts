// Endpoints that are switched off by the server: it is recorded, and their owner is told.
import type { WebhookDisabledReason } from "../gen/lyceum/v1/webhook.js";
import { type AuditedCall, recordAudits } from "../platform/audit/audit.js";
import type { Database, Queries } from "../platform/database/database.js";
import { recordUpdates } from "../platform/updates/updates.js";
import { type SwitchedOff, switchOff, switchOffOthers } from "./store.js";

/** Nobody has asked for it. */
const byItself: AuditedCall = { user: { id: 0, means: "none" }, client: { address: "" }, requestId: "" };

/** Switches an endpoint off; one that is off already stays so. */
export async function switchOffWebhook(database: Database, id: number, reason: WebhookDisabledReason): Promise<void> {
  await database.transaction(async (queries) => {
    const off = await switchOff(queries, id, reason);
    if (off) await record(queries, [off]);
  });
}

/** Switches off the endpoints of those who are no super admins any more; returns how many. */
export async function switchOffWebhooksOfOthers(database: Database): Promise<number> {
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
