// The SQL of announcements: one statement inserts one and the notifications of everybody whom it is for.
import type { Announcement, SendAnnouncementRequest } from "../../gen/lyceum/v1/notification.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import type { KeysetPage } from "../../platform/page.js";

const columns = "a.id, a.type, a.text, a.sender_id, a.recipient_count, a.created_at";

const insertAnnouncementRow = statement<Announcement>(
  "pool",
  "insert-announcement",
  // In the order of ids, so that two announcements at once lay their rows side by side. Nobody waits for anything of this: the
  // people are told by another transaction, a few at a time (telling-store.ts).
  `with audience as materialized (
     select u.id from users u
      where u.deleted_at is null and u.suspended_at is null and u.id <> $3
        and ($7::boolean or u.id = any($4::bigint[]) or u.group_id = any($5::bigint[]) or u.school_class = any($6::integer[]))
        and not exists (select from muted_notification_types m where m.user_id = u.id and m.type = $1)
   ), sent as (
     insert into announcements (type, text, sender_id, recipient_count)
     select $1, $2, $3, count(*) from audience
     returning *
   ), received as (
     insert into notifications (user_id, type, announcement_id, actor_id, cause)
     select audience.id, $1, sent.id, $3, 'announcement:' || sent.id from audience, sent order by audience.id
   )
   select ${columns} from sent a`,
);

/** Inserts an announcement with a notification for each person that it is for, save the sender. */
export async function insertAnnouncement(
  queries: Queries,
  senderId: number,
  { type, text, user_ids, group_ids, school_classes, is_for_all = false }: SendAnnouncementRequest,
): Promise<Announcement> {
  const values = [type, text, senderId, user_ids, group_ids, school_classes, is_for_all];
  return (await queries.one(insertAnnouncementRow, values))!;
}

const findMissingRow = statement<{ user_id?: number; group_id?: number }>(
  "pool",
  "find-missing-audience",
  `select (select min(id) from unnest($1::bigint[]) as given (id)
            where not exists (select from users u where u.id = given.id and u.deleted_at is null)) as user_id,
          (select min(id) from unnest($2::bigint[]) as given (id)
            where not exists (select from groups g where g.id = given.id)) as group_id`,
);

/** The first person and the first group that do not exist, of those that are named; absent where all do. */
export async function findMissing(
  queries: Queries,
  { user_ids, group_ids }: Pick<SendAnnouncementRequest, "user_ids" | "group_ids">,
): Promise<{ readonly user_id?: number; readonly group_id?: number }> {
  return (await queries.one(findMissingRow, [user_ids, group_ids]))!;
}

const findAnnouncementRow = statement<Announcement>(
  "read",
  "find-announcement",
  `select ${columns} from announcements a where a.id = $1`,
);

/** An announcement; undefined when there is none. */
export async function findAnnouncement(queries: Queries, id: number): Promise<Announcement | undefined> {
  return queries.one(findAnnouncementRow, [id]);
}

const listAnnouncementRows = statement<Announcement>(
  "pool",
  "list-announcements",
  `select ${columns} from announcements a where $1::bigint is null or a.id < $1 order by a.id desc limit $2 offset $3`,
);

/** The announcements of all, the newest first. `page.after` is an id. */
export async function listAnnouncements(
  queries: Queries,
  { after: [id] = [], limit, skip }: KeysetPage,
): Promise<Announcement[]> {
  return queries.many(listAnnouncementRows, [id, limit, skip]);
}
