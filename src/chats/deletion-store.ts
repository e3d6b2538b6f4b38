// The SQL that deletes chats. Deleting the row of a chat deletes its sequence and its picture with it (on delete cascade).
import type { Versions } from "../contract/http/preconditions.js";
import { releaseFiles } from "../files/claims.js";
import type { Database, Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

const emptyChatRows = statement<{ user_id: number }>(
  "pool",
  "empty-chat",
  // A direct chat loses its pair too, so that its two members can start another one at once.
  `with emptied as (
     update chats set kind = 'CHAT_KIND_GROUP', user_low = null, user_high = null
      where id = $1 and (version = any($2::bigint[])) <> $3
     returning id
   )
   delete from chat_members m using emptied where m.chat_id = emptied.id returning m.user_id`,
);

/**
 * Removes all members of a chat, which hides it from everybody; returns their ids. None when the chat is not in one of the `versions`.
 */
export async function emptyChat(queries: Queries, id: number, versions: Versions): Promise<number[]> {
  const rows = await queries.many(emptyChatRows, [id, versions.named, versions.areExcluded]);
  return rows.map(({ user_id }) => user_id);
}

const lockEmptyChatRow = (name: string, lock: string) =>
  statement<object>(
    "pool",
    name,
    `select c.id from chats c
      where c.id = $1 and not exists (select from chat_members m where m.chat_id = c.id)
        ${lock}`,
  );

const lockSequenceRow = statement<object>(
  "pool",
  "lock-sequence-to-delete",
  "select from chat_sequences where chat_id = $1 for update",
);

// The lower bound keeps the entries of deleted messages, which remain in the index for a while, from being read again. The upper one is
// found once, and not joined: a join of messages with messages may read all of them for each, by statistics of a minute ago.
const deleteMessageRows = statement<{ count: number; last_seq: number | null; file_ids: number[] }>(
  "pool",
  "delete-messages-of-chat",
  `with deleted as (
     delete from messages
      where chat_id = $1 and seq > $2
        and seq <= coalesce((select seq from messages where chat_id = $1 and seq > $2 order by seq offset $3 - 1 limit 1), $4)
     returning id, seq, attachments is not null as has_files
   )
   select count(*) as count, max(seq) as last_seq,
          array(select a.file_id from deleted d join message_attachments a on a.message_id = d.id where d.has_files) as file_ids
     from deleted`,
);

const deleteChatRow = statement<object>("pool", "delete-empty-chat", "delete from chats where id = $1");

/** The messages of one part: Postgres deletes them within a tenth of a second. */
const partSize = 2_000;

/** A part that was deleted: the last one with the chat itself, or one up to a seq; "absent" when there is no such chat. */
type Part = "absent" | "last" | { readonly lastSeq: number };

/** Deletes the first messages of a chat without members, those after a seq, with their files, in a transaction. */
export type DeletePart = (queries: Queries, id: number, after: number) => Promise<Part>;

function partDeletion(lockEmptyChat: ReturnType<typeof lockEmptyChatRow>): DeletePart {
  return async (queries, id, after) => {
    if ((await queries.one(lockEmptyChat, [id])) === undefined) return "absent";
    await queries.one(lockSequenceRow, [id]);
    const { count, last_seq, file_ids } = (await queries.one(deleteMessageRows, [
      id,
      after,
      partSize,
      Number.MAX_SAFE_INTEGER,
    ]))!;
    await releaseFiles(queries, file_ids);
    if (count === partSize) return { lastSeq: last_seq! };
    await queries.one(deleteChatRow, [id]);
    return "last";
  };
}

/** Waits for the chat. */
export const deletePart = partDeletion(lockEmptyChatRow("lock-empty-chat", "for update"));

/** Takes a chat that another transaction has locked for "absent": waiting for it would take as long and delete nothing. */
export const deletePartUnlessLocked = partDeletion(
  lockEmptyChatRow("lock-unlocked-empty-chat", "for update skip locked"),
);

const listEmptyChatRows = statement<{ id: number }>(
  "pool",
  "list-empty-chats",
  `select c.id from chats c
    where not exists (select from chat_members m where m.chat_id = c.id)
    order by c.id limit 1000`,
);

/** The ids of up to 1,000 chats without members, and whether these are all. May take a minute. */
export async function listEmptyChats(database: Database): Promise<{ ids: number[]; isAll: boolean }> {
  const rows = await database.transaction((queries) => queries.many(listEmptyChatRows, []), { timeoutMs: 60_000 });
  return { ids: rows.map(({ id }) => id), isAll: rows.length < 1_000 };
}
