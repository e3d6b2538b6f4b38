// Notifications of events: of a new one for its audience, of a change for those who come, of a seat and of the start for one person.
import type { Queries } from "../../platform/database/database.js";
import type { StoredUpdate } from "../../platform/updates/consumer.js";
import { chunkStatement, dueStatement, insertDue, insertInChunks } from "../insertion-store.js";

/** The kinds of updates that are taken. */
export const kindsOfEvents: readonly string[] = [
  "event.published",
  "event.changed",
  "event.cancelled",
  "event.seat_freed",
  "event.reminder",
];

const notice = (name: string): string =>
  `jsonb_build_object('${name}', jsonb_build_object('name', e.title, 'event_id', e.id))`;

// The update of each group concerns the people of that group; "school" concerns everybody.
const audience = `
  select u.id as user_id, ${notice("event_added")} as payload, 'event.published:' || e.id as cause
    from given g
    join events e on e.id = g.subject_id and e.cancelled_at is null
    join users u on g.topic = 'school' or u.group_id = substring(g.topic from '^group:([0-9]+)$')::bigint`;

const ofPublished = chunkStatement("notify-of-new-events", "NOTIFICATION_TYPE_EVENT_ADDED", audience);

// Each group of the audience has an update of its own; the version makes one cause of them.
const coming = (name: string, act: string): string => `
  select r.user_id, ${notice(name)} as payload, '${act}:' || e.id || ':' || e.version as cause
    from given g
    join events e on e.id = g.subject_id
    join event_registrations r on r.event_id = e.id
   where e.cancelled_at is ${act === "event.cancelled" ? "not null" : "null"}`;

const ofChanged = chunkStatement(
  "notify-of-changed-events",
  "NOTIFICATION_TYPE_EVENT_CHANGED",
  coming("event_changed", "event.changed"),
);
const ofCancelled = chunkStatement(
  "notify-of-cancelled-events",
  "NOTIFICATION_TYPE_EVENT_CANCELLED",
  coming("event_cancelled", "event.cancelled"),
);

// A person may wait for a seat more than once, and be reminded more than once: each update is a cause.
const ofPersons = dueStatement(
  "notify-of-seats-and-starts",
  `select substring(g.topic from '^user:([0-9]+)$')::bigint as user_id,
          case g.kind when 'event.seat_freed' then 'NOTIFICATION_TYPE_SEAT_FREED'
                      else 'NOTIFICATION_TYPE_EVENT_REMINDER' end as type,
          case g.kind
            when 'event.seat_freed' then ${notice("seat_freed")}
            else jsonb_build_object('event_reminder', jsonb_build_object('name', e.title, 'event_id', e.id,
              'starts_at', to_char(e.starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
              'time_zone', e.time_zone)) end as payload,
          null::bigint as actor_id, g.kind || ':' || e.id || ':' || g.id as cause, 0 as rank
     from given g
     join events e on e.id = g.subject_id and e.cancelled_at is null
    where g.topic like 'user:%'`,
);

/** Notifies those whom events concern. */
export async function notifyOfEvents(queries: Queries, updates: readonly StoredUpdate[]): Promise<void> {
  const of = (...kinds: readonly string[]) => updates.filter(({ kind }) => kinds.includes(kind));
  await insertInChunks(queries, ofPublished, of("event.published"));
  await insertInChunks(queries, ofChanged, of("event.changed"));
  await insertInChunks(queries, ofCancelled, of("event.cancelled"));
  await insertDue(queries, ofPersons, of("event.seat_freed", "event.reminder"));
}
