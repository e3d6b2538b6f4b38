// The SQL of registrations. Each change is made under the lock of its event, and changes the counts of the event with it.
import type { Attendance, EventRegistration, RegistrationState } from "../../gen/lyceum/v1/event.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import type { KeysetPage } from "../../platform/page.js";
import { registrationColumns, waitingPlace } from "../registration-columns-store.js";
import { nextReminder } from "../reminder-times.js";

const insertRegistrationRow = statement<object>(
  "pool",
  "insert-event-registration",
  `with event as (
     select id, starts_at, seats is null or registered_count < seats as is_free from events where id = $1
   ), made as (
     insert into event_registrations (event_id, user_id, state, remind_at)
     select id, $2, case when is_free then 'REGISTRATION_STATE_REGISTERED' else 'REGISTRATION_STATE_WAITING' end,
            case when is_free then ${nextReminder("starts_at")} end
       from event
     on conflict do nothing
     returning state
   )
   update events
      set registered_count = registered_count + (made.state = 'REGISTRATION_STATE_REGISTERED')::integer,
          waiting_count = waiting_count + (made.state = 'REGISTRATION_STATE_WAITING')::integer,
          are_seats_news = true
     from made where id = $1
   returning id`,
);

/** Registers a person for a locked event, with a seat if one is free; false when they are registered already. */
export async function insertRegistration(queries: Queries, eventId: number, userId: number): Promise<boolean> {
  return (await queries.one(insertRegistrationRow, [eventId, userId])) !== undefined;
}

const findRegistrationRow = statement<EventRegistration>(
  "read",
  "find-event-registration",
  `select ${registrationColumns}, ${waitingPlace} as waiting_place
     from event_registrations r where r.event_id = $1 and r.user_id = $2`,
);

/** The registration of a person for an event; undefined without one. */
export async function findRegistration(
  queries: Queries,
  eventId: number,
  userId: number,
): Promise<EventRegistration | undefined> {
  return queries.one(findRegistrationRow, [eventId, userId]);
}

const deleteRegistrationRows = statement<{ id: number }>(
  "pool",
  "delete-event-registrations",
  `with gone as (
     delete from event_registrations where event_id = any($1::bigint[]) and user_id = $2 returning event_id, state
   )
   update events
      set registered_count = registered_count - (gone.state = 'REGISTRATION_STATE_REGISTERED')::integer,
          waiting_count = waiting_count - (gone.state = 'REGISTRATION_STATE_WAITING')::integer,
          are_seats_news = true
     from gone where id = gone.event_id
   returning id`,
);

/** Deletes the registrations of a person for locked events; returns how many there were. */
export async function deleteRegistrations(
  queries: Queries,
  eventIds: readonly number[],
  userId: number,
): Promise<number> {
  return (await queries.many(deleteRegistrationRows, [eventIds, userId])).length;
}

const fillSeatRows = statement<object>(
  "pool",
  "fill-event-seats",
  `with event as (
     select id, starts_at, case when seats is null then waiting_count else seats - registered_count end as free
       from events
      where id = any($1::bigint[]) and waiting_count > 0 and cancelled_at is null and starts_at > now()
   ), next as (
     select r.event_id, r.user_id, event.starts_at
       from event
      cross join lateral (
        select * from event_registrations w
         where w.event_id = event.id and w.state = 'REGISTRATION_STATE_WAITING'
         order by w.arrival limit greatest(event.free, 0)
      ) r
   ), moved as (
     update event_registrations r
        set state = 'REGISTRATION_STATE_REGISTERED', is_seat_news = true, remind_at = ${nextReminder("next.starts_at")}
       from next where r.event_id = next.event_id and r.user_id = next.user_id
     returning r.event_id
   )
   update events e
      set registered_count = registered_count + m.count, waiting_count = waiting_count - m.count, are_seats_news = true
     from (select event_id, count(*)::integer as count from moved group by event_id) m
    where e.id = m.event_id`,
);

/** Gives the free seats of locked events that have not begun to those who wait, the first first. They are told by a prompt step. */
export async function fillSeats(queries: Queries, eventIds: readonly number[]): Promise<void> {
  await queries.many(fillSeatRows, [eventIds]);
}

const lockEventRows = statement<{ id: number }>(
  "pool",
  "lock-events-of-user",
  `select id from events
    where id in (select event_id from event_registrations where user_id = $1) order by id for no key update`,
);

/** Locks the events for which a person is registered, in the order of ids, and returns these. */
export async function lockEventsOf(queries: Queries, userId: number): Promise<number[]> {
  return (await queries.many(lockEventRows, [userId])).map(({ id }) => id);
}

/** A participant in a list, with their key. */
export type ListedParticipant = EventRegistration & { readonly arrival: number };

const participants = (condition: string): string => `
   select ${registrationColumns}, r.arrival
     from event_registrations r
    where r.event_id = $1 and r.arrival > $2 ${condition}
    order by r.arrival limit $3 offset $4`;

const listParticipantRows = statement<ListedParticipant>("read", "list-event-participants", participants(""));
const listParticipantsInStateRows = statement<ListedParticipant>(
  "read",
  "list-event-participants-in-state",
  participants("and r.state = $5"),
);

/** Who is registered for an event, in the order in which they came. `page.after` is an arrival. */
export async function listParticipants(
  queries: Queries,
  eventId: number,
  state: RegistrationState | undefined,
  { after, limit, skip }: KeysetPage,
): Promise<ListedParticipant[]> {
  const values = [eventId, after?.[0] ?? 0, limit, skip];
  if (state === undefined) return queries.many(listParticipantRows, values);
  return queries.many(listParticipantsInStateRows, [...values, state]);
}

const countSeatedRow = statement<{ count: number }>(
  "pool",
  "count-seated-participants",
  `select count(*)::integer as count from event_registrations
    where event_id = $1 and user_id = any($2::bigint[]) and state = 'REGISTRATION_STATE_REGISTERED'`,
);

/** How many of these people have a seat at an event. */
export async function countSeated(queries: Queries, eventId: number, userIds: readonly number[]): Promise<number> {
  return (await queries.one(countSeatedRow, [eventId, userIds]))!.count;
}

const markRows = statement<{ user_id: number }>(
  "pool",
  "mark-event-attendance",
  `update event_registrations r set attendance = mark.attendance
     from unnest($2::bigint[], $3::text[]) as mark (user_id, attendance)
    where r.event_id = $1 and r.user_id = mark.user_id and r.attendance <> mark.attendance
   returning r.user_id`,
);

/** Says who was at a locked event; returns the people of whom something else was said before. */
export async function markAttendance(
  queries: Queries,
  eventId: number,
  marks: ReadonlyMap<number, Attendance>,
): Promise<number[]> {
  const rows = await queries.many(markRows, [eventId, [...marks.keys()], [...marks.values()]]);
  return rows.map(({ user_id }) => user_id);
}
