// The SQL that inserts acts: one row for each, in the transaction of the act. Nothing else writes the table.
import type { AuditMeans, AuditOutcome } from "../../gen/lyceum/v1/audit.js";
import type { Queries } from "../database/database.js";
import { statement } from "../database/statement.js";

/** A row that is not inserted yet. */
export interface AuditRow {
  readonly actor_id: number | undefined;
  readonly means: AuditMeans;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string;
  readonly outcome: AuditOutcome;
  readonly address: string;
  readonly request_id: string;
}

const columns = "actor_id, means, action, target_type, target_id, outcome, address, request_id";

/** The values of a row, in the order of the parameters of `auditInsert`. */
export function valuesOf(row: AuditRow): unknown[] {
  const { actor_id, means, action, target_type, target_id, outcome, address, request_id } = row;
  return [actor_id, means, action, target_type, target_id, outcome, address, request_id];
}

/** SQL for what the values of an act do not say, over the columns of its source. */
interface Known {
  /** For the actor, where the values have none. */
  readonly actorId?: string;
  /** For the id of the target, where that of the values is empty. */
  readonly targetId?: string;
}

/**
 * SQL that inserts one row for each row of `source`, for a statement that does its act on a lane: its eight parameters begin with
 * $`first`.
 */
export const auditInsert = (source: string, first: number, { actorId, targetId }: Known = {}): string => {
  const [actor, means, action, type, id, ...others] = columns
    .split(", ")
    .map((name, at) => `$${first + at}::${name === "actor_id" ? "bigint" : "text"}`);
  const values = [
    actorId === undefined ? actor : `coalesce(${actor}, ${actorId})`,
    means,
    action,
    type,
    targetId === undefined ? id : `coalesce(nullif(${id}, ''), ${targetId}::text)`,
    ...others,
  ];
  return `insert into audit_events (${columns}) select ${values.join(", ")} from ${source}`;
};

const insertAuditRow = statement<object>("pool", "insert-audit-event", auditInsert("(select) act", 1));

/** Inserts a row. */
export async function insertAudit(queries: Queries, row: AuditRow): Promise<void> {
  await queries.one(insertAuditRow, valuesOf(row));
}

const insertAuditRows = statement<object>(
  "pool",
  "insert-audit-events",
  `insert into audit_events (${columns}, count)
   select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::integer[])`,
);

/** Inserts rows in one statement. `count` is of how many refused tries a row stands. */
export async function insertAudits(
  queries: Queries,
  rows: readonly { readonly row: AuditRow; readonly count: number }[],
): Promise<void> {
  const values = rows.map(({ row, count }) => [...valuesOf(row), count]);
  await queries.one(
    insertAuditRows,
    Array.from({ length: 9 }, (_, at) => values.map((each) => each[at] ?? null)),
  );
}
