// The SQL of calendars, and of the links to them. A link is known by the hash of its token alone.
import type { Event } from "../../gen/lyceum/v1/event.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import { isFor } from "../audience-store.js";

const replaceLinkRow = statement<{ created_at: string }>(
  "pool",
  "replace-calendar-link",
  `insert into calendar_links (user_id, token_hash) values ($1, $2)
   on conflict (user_id) do update set token_hash = excluded.token_hash, created_at = excluded.created_at
   returning created_at`,
);

/** Makes the link of a person, in place of the one they had; returns when it was made. */
export async function replaceLink(queries: Queries, userId: number, tokenHash: Buffer): Promise<string> {
  return (await queries.one(replaceLinkRow, [userId, tokenHash]))!.created_at;
}

const findLinkRow = statement<{ created_at: string }>(
  "read",
  "find-calendar-link",
  "select created_at from calendar_links where user_id = $1",
);

/** When the link of a person was made; undefined when they have none. */
export async function findLink(queries: Queries, userId: number): Promise<string | undefined> {
  return (await queries.one(findLinkRow, [userId]))?.created_at;
}

const deleteLinkRow = statement<{ user_id: number }>(
  "pool",
  "delete-calendar-link",
  "delete from calendar_links where user_id = $1 returning user_id",
);

/** Deletes the link of a person; false when they have none. */
export async function deleteLink(queries: Queries, userId: number): Promise<boolean> {
  return (await queries.one(deleteLinkRow, [userId])) !== undefined;
}

const findOwnerRow = statement<{ id: number }>(
  "read",
  "find-calendar-owner",
  `select u.id from calendar_links l join users u on u.id = l.user_id
    where l.token_hash = $1 and u.deleted_at is null and u.suspended_at is null`,
);

/** Whose calendar is behind a link; undefined when there is none, or its person is suspended. */
export async function findOwner(queries: Queries, tokenHash: Buffer): Promise<number | undefined> {
  return (await queries.one(findOwnerRow, [tokenHash]))?.id;
}

/** What a calendar shows of an event. */
export type CalendarEvent = Pick<
  Event,
  | "title"
  | "text"
  | "place"
  | "starts_at"
  | "ends_at"
  | "cancelled_at"
  | "cancellation_reason"
  | "created_at"
  | "updated_at"
> & { readonly uid: string; readonly sequence: number };

const listCalendarRows = statement<CalendarEvent>(
  "pool",
  "list-calendar",
  `select e.uid, e.sequence, e.title, left(e.text, 2000) as text, e.place, e.starts_at, e.ends_at, e.cancelled_at,
          e.cancellation_reason, e.created_at, e.updated_at
     from events e
    where e.ends_at > now() - interval '30 days' and ${isFor("$1")}
    order by e.sort_key, e.id limit 1000`,
);

/** The events for a person and those that they come to, of the last 30 days and to come: the first 1,000. Texts are cut at 2,000 characters. */
export async function listCalendar(queries: Queries, userId: number): Promise<CalendarEvent[]> {
  return queries.many(listCalendarRows, [userId]);
}
