// The SQL of the audit: one row for each act. Written here alone, in the transaction of the act.
import type { Queries } from "../database/database.js";
import { statement } from "../database/statement.js";

/** A row that is not inserted yet. */
export interface AuditRow {
  readonly actor_id: number | undefined;
  readonly means: string;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string;
  readonly outcome: "success" | "failure";
  readonly address: string;
  readonly request_id: string;
}

const insertAuditRow = statement<object>(
  "pool",
  "insert-audit-event",
  `insert into audit_events (actor_id, means, action, target_type, target_id, outcome, address, request_id)
   values ($1, $2, $3, $4, $5, $6, $7, $8)`,
);

/** Inserts a row. */
export async function insertAudit(queries: Queries, row: AuditRow): Promise<void> {
  await queries.one(insertAuditRow, [
    row.actor_id,
    row.means,
    row.action,
    row.target_type,
    row.target_id,
    row.outcome,
    row.address,
    row.request_id,
  ]);
}
