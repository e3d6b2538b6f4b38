// The newest messages of a chat, which GetChat returns with the chat.
import type { Chat } from "../../gen/lyceum/v1/chat.js";
import type { Message } from "../../gen/lyceum/v1/message.js";
import type { Queries } from "../../platform/database/database.js";
import { listMessages } from "./listing-store.js";

/**
 * At most `limit` messages of a chat, from its last_seq down: what was sent after the chat was read is not among them. None when the
 * user is not a member.
 */
export async function latestMessages(
  queries: Queries,
  { id, last_seq }: Pick<Chat, "id" | "last_seq">,
  userId: number,
  limit: number,
): Promise<Message[]> {
  return listMessages(queries, id, userId, { after: [last_seq + 1], limit, skip: 0, isOldestFirst: false }, {});
}
