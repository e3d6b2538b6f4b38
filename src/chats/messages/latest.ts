// The newest messages of a chat, which GetChat returns with the chat.
import type { Message } from "../../gen/lyceum/v1/message.js";
import type { Queries } from "../../platform/database/database.js";
import { listMessages } from "./listing-store.js";

/** At most `limit` messages of a chat, the newest first; none when the user is not a member. */
export async function latestMessages(
  queries: Queries,
  chatId: number,
  userId: number,
  limit: number,
): Promise<Message[]> {
  return listMessages(queries, chatId, userId, { after: undefined, limit, skip: 0, isOldestFirst: false }, {});
}
