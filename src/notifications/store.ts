// The SQL that reads a person's notifications and marks them as read. Each statement is about those of one person alone.
import type { Notification, NotificationType } from "../gen/lyceum/v1/notification.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import { wholeMsUntil } from "../platform/milliseconds.js";
import type { KeysetPage } from "../platform/page.js";
import { updateInsert } from "../platform/updates/updates-store.js";
import type { Payload } from "./sentences.js";

/** A notification as it is stored: what its sentence is made of, and no sentence. */
export type StoredNotification = Pick<Notification, "id" | "type" | "actor_id" | "created_at" | "read_at"> & {
  readonly payload: Payload;
};

// The text of an announcement is stored once, however many it is for.
const columns = `n.id, n.type, n.actor_id, n.created_at, n.read_at, coalesce(n.payload, (
    select jsonb_build_object(case a.type when 'NOTIFICATION_TYPE_INFO' then 'info' else 'warning' end,
                              jsonb_build_object('text', a.text, 'announcement_id', a.id))
      from announcements a where a.id = n.announcement_id)) as payload`;

const page = (isUnread: boolean): string => `
   select ${columns} from (
     select * from notifications
      where user_id = $1 and ($2::bigint is null or id < $2) and ($5::text[] is null or type = any($5))
            ${isUnread ? "and read_at is null" : ""}
      order by id desc limit $3 offset $4
   ) n
    order by n.id desc`;

const listAll = statement<StoredNotification>("pool", "list-notifications", page(false));
const listUnread = statement<StoredNotification>("pool", "list-unread-notifications", page(true));

/** What a list is filtered by. */
export interface Filters {
  /** Of every type when it is empty. */
  readonly types: readonly NotificationType[];
  readonly isUnread: boolean;
}

/** A person's notifications, the newest first. `page.after` is an id. */
export async function listNotifications(
  queries: Queries,
  userId: number,
  { types, isUnread }: Filters,
  { after: [id] = [], limit, skip }: KeysetPage,
): Promise<StoredNotification[]> {
  const wanted = types.length > 0 ? types : undefined;
  return queries.many(isUnread ? listUnread : listAll, [userId, id, limit, skip, wanted]);
}

const findRow = statement<StoredNotification>(
  "read",
  "find-notification",
  `select ${columns} from notifications n where n.id = $1 and n.user_id = $2`,
);

/** A notification of a person; undefined when there is none. */
export async function findNotification(
  queries: Queries,
  id: number,
  userId: number,
): Promise<StoredNotification | undefined> {
  return queries.one(findRow, [id, userId]);
}

const countRow = statement<{ unread_count: number }>(
  "read",
  "count-unread-notifications",
  "select count(*) as unread_count from notifications where user_id = $1 and read_at is null",
);

/** How many notifications of a person are not read. */
export async function countUnread(queries: Queries, userId: number): Promise<number> {
  return (await queries.one(countRow, [userId]))!.unread_count;
}

const now = "date_trunc('milliseconds', clock_timestamp())";

const markRow = statement<object>(
  "write",
  "mark-notification-read",
  `with marked as (
     update notifications set read_at = ${now} where id = $1 and user_id = $2 and read_at is null returning id
   ), ${updateInsert("marked", {
     topic: "'user:' || $2::bigint",
     kind: "'notification.read'",
     subjectId: "marked.id",
     actorId: "$2::bigint",
   })}
   select`,
);

/** Marks a notification of a person as read, and tells their devices. Does nothing to one that is read, or somebody else's. */
export async function markRead(queries: Queries, id: number, userId: number): Promise<void> {
  await queries.one(markRow, [id, userId]);
}

/** Which notifications to mark: one of these. */
export interface Choice {
  readonly ids: readonly number[];
  /** RFC 3339 in UTC: those that were made then or before. */
  readonly until: string | undefined;
  readonly all: boolean;
}

const markRows = statement<{ read_count: number }>(
  "pool",
  "mark-notifications-read",
  // Locked in the order of ids, so that two calls at once do not wait for each other.
  `with chosen as (
     select id from notifications
      where user_id = $1 and read_at is null and (id = any($2::bigint[]) or created_at <= $3::timestamptz(3) or $4::boolean)
      order by id for no key update
   ), marked as (
     update notifications n set read_at = ${now} from chosen where n.id = chosen.id returning n.id
   ), total as (
     select count(*) as read_count from marked
   ), changed as (
     select from total where read_count > 0
   ), ${updateInsert("changed", {
     topic: "'user:' || $1::bigint",
     kind: "'notification.read'",
     subjectId: "$1::bigint",
     actorId: "$1::bigint",
   })}
   select read_count from total`,
);

/** Marks notifications of a person as read, and tells their devices once; returns how many were not read before. */
export async function markManyRead(queries: Queries, userId: number, { ids, until, all }: Choice): Promise<number> {
  return (await queries.one(markRows, [userId, ids, until && wholeMsUntil(until), all]))!.read_count;
}
