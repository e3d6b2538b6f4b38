// Statistics of a chat: its messages in total, by day and by member.
import type { Handlers } from "../../call.js";
import type { ChatService } from "../../gen/lyceum/v1/chat.js";
import { chatNotFound } from "../members/membership.js";
import { readSpan, unknownTimeZone } from "./span.js";
import { findChatStats } from "./store.js";

export const statsHandlers: Pick<Handlers<ChatService>, "getChatStats"> = {
  async getChatStats({ chat_id, start_date, end_date, time_zone }, { user, database }) {
    const span = readSpan(start_date, end_date, time_zone);
    const stats = await findChatStats(database, chat_id, user.id, span).catch((error: unknown) => {
      throw isUnknownTimeZone(error) ? unknownTimeZone() : error;
    });
    if (!stats) throw chatNotFound(chat_id);
    return stats;
  },
};

/** The time zone databases of Node and Postgres may differ: Postgres may lack a zone that Node has. */
function isUnknownTimeZone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "22023";
}
