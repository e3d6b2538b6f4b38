// The SQL of who is connected. A row counts for a minute; the process with the person's socket writes it anew before.
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";

const secondsOfRow = 60;

const isShown = (userId: string): string =>
  `not exists (select from realtime_settings s where s.user_id = ${userId} and not s.shows_presence)`;

const upsertRows = statement<{ user_id: number }>(
  "write",
  "upsert-presence",
  `insert into realtime_presence (user_id, process, seen_at)
   select id, $2::uuid, now() from unnest($1::bigint[]) as connected (id) where ${isShown("id")} order by id
   on conflict on constraint realtime_presence_pkey do update set seen_at = now()`,
);

/** Writes that these users have sockets of a process, those who show it. */
export async function upsertPresence(queries: Queries, userIds: readonly number[], process: string): Promise<void> {
  await queries.one(upsertRows, [userIds, process]);
}

const deleteRows = statement<{ user_id: number }>(
  "write",
  "delete-presence",
  "delete from realtime_presence where user_id = any($1::bigint[]) and process = $2::uuid",
);

/** Writes that these users have no socket of a process any more. */
export async function deletePresence(queries: Queries, userIds: readonly number[], process: string): Promise<void> {
  await queries.one(deleteRows, [userIds, process]);
}

const deleteAllRows = statement<object>(
  "write",
  "delete-process-presence",
  "delete from realtime_presence where process = $1::uuid",
);

/** Deletes all rows of a process, which ends. */
export async function deleteProcess(queries: Queries, process: string): Promise<void> {
  await queries.one(deleteAllRows, [process]);
}

const deleteOldRows = statement<object>(
  "pool",
  "delete-old-presence",
  `delete from realtime_presence p using (
     select user_id, process from realtime_presence where seen_at < now() - make_interval(secs => ${secondsOfRow})
      limit $1 for update skip locked
   ) old where p.user_id = old.user_id and p.process = old.process
   returning p.user_id`,
);

/** Deletes up to `limit` rows of processes that have ended without a word; returns how many. */
export async function deleteOldPresence(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(deleteOldRows, [limit])).length;
}

/** Somebody who watches somebody else. */
export interface Watching {
  readonly watcher_id: number;
  readonly user_id: number;
}

/** What is seen of the one who is watched. */
export interface Seen extends Watching {
  readonly is_online: boolean;
}

const listSeenRows = statement<Seen>(
  "read",
  "list-seen-presence",
  `select w.watcher_id, w.user_id, ${isShown("w.user_id")} and exists (
            select from realtime_presence p
             where p.user_id = w.user_id and p.seen_at > now() - make_interval(secs => ${secondsOfRow})) as is_online
     from unnest($1::bigint[], $2::bigint[]) as w (watcher_id, user_id)
    where exists (
      select from chat_members mine join chat_members theirs on theirs.chat_id = mine.chat_id
       where mine.user_id = w.watcher_id and theirs.user_id = w.user_id)`,
);

/** Who of those watched is connected; without those who share no chat with their watcher. */
export async function listSeen(queries: Queries, watching: readonly Watching[]): Promise<Seen[]> {
  if (watching.length === 0) return [];
  return queries.many(listSeenRows, [watching.map((each) => each.watcher_id), watching.map((each) => each.user_id)]);
}

const findTypistRow = statement<object>(
  "read",
  "find-typist",
  `select from chat_members m
    where m.chat_id = $1 and m.user_id = $2
      and not exists (select from realtime_settings s where s.user_id = $2 and not s.shows_typing)`,
);

/** Whether a user is a member of a chat and shows that they are writing. */
export async function mayType(queries: Queries, chatId: number, userId: number): Promise<boolean> {
  return (await queries.one(findTypistRow, [chatId, userId])) !== undefined;
}
