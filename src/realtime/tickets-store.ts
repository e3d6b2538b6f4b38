// The SQL of tickets. Each is known by the hash of its text alone.
import type { Role } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

/** Whom a ticket is for. */
export interface TicketHolder {
  readonly user_id: number;
  readonly session_id: string;
  readonly role: Role;
}

const insertRow = statement<{ expires_at: string }>(
  "write",
  "insert-realtime-ticket",
  `insert into realtime_tickets (token_hash, user_id, session_id, role, expires_at)
   values ($1, $2, $3::uuid, $4, date_trunc('milliseconds', now()) + make_interval(secs => $5))
   returning expires_at`,
);

/** Inserts a ticket that is valid for so many seconds; returns until when. */
export async function insertTicket(
  queries: Queries,
  tokenHash: Buffer,
  { user_id, session_id, role }: TicketHolder,
  seconds: number,
): Promise<string> {
  return (await queries.one(insertRow, [tokenHash, user_id, session_id, role, seconds]))!.expires_at;
}

const takeRow = statement<TicketHolder & { is_valid: boolean }>(
  "write",
  "take-realtime-ticket",
  `delete from realtime_tickets where token_hash = $1
   returning user_id, session_id::text as session_id, role, expires_at > now() as is_valid`,
);

/** Takes a ticket, which works once: undefined when there is none, or when it was too old. */
export async function takeTicket(queries: Queries, tokenHash: Buffer): Promise<TicketHolder | undefined> {
  const taken = await queries.one(takeRow, [tokenHash]);
  return taken?.is_valid ? { user_id: taken.user_id, session_id: taken.session_id, role: taken.role } : undefined;
}

const deleteOldRows = statement<object>(
  "pool",
  "delete-old-realtime-tickets",
  `delete from realtime_tickets
    where token_hash = any (array(select token_hash from realtime_tickets where expires_at < now() limit $1 for update skip locked))
   returning user_id`,
);

/** Deletes up to `limit` tickets that are too old; returns how many. */
export async function deleteOldTickets(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(deleteOldRows, [limit])).length;
}
