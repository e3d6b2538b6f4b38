// The SQL of what is told about events without an act of its own: reminders, seats that were given, counts that changed. Any number of
// processes may run these statements at once: each marks the rows and records the updates together.
import type { Queries } from "../platform/database/database.js";
import { type Statement, statement } from "../platform/database/statement.js";
import { updatesInsert } from "../platform/updates/updates-store.js";
import { nextReminder } from "./reminder-times.js";

const told = (source: string, kind: string, topic: string): string =>
  updatesInsert(source, {
    topic,
    kind: `'${kind}'`,
    subjectId: "event_id",
    actorId: "null::bigint",
    place: "event_id",
  });

type Told = Statement<{ count: number }>;

const remindRows: Told = statement(
  "pool",
  "remind-of-events",
  // Only the registration is locked. Whoever moves or cancels the event changes it too, so that its time is that of this event.
  `with due as (
     select r.event_id, r.user_id, e.starts_at
       from event_registrations r join events e on e.id = r.event_id
      where r.remind_at <= now()
      order by r.remind_at limit $1 for update of r skip locked
   ), reminded as (
     update event_registrations r set remind_at = ${nextReminder("due.starts_at")}
       from due where r.event_id = due.event_id and r.user_id = due.user_id
     returning r.event_id, r.user_id, due.starts_at
   ), ${told("reminded where starts_at > now()", "event.reminder", "'user:' || user_id")}
   select count(*)::integer as count from reminded`,
);

/** Records the reminders of up to `limit` registrations that are due, unless the event has begun meanwhile; returns how many were due. */
export async function remind(queries: Queries, limit: number): Promise<number> {
  return (await queries.one(remindRows, [limit]))!.count;
}

const tellSeatRows: Told = statement(
  "pool",
  "tell-event-seats",
  `with news as (
     select event_id, user_id from event_registrations where is_seat_news limit $1 for update skip locked
   ), marked as (
     update event_registrations r set is_seat_news = false
       from news where r.event_id = news.event_id and r.user_id = news.user_id
     returning r.event_id, r.user_id
   ), ${told("marked", "event.seat_freed", "'user:' || user_id")}
   select count(*)::integer as count from marked`,
);

/** Records that up to `limit` people have a seat for which they waited; returns how many. */
export async function tellSeats(queries: Queries, limit: number): Promise<number> {
  return (await queries.one(tellSeatRows, [limit]))!.count;
}

const tellCountRows: Told = statement(
  "pool",
  "tell-event-counts",
  // It waits for the locks, which are short: of an event for which many register one after the other none would ever be free.
  `with news as (
     select id from events where are_seats_news order by id limit $1 for no key update
   ), marked as (
     update events e set are_seats_news = false from news where e.id = news.id returning e.id as event_id, e.is_for_all
   ), heard as (
     select event_id, 'school' as topic from marked where is_for_all
      union all
     select m.event_id, 'group:' || g.group_id from marked m join event_groups g on g.event_id = m.event_id where not m.is_for_all
   ), ${told("heard", "event.seats_changed", "topic")}
   select count(*)::integer as count from marked`,
);

/** Records that the counts of up to `limit` events have changed, once for all changes; returns how many. */
export async function tellCounts(queries: Queries, limit: number): Promise<number> {
  return (await queries.one(tellCountRows, [limit]))!.count;
}
