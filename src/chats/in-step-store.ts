// The SQL of many members of several chats at once.
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

const lockChatRows = statement<object>(
  "pool",
  "lock-chats-in-step",
  // In the order of ids. Not a chat without members: it is being deleted, which may take long.
  `select id from chats c
    where id = any($1::bigint[]) and exists (select from chat_members m where m.chat_id = c.id)
    order by id
      for update`,
);

const listLiveChatRows = statement<{ id: number }>(
  "pool",
  "list-live-chats",
  `select c.id from chats c
    where c.id = any($1::bigint[]) and exists (select from chat_members m where m.chat_id = c.id)`,
);

/** Locks chats against every other change of them or of their members; returns the ids of those that are not deleted. */
export async function lockLiveChats(queries: Queries, ids: readonly number[]): Promise<ReadonlySet<number>> {
  await queries.many(lockChatRows, [ids]);
  // A statement of its own, after the locks: one that waits for a lock still reads the rows from before it waited.
  return new Set((await queries.many(listLiveChatRows, [ids])).map(({ id }) => id));
}

/** A user in a chat. */
export interface Membership {
  readonly chatId: number;
  readonly userId: number;
}

const deleteMemberRows = statement<{ chat_id: number; user_id: number }>(
  "pool",
  "delete-chat-members-in-step",
  // As deleteMember of members/store.ts.
  `with removed as (
     delete from chat_members m
      using unnest($1::bigint[], $2::bigint[]) as leaver (chat_id, user_id)
      where m.chat_id = leaver.chat_id and m.user_id = leaver.user_id and m.role <> 'CHAT_ROLE_OWNER'
     returning m.chat_id, m.user_id, m.last_read_seq
   )
   insert into chat_read_marks (chat_id, user_id, last_read_seq) select * from removed
   on conflict on constraint chat_read_marks_pkey do update set last_read_seq = excluded.last_read_seq
   returning chat_id, user_id`,
);

/** Removes members from locked chats, and keeps how far they have read. Owners stay. Returns who was removed. */
export async function deleteMembers(queries: Queries, leavers: readonly Membership[]): Promise<Membership[]> {
  const values = [leavers.map(({ chatId }) => chatId), leavers.map(({ userId }) => userId)];
  const rows = await queries.many(deleteMemberRows, values);
  return rows.map(({ chat_id, user_id }) => ({ chatId: chat_id, userId: user_id }));
}
