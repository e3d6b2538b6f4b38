// The SQL that deletes chats. Deleting the row of a chat deletes its sequence and its messages with it (on delete
// cascade).
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

const emptyChatRows = statement<object>(
  "pool",
  "empty-chat",
  // A direct chat loses its pair too, so that its two members can start another one at once.
  `with emptied as (
     update chats set kind = 'CHAT_KIND_GROUP', user_low = null, user_high = null
      where id = $1 and ($2::bigint[] is null or version = any($2))
     returning id
   )
   delete from chat_members m using emptied where m.chat_id = emptied.id returning m.user_id`,
);

/**
 * Removes all members of a chat, which hides it from everybody. False when the chat is not in one of the `versions`.
 */
export async function emptyChat(
  queries: Queries,
  id: number,
  versions: readonly number[] | undefined,
): Promise<boolean> {
  return (await queries.many(emptyChatRows, [id, versions])).length > 0;
}

const deleteEmptyChatRow = statement<object>(
  "pool",
  "delete-empty-chat",
  "delete from chats c where c.id = $1 and not exists (select from chat_members m where m.chat_id = c.id)",
);

/** Deletes a chat without members, and its messages. May take seconds for a long chat. */
export async function deleteEmptyChat(queries: Queries, id: number): Promise<void> {
  await queries.one(deleteEmptyChatRow, [id]);
}

const listEmptyChatRows = statement<{ id: number }>(
  "pool",
  "list-empty-chats",
  `select c.id from chats c
    where not exists (select from chat_members m where m.chat_id = c.id)
    order by c.id limit 1000`,
);

/** The ids of up to 1,000 chats without members. */
export async function listEmptyChats(queries: Queries): Promise<number[]> {
  return (await queries.many(listEmptyChatRows, [])).map(({ id }) => id);
}

const deleteUnlockedChatRow = statement<{ id: number }>(
  "pool",
  "delete-unlocked-empty-chat",
  // Skips a chat that another transaction is deleting: waiting for it would take as long and delete nothing.
  `delete from chats
    where id = (
      select c.id from chats c
       where c.id = $1 and not exists (select from chat_members m where m.chat_id = c.id)
         for update skip locked
    )
   returning id`,
);

/** Deletes a chat without members, and its messages, unless another transaction holds it. Returns whether it did. */
export async function deleteUnlockedChat(queries: Queries, id: number): Promise<boolean> {
  return (await queries.one(deleteUnlockedChatRow, [id])) !== undefined;
}
