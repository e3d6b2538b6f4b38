// The SQL of events: whom they are for and what is shown of them. The SQL itself hides them from those who may not see them.
import type { Caller } from "../call.js";
import type { Event } from "../gen/lyceum/v1/event.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import { isSeen } from "./audience-store.js";
import { keepFormerStart } from "./former-starts-store.js";
import { ownRegistration } from "./registration-columns-store.js";
import { nextReminder } from "./reminder-times.js";

/** The columns of an event `e`, for the viewer $1. */
export const columns = `e.id, e.author_id, e.title, e.text, e.place, e.starts_at, e.ends_at, e.time_zone,
  json_build_object('is_for_all', e.is_for_all,
    'group_ids', array(select g.group_id from event_groups g where g.event_id = e.id order by g.group_id)) as audience,
  e.seats, e.registered_count, e.waiting_count, e.cancelled_at, e.cancellation_reason,
  ${ownRegistration("e.id", "$1")} as registration,
  e.created_at, e.updated_at, e.version`;

/** What staff say of an event. */
export type EventDraft = Pick<Event, "title" | "text" | "place" | "starts_at" | "ends_at" | "time_zone" | "seats"> & {
  readonly is_for_all: boolean;
};

const insertEventRow = statement<{ id: number }>(
  "pool",
  "insert-event",
  `insert into events (author_id, title, text, place, starts_at, ends_at, time_zone, is_for_all, seats)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id`,
);

const valuesOf = ({ title, text, place, starts_at, ends_at, time_zone, is_for_all, seats }: EventDraft) =>
  [title, text, place, starts_at, ends_at, time_zone, is_for_all, seats] as const;

/** Inserts an event without an audience of groups; returns its id. */
export async function insertEvent(queries: Queries, authorId: number, draft: EventDraft): Promise<number> {
  return (await queries.one(insertEventRow, [authorId, ...valuesOf(draft)]))!.id;
}

const findEventRow = statement<Event>(
  "read",
  "find-event",
  `select ${columns} from events e where e.id = $3 and ${isSeen}`,
);

/** An event; undefined when there is none that the viewer may see. */
export async function findEvent(queries: Queries, viewer: Caller, id: number): Promise<Event | undefined> {
  return queries.one(findEventRow, [viewer.id, viewer.role, id]);
}

const lockEventRow = statement<object>(
  "pool",
  "lock-event",
  `select id from events e where e.id = $3 and ${isSeen} for no key update`,
);

/** An event that is locked. */
export type LockedEvent = Event & {
  /** Whether it has begun. */
  readonly has_begun: boolean;
};

const findLockedRow = statement<LockedEvent>(
  "pool",
  "find-locked-event",
  `select ${columns}, e.starts_at <= clock_timestamp() as has_begun from events e where e.id = $2`,
);

/** Locks an event against every change until the transaction ends; undefined when there is none that the viewer may see. */
export async function lockEvent(queries: Queries, viewer: Caller, id: number): Promise<LockedEvent | undefined> {
  if (!(await queries.one(lockEventRow, [viewer.id, viewer.role, id]))) return undefined;
  // A statement of its own, after the lock: one that waits for a lock still reads the other tables from before it waited.
  return queries.one(findLockedRow, [viewer.id, id]);
}

const updateEventRow = statement<object>(
  "pool",
  "update-event",
  `with ${keepFormerStart("e.id = $1 and e.starts_at <> $5::timestamptz")}, moved as (
     update event_registrations r set remind_at = ${nextReminder("$5::timestamptz")}
       from events e
      where e.id = $1 and e.starts_at <> $5::timestamptz
        and r.event_id = e.id and r.state = 'REGISTRATION_STATE_REGISTERED'
   )
   update events
      set title = $2, text = $3, place = $4, starts_at = $5, ends_at = $6, time_zone = $7, is_for_all = $8, seats = $9,
          are_seats_news = are_seats_news or seats is distinct from $9,
          sequence = sequence + case when (title, place, starts_at, ends_at) is distinct from ($2, $4, $5, $6) then 1 else 0 end,
          updated_at = now(), version = version + 1
    where id = $1`,
);

/** Changes a locked event. When it is moved, those with a seat are reminded anew. */
export async function updateEvent(queries: Queries, id: number, draft: EventDraft): Promise<void> {
  await queries.one(updateEventRow, [id, ...valuesOf(draft)]);
}

const replaceGroupRows = statement<object>(
  "pool",
  "replace-event-groups",
  `with gone as (delete from event_groups where event_id = $1 and group_id <> all($2::bigint[]))
   insert into event_groups (event_id, group_id) select $1, unnest($2::bigint[]) on conflict do nothing`,
);

/** Makes locked groups the audience of a locked event, in place of those before. */
export async function replaceGroups(queries: Queries, id: number, groupIds: readonly number[]): Promise<void> {
  await queries.many(replaceGroupRows, [id, groupIds]);
}

const lockGroupRows = statement<{ id: number }>(
  "pool",
  "lock-groups-of-event",
  "select id from groups where id = any($1::bigint[]) order by id for key share",
);

/** Locks groups against their deletion until the transaction ends; returns the ids of those that exist. */
export async function lockGroups(queries: Queries, ids: readonly number[]): Promise<number[]> {
  return (await queries.many(lockGroupRows, [ids])).map(({ id }) => id);
}

const cancelEventRow = statement<object>(
  "pool",
  "cancel-event",
  `with silenced as (
     update event_registrations set remind_at = null, is_seat_news = false
      where event_id = $1 and (remind_at is not null or is_seat_news)
   )
   update events
      set cancelled_at = now(), cancellation_reason = $2, sequence = sequence + 1, updated_at = now(), version = version + 1
    where id = $1`,
);

/** Cancels a locked event: nobody is reminded of it any more. */
export async function cancelEvent(queries: Queries, id: number, reason: string): Promise<void> {
  await queries.one(cancelEventRow, [id, reason]);
}
