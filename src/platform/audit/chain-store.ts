// The SQL of the chain: the queue of committed events, and the entries.
import type { AuditEvent } from "../../gen/lyceum/v1/audit.js";
import type { Queries } from "../database/database.js";
import { statement } from "../database/statement.js";
import type { Head, Entry } from "./chain.js";

const columns = `e.id, e.created_at, e.actor_id, e.means, e.action, e.target_type, e.target_id, e.outcome, e.count, e.address,
          e.request_id`;

const hasQueuedRow = statement<{ has_queued: boolean }>(
  "read",
  "has-queued-audit-events",
  "select exists (select from audit_queue) as has_queued",
);

/** Whether an event waits for its entry. */
export async function hasQueued(queries: Queries): Promise<boolean> {
  return (await queries.one(hasQueuedRow, []))!.has_queued;
}

const lockChainRow = statement<{ is_locked: boolean }>(
  "pool",
  "lock-audit-chain",
  "select pg_try_advisory_xact_lock(hashtextextended('audit_chain', 0)) as is_locked",
);

/** Locks the chain until the transaction ends; false when another process has it. */
export async function lockChain(queries: Queries): Promise<boolean> {
  return (await queries.one(lockChainRow, []))!.is_locked;
}

const findHeadRow = statement<Head>(
  "pool",
  "find-audit-head",
  "select position, hash from audit_chain order by position desc limit 1",
);

/** The last entry; undefined in an empty chain. */
export async function findHead(queries: Queries): Promise<Head | undefined> {
  return queries.one(findHeadRow, []);
}

const takeQueuedRows = statement<AuditEvent>(
  "pool",
  "take-queued-audit-events",
  `with taken as (
     delete from audit_queue where turn = any (array(select turn from audit_queue order by turn limit $1)) returning turn, event_id
   )
   select ${columns} from taken join audit_events e on e.id = taken.event_id order by taken.turn`,
);

/** Takes up to `limit` events from the queue, in the order of their commits. */
export async function takeQueued(queries: Queries, limit: number): Promise<AuditEvent[]> {
  return queries.many(takeQueuedRows, [limit]);
}

const insertEntryRows = statement<object>(
  "pool",
  "insert-audit-entries",
  `insert into audit_chain (position, event_id, key_id, previous_hash, event_hash, hash)
   select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bytea[], $5::bytea[], $6::bytea[])`,
);

/** Inserts entries. The chain must be locked. */
export async function insertEntries(queries: Queries, entries: readonly Entry[]): Promise<void> {
  await queries.one(insertEntryRows, [
    entries.map(({ position }) => position),
    entries.map(({ event_id }) => event_id),
    entries.map(({ key_id }) => key_id),
    entries.map(({ previous_hash }) => previous_hash),
    entries.map(({ event_hash }) => event_hash),
    entries.map(({ hash }) => hash),
  ]);
}

/** An entry, and the columns of its event: all undefined when there is no such event. */
export type ChainedEvent = Entry & Partial<AuditEvent>;

const listEntryRows = statement<ChainedEvent>(
  "pool",
  "list-audit-entries",
  `select c.position, c.event_id, c.key_id, c.previous_hash, c.event_hash, c.hash, ${columns}
     from (select * from audit_chain where (position, event_id) > ($1::bigint, $2::bigint)
            order by position, event_id limit $3) c
     left join audit_events e on e.id = c.event_id
    order by c.position, c.event_id`,
);

/** Up to `limit` entries after one, in their order. */
export async function listEntries(
  queries: Queries,
  { position, event_id }: Pick<Entry, "position" | "event_id">,
  limit: number,
): Promise<ChainedEvent[]> {
  return queries.many(listEntryRows, [position, event_id, limit]);
}

const findPositionRow = statement<{ position: number }>(
  "pool",
  "find-audit-position",
  "select min(position) as position from audit_chain where event_hash = $1 having count(*) > 0",
);

/** The first position at which an event with this hash was chained. Reads the whole chain. */
export async function findPosition(queries: Queries, eventHash: Buffer): Promise<number | undefined> {
  return (await queries.one(findPositionRow, [eventHash]))?.position;
}

/** An event, and whether it is in the chain, waits for its entry, or neither. */
export interface EventPlace {
  readonly id: number;
  readonly is_chained: boolean;
  readonly is_queued: boolean;
}

const listPlaceRows = statement<EventPlace>(
  "pool",
  "list-audit-places",
  // One statement, so that an event that is chained meanwhile is one or the other.
  `select e.id, exists (select from audit_chain c where c.event_id = e.id) as is_chained,
          q.event_id is not null as is_queued
     from (select id from audit_events where id > $1 order by id limit $2) e
     left join (select distinct event_id from audit_queue) q on q.event_id = e.id
    order by e.id`,
);

/** The places of up to `limit` events with greater ids, in the order of their ids. */
export async function listPlaces(queries: Queries, afterId: number, limit: number): Promise<EventPlace[]> {
  return queries.many(listPlaceRows, [afterId, limit]);
}
