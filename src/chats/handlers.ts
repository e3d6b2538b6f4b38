// Chats: making, finding, renaming and deleting them. Who is in one, and what is counted in one, stand in folders of
// their own.
import type { Caller, Handlers } from "../call.js";
import { ApiError } from "../errors.js";
import type { Empty } from "../gen/google/protobuf/empty.js";
import type { Chat, ChatService } from "../gen/lyceum/v1/chat.js";
import { latestMessages } from "./messages/latest.js";
import { beginSequence } from "./messages/sequence.js";
import type { Database } from "../platform/database/database.js";
import { type Limits, pageOf, pageSize, pageStart } from "../platform/page.js";
import { finishDeletion } from "./deletion.js";
import { memberHandlers } from "./members/handlers.js";
import { insertMembers } from "./members/store.js";
import { chatNotFound } from "./members/membership.js";
import { requireNewcomers } from "./members/add-members.js";
import { lockAsOwner, lockGroupAsOwner } from "./members/ownership.js";
import { pictureHandlers } from "./pictures/handlers.js";
import { statsHandlers } from "./stats/handlers.js";
import * as store from "./store.js";

/** The handlers of chats. `limits` are those of a page of messages. */
export function chatHandlers(limits: Limits): Handlers<ChatService> {
  return {
    ...memberHandlers,
    ...pictureHandlers,
    ...statsHandlers,

    async createChat({ title, member_ids }, { user, database }) {
      const others = member_ids.filter((id) => id !== user.id);
      return database.transaction(async (queries) => {
        await requireNewcomers(queries, user, others);
        const id = await store.insertChat(queries, title);
        await beginSequence(queries, id);
        await insertMembers(queries, id, [user.id], "CHAT_ROLE_OWNER");
        await insertMembers(queries, id, others, "CHAT_ROLE_MEMBER");
        return (await store.findChat(queries, id, user.id))!;
      });
    },

    async openDirectChat({ user_id }, { user, database }) {
      // Others may make it or delete it in between: then look again.
      for (;;) {
        const chat = await store.findDirectChat(database, user.id, user_id);
        if (chat) return chat;
        await makeDirectChat(database, user, user_id);
      }
    },

    async listChats(request, { user, database }) {
      const { skip = 0, query = "", sort = "-active_at" } = request;
      const scope = ["chats", sort, query];
      const isDescending = sort.startsWith("-");
      const key = sort.replace("-", "") as store.ChatSort;
      const size = pageSize(request);
      const rows = await store.listChats(database, user.id, {
        sort: key,
        isDescending,
        words: query.split(/\s+/).filter((word) => word !== ""),
        behind: pageStart(request, scope, [key === "title" ? "" : 0, 0]),
        skip,
        rows: size + 1,
      });
      const page = pageOf(rows, size, scope, ({ sort_key, id }) => [sort_key, id]);
      return { chats: page.rows, next_page_token: page.next_page_token };
    },

    async getChat(request, { user, database }) {
      const { chat_id } = request;
      const [chat, messages] = await Promise.all([
        store.findChat(database, chat_id, user.id),
        latestMessages(database, chat_id, user.id, pageSize(request, limits)),
      ]);
      if (!chat) throw chatNotFound(chat_id);
      return { chat, messages };
    },

    async updateChat({ chat_id, title }, { user, database, ifMatch }): Promise<Chat> {
      return database.transaction(async (queries) => {
        await lockGroupAsOwner(queries, chat_id, user);
        if (!(await store.updateChat(queries, chat_id, title, ifMatch))) throw changed(chat_id);
        return (await store.findChat(queries, chat_id, user.id, true))!;
      });
    },

    async deleteChat({ chat_id }, { user, database, ifMatch }): Promise<Empty> {
      await database.transaction(async (queries) => {
        await lockAsOwner(queries, chat_id, user);
        if (!(await store.emptyChat(queries, chat_id, ifMatch))) throw changed(chat_id);
      });
      await finishDeletion(database, [chat_id]);
      return {};
    },
  };
}

/** Makes the chat of two people, or of one with themselves. Does nothing when another call was faster. */
async function makeDirectChat(database: Database, user: Caller, otherId: number): Promise<void> {
  await database.transaction(async (queries) => {
    await requireNewcomers(queries, user, [otherId]);
    const id = await store.insertDirectChat(queries, user.id, otherId);
    if (id === undefined) return;
    await beginSequence(queries, id);
    await insertMembers(queries, id, [...new Set([user.id, otherId])], "CHAT_ROLE_MEMBER");
  });
}

function changed(chatId: number): ApiError {
  return new ApiError("PRECONDITION_FAILED", `Chat with id=${chatId} has changed`);
}
