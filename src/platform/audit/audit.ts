// The audit: what was done, by whom, by what means and from where. Knows no domain: an action is a name.
import type { AuditMeans, AuditOutcome } from "../../gen/lyceum/v1/audit.js";
import type { Queries } from "../database/database.js";
import { type AuditRow, insertAudit, insertAudits, valuesOf } from "./audit-store.js";

/** The part of a call that is recorded. */
export interface AuditedCall {
  readonly user: { readonly id: number; readonly means: "none" | "bearer" | "cookie" | "api_key" | "operator" };
  readonly client: { readonly address: string };
  readonly requestId: string;
}

/** An act. It has no secret and no text of a message. */
export interface AuditEvent {
  /** What was done, as `domain.act`: `session.begin`, `password.change`. */
  readonly action: `${string}.${string}`;
  /** `success` when absent. */
  readonly outcome?: "success" | "failure";
  /** Who did it, where that is not the caller: a login, a link that works once. */
  readonly actorId?: number;
  /** The kind and the id of what it was done to, such as `["user", 17]`. */
  readonly target?: readonly [type: string, id: number | string];
}

/** An operator at the command line. */
export const operatorCall: AuditedCall = {
  user: { id: 0, means: "operator" },
  client: { address: "" },
  requestId: "",
};

/** Records an act. `queries` is the transaction of the act, so that there is a record of each act that happened, and of no other. */
export async function recordAudit(queries: Queries, call: AuditedCall, event: AuditEvent): Promise<void> {
  await insertAudit(queries, rowOf(call, event));
}

/** Records several acts, in one statement. */
export async function recordAudits(queries: Queries, call: AuditedCall, events: readonly AuditEvent[]): Promise<void> {
  if (events.length === 0) return;
  await insertAudits(
    queries,
    events.map((event) => ({ row: rowOf(call, event), count: 1 })),
  );
}

/** The values of an act for a statement that has `auditInsert` in it. */
export function auditValues(call: AuditedCall, event: AuditEvent): unknown[] {
  return valuesOf(rowOf(call, event));
}

/** The row of an act. */
export function rowOf({ user, client, requestId }: AuditedCall, event: AuditEvent): AuditRow {
  const { action, outcome = "success", actorId, target: [type, id] = ["", ""] } = event;
  return {
    actor_id: actorId ?? (user.id || undefined),
    means: `AUDIT_MEANS_${user.means.toUpperCase()}` as AuditMeans,
    action,
    target_type: type,
    target_id: String(id),
    outcome: `AUDIT_OUTCOME_${outcome.toUpperCase()}` as AuditOutcome,
    address: client.address,
    request_id: requestId,
  };
}
