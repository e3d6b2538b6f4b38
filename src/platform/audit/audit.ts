// The audit: what was done, by whom, by what means and from where. Knows no domain: an action is a name.
import type { Queries } from "../database/database.js";
import { insertAudit } from "./audit-store.js";

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
  const [type, id] = event.target ?? ["", ""];
  await insertAudit(queries, {
    actor_id: event.actorId ?? (call.user.id || undefined),
    means: call.user.means,
    action: event.action,
    target_type: type,
    target_id: String(id),
    outcome: event.outcome ?? "success",
    address: call.client.address,
    request_id: call.requestId,
  });
}
