// The SQL that lists the audit. A page starts at a time and an id, by an index.
import type { AuditEvent, ListAuditEventsRequest } from "../gen/lyceum/v1/audit.js";
import type { Queries } from "../platform/database/database.js";
import { type Statement, statement } from "../platform/database/statement.js";
import { wholeMsFrom, wholeMsUntil } from "../platform/milliseconds.js";
import type { KeysetPage } from "../platform/page.js";

/** What a list is filtered by. */
export type Filters = Partial<Omit<ListAuditEventsRequest, "limit" | "skip" | "page_token">>;

interface Filter {
  readonly name: string;
  /** Undefined where the request does not filter by it. */
  readonly value: (by: Filters) => unknown;
  /** The value of a client is a parameter, and never part of the SQL. */
  readonly sql: (parameter: string) => string;
}

const isPrefix = ({ action }: Filters): boolean => action?.endsWith("*") === true;

const filters: readonly Filter[] = [
  { name: "actor", value: (by) => by.actor_id, sql: (value) => `e.actor_id = ${value}` },
  { name: "action", value: (by) => (isPrefix(by) ? undefined : by.action), sql: (value) => `e.action = ${value}` },
  {
    name: "actions",
    value: (by) => (isPrefix(by) ? by.action!.slice(0, -1) : undefined),
    // Not `like`, in which an underscore is any letter. The column is ASCII: `~` comes after all of it.
    sql: (value) => `e.action ~>=~ ${value}::text and e.action ~<~ (${value}::text || '~')`,
  },
  { name: "type", value: (by) => by.target_type, sql: (value) => `e.target_type = ${value}` },
  { name: "target", value: (by) => by.target_id, sql: (value) => `e.target_id = ${value}` },
  { name: "outcome", value: (by) => by.outcome, sql: (value) => `e.outcome = ${value}` },
  { name: "request", value: (by) => by.request_id, sql: (value) => `e.request_id = ${value}` },
  {
    // An event has a whole millisecond, and Postgres would round a finer bound.
    name: "from",
    value: ({ created_after: moment }) => moment && wholeMsUntil(moment),
    sql: (value) => `e.created_at > ${value}::timestamptz(3)`,
  },
  {
    name: "to",
    value: ({ created_before: moment }) => moment && wholeMsFrom(moment),
    sql: (value) => `e.created_at < ${value}::timestamptz(3)`,
  },
];

/** SQL for the moment of a page's key, in milliseconds since 1970: a token is not signed, and no moment is out of range. */
const momentOf = (value: string): string =>
  `'epoch'::timestamptz + least(greatest(${value}::bigint, 0), 253402300799999) * interval '1 millisecond'`;

const listStatements = new Map<string, Statement<AuditEvent>>();

function listStatement(used: readonly Filter[], isNext: boolean): Statement<AuditEvent> {
  // With all filters at most 63 bytes.
  const name = ["audit", ...used.map((filter) => filter.name), isNext && "next"].filter(Boolean).join("-");
  const known = listStatements.get(name);
  if (known) return known;
  const conditions = used.map(({ sql }, at) => sql(`$${at + 3}`));
  const [moment, id] = [`$${used.length + 3}`, `$${used.length + 4}`];
  if (isNext) conditions.push(`(e.created_at, e.id) < (${momentOf(moment)}, ${id}::bigint)`);
  const made = statement<AuditEvent>(
    "pool",
    name,
    `select e.id, e.created_at, e.actor_id, e.means, e.action, e.target_type, e.target_id, e.outcome, e.count, e.address,
            e.request_id
       from audit_events e
      ${conditions.length > 0 ? `where ${conditions.join("\n        and ")}` : ""}
      order by e.created_at desc, e.id desc limit $1 offset $2`,
  );
  listStatements.set(name, made);
  return made;
}

/** The events that match all filters, the newest first. `page.after` is milliseconds since 1970 and an id. */
export async function listEvents(queries: Queries, by: Filters, page: KeysetPage): Promise<AuditEvent[]> {
  const { after = [], limit, skip } = page;
  const used = filters.filter(({ value }) => value(by) !== undefined);
  const values = used.map(({ value }) => value(by));
  return queries.many(listStatement(used, after.length > 0), [limit, skip, ...values, ...after]);
}
