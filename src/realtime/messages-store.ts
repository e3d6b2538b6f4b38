// The SQL of the messages that updates are sent with. Whether the reader of an update may see its chat is asked with its topic.
import type { Message } from "../gen/lyceum/v1/message.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

const listRows = statement<Message>(
  "read",
  "list-told-messages",
  `select m.id, m.chat_id, m.seq, m.sender_id, m.text, m.created_at, m.edited_at, m.deleted_at,
          m.reply_to_id, m.client_message_id, m.version, m.attachments
     from messages m where m.id = any($1::bigint[])`,
);

/** Messages by their ids, as they are now; without those that are no more. */
export async function listMessages(queries: Queries, ids: readonly number[]): Promise<ReadonlyMap<number, Message>> {
  if (ids.length === 0) return new Map();
  return new Map((await queries.many(listRows, [ids])).map((message) => [message.id, message]));
}
