// Chats: creating, listing, renaming and deleting them. Members, messages and statistics have folders of their own.
import type { Caller, Handlers } from "../call.js";
import { ApiError } from "../errors.js";
import type { Empty } from "../gen/google/protobuf/empty.js";
import type { Chat, ChatService } from "../gen/lyceum/v1/chat.js";
import { latestMessages } from "./messages/latest.js";
import { beginSequence } from "./messages/sequence.js";
import { recordAudit } from "../platform/audit/audit.js";
import type { Database } from "../platform/database/database.js";
import { shortMoment } from "../platform/list-moment.js";
import { type Limits, pageOf, pageSize, readPage } from "../platform/page.js";
import { searchWords } from "../platform/search-words.js";
import { recordUpdates } from "../platform/updates/updates.js";
import { includedPeople } from "../users/people.js";
import { chatChanged, chatDeleted } from "./chat-updates.js";
import { finishDeletion } from "./deletion.js";
import { emptyChat } from "./deletion-store.js";
import { makeChat } from "./in-step.js";
import { addMembers, lockFirstMembers } from "./members/add-members.js";
import { memberHandlers } from "./members/handlers.js";
import { chatNotFound } from "./members/membership.js";
import { lockAsOwner, lockGroupAsOwner, recordOutsider } from "./members/ownership.js";
import { pictureHandlers } from "./pictures/handlers.js";
import { statsHandlers } from "./stats/handlers.js";
import * as store from "./store.js";

/** The handlers of ChatService. `limits` are those of a page of messages. */
export function chatHandlers(limits: Limits): Handlers<ChatService> {
  return {
    ...memberHandlers,
    ...pictureHandlers,
    ...statsHandlers,

    async createChat({ title, member_ids }, { user, database }) {
      const others = member_ids.filter((id) => id !== user.id);
      return database.transaction(async (queries) => {
        await lockFirstMembers(queries, user, others);
        const id = await makeChat(queries, title, user.id, others);
        return (await store.findChat(queries, id, user.id))!;
      });
    },

    async openDirectChat({ user_id }, { user, database }) {
      // Another call may create or delete the chat between the two statements: then both are tried again.
      for (;;) {
        const chat = await store.findDirectChat(database, user.id, user_id);
        if (chat) return chat;
        await makeDirectChat(database, user, user_id);
      }
    },

    async listChats(request, { user, database }) {
      const { query = "", sort = "-active_at" } = request;
      const filter = { sort: sort.replace("-", "") as store.ChatSort, words: searchWords(query) };
      const page = readPage(request, {
        scope: ["chats", sort, query],
        key: [filter.sort === "title" ? "" : 0, 0, ""],
        isOldestFirst: !sort.startsWith("-"),
      });
      const rows = await store.listChats(database, user.id, filter, page);
      const { rows: chats, next_page_token } = pageOf(rows, page, ({ sort_key, id, moment }) => [
        sort_key,
        id,
        shortMoment(moment),
      ]);
      const people = await includedPeople(database, user, request, chats.flatMap(namedIn));
      return { chats, next_page_token, people };
    },

    async getChat(request, { user, database }) {
      const { chat_id } = request;
      const chat = await store.findChat(database, chat_id, user.id);
      if (!chat) throw chatNotFound(chat_id);
      const messages = await latestMessages(database, chat, user.id, pageSize(request, limits));
      // Between the two statements the caller has left.
      if (messages.length === 0 && chat.last_seq > 0) throw chatNotFound(chat_id);
      const ids = [...namedIn(chat), ...messages.map(({ sender_id }) => sender_id)];
      return { chat, messages, people: await includedPeople(database, user, request, ids) };
    },

    async updateChat({ chat_id, title }, call): Promise<Chat> {
      const { user, database, precondition } = call;
      return database.transaction(async (queries) => {
        const standing = await lockGroupAsOwner(queries, chat_id, user);
        const updated = await store.updateChat(queries, chat_id, title, precondition.versions);
        if (!updated) throw changed(chat_id);
        if (updated.is_changed) await recordUpdates(queries, user.id, [chatChanged(chat_id)]);
        await recordOutsider(queries, call, standing, "chat.update", chat_id);
        return (await store.findChat(queries, chat_id, user.id, true))!;
      });
    },

    async deleteChat({ chat_id }, call): Promise<Empty> {
      const { user, database, precondition } = call;
      await database.transaction(async (queries) => {
        await lockAsOwner(queries, chat_id, user);
        const members = await emptyChat(queries, chat_id, precondition.versions);
        if (members.length === 0) throw changed(chat_id);
        await recordUpdates(queries, user.id, chatDeleted(chat_id, members));
        await recordAudit(queries, call, { action: "chat.delete", target: ["chat", chat_id] });
      });
      await finishDeletion(database, [chat_id]);
      return {};
    },
  };
}

/** Creates the chat of two users, or of one user alone. Does nothing when another call has created it meanwhile. */
async function makeDirectChat(database: Database, user: Caller, otherId: number): Promise<void> {
  await database.transaction(async (queries) => {
    await lockFirstMembers(queries, user, [otherId]);
    const id = await store.insertDirectChat(queries, user.id, otherId);
    if (id === undefined) return;
    await beginSequence(queries, id);
    await addMembers(queries, user.id, id, [...new Set([user.id, otherId])], "CHAT_ROLE_MEMBER");
  });
}

/** The ids of the people that a chat names. */
function namedIn({ last_message, direct_user_id }: Chat): (number | undefined)[] {
  return [last_message?.sender_id, direct_user_id];
}

function changed(chatId: number): ApiError {
  return new ApiError("PRECONDITION_FAILED", `Chat with id=${chatId} has changed`);
}
