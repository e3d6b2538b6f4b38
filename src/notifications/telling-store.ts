// The SQL that tells of new notifications: the row and its update change in one statement.
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import { updatesInsert } from "../platform/updates/updates-store.js";

const tellRows = statement<{ count: number }>(
  "pool",
  "tell-notifications",
  // What is locked is left to the next time. A user who is just being deleted is locked, and so are users here, briefly: a
  // notification that was inserted beside the end of an account is deleted here, if it is not there.
  `with due as materialized (
     select n.id, n.user_id, n.actor_id, u.deleted_at is null as is_there
       from notifications n join users u on u.id = n.user_id
      where not n.is_told
      order by n.id limit $1
        for no key update of n skip locked
        for share of u skip locked
   ), unwanted as (
     delete from notifications n using due where n.id = due.id and not due.is_there
   ), told as (
     update notifications n set is_told = true from due where n.id = due.id and due.is_there
     returning n.id, n.user_id, n.actor_id
   ), ${updatesInsert("told", {
     topic: "'user:' || user_id",
     kind: "'notification.created'",
     subjectId: "id",
     actorId: "actor_id",
     place: "id",
   })}
   select count(*) as count from due`,
);

/** Tells of at most `limit` notifications that were not told yet, each once; returns how many. */
export async function tellNotifications(queries: Queries, limit: number): Promise<number> {
  return (await queries.one(tellRows, [limit]))!.count;
}

const deleteReadRows = statement<{ count: number }>(
  "pool",
  "delete-read-notifications",
  `with old as materialized (
     select id from notifications
      where read_at is not null and read_at < now() - interval '180 days'
      order by read_at limit $1 for update skip locked
   ), deleted as (
     delete from notifications n using old where n.id = old.id returning n.id
   )
   select count(*) as count from deleted`,
);

/** Deletes at most `limit` notifications that were read 180 days ago; returns how many. */
export async function deleteReadNotifications(queries: Queries, limit: number): Promise<number> {
  return (await queries.one(deleteReadRows, [limit]))!.count;
}

const deleteOwnRows = statement<object>(
  "pool",
  "delete-notifications-of-user",
  `with unmuted as (delete from muted_notification_types where user_id = $1)
   delete from notifications where user_id = $1`,
);

/** Deletes the notifications of a user, and what they wanted of them. */
export async function deleteNotificationsOf(queries: Queries, userId: number): Promise<void> {
  await queries.one(deleteOwnRows, [userId]);
}
