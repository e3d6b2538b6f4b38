// Who is in a chat: coming, going, and owning. A group chat always has an owner.
import type { Handlers } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { Empty } from "../../gen/google/protobuf/empty.js";
import type { ChatMember, ChatService } from "../../gen/lyceum/v1/chat.js";
import type { Queries } from "../../platform/database/database.js";
import { pageOf, pageSize, pageStart } from "../../platform/page.js";
import { holdPeople } from "../../users/people.js";
import { finishDeletion } from "../deletion.js";
import { chatNotFound, requireMember } from "./membership.js";
import { userNotFound } from "./add-members.js";
import { lockGroupAsMember, lockGroupAsOwner, requireAnotherOwner } from "./ownership.js";
import * as store from "./store.js";

type MemberMethods =
  "listChatMembers" | "addChatMember" | "updateChatMember" | "removeChatMember" | "leaveChat" | "readChat";

export const memberHandlers: Pick<Handlers<ChatService>, MemberMethods> = {
  async listChatMembers(request, { user, database }) {
    const { chat_id, skip = 0 } = request;
    const scope = ["chat-members", chat_id];
    const behind = pageStart(request, scope, [0, 0, 0]);
    const size = pageSize(request);
    const rows = await store.listMembers(database, chat_id, user.id, behind, size + 1, skip);
    if (rows.length === 0) await requireMember(database, chat_id, user.id);
    const page = pageOf(rows, size, scope, ({ rank, joined, user_id }) => [rank, joined, user_id]);
    return { members: page.rows, next_page_token: page.next_page_token };
  },

  async addChatMember({ chat_id, user_id, role }, { user, database }) {
    return database.transaction(async (queries) => {
      // People are locked before chats, and told about after: an outsider hears of the chat alone.
      const missing = await holdPeople(queries, [user_id]);
      await lockGroupAsOwner(queries, chat_id, user);
      if (missing !== undefined) throw userNotFound(missing);
      if ((await store.insertMembers(queries, chat_id, [user_id], role)) === 0)
        throw new ApiError("ALREADY_MEMBER", `User with id=${user_id} is a member of chat with id=${chat_id} already`);
      return requireMemberOf(queries, chat_id, user_id);
    });
  },

  async updateChatMember({ chat_id, user_id, role }, { user, database }) {
    return database.transaction(async (queries) => {
      const { owners } = await lockGroupAsOwner(queries, chat_id, user);
      const member = await requireMemberOf(queries, chat_id, user_id);
      if (role === undefined || role === member.role) return member;
      if (member.role === "CHAT_ROLE_OWNER") requireAnotherOwner(owners, chat_id);
      await store.updateMember(queries, chat_id, user_id, role);
      return { ...member, role };
    });
  },

  async removeChatMember({ chat_id, user_id }, { user, database }): Promise<Empty> {
    return database.transaction(async (queries) => {
      const { owners } = await lockGroupAsOwner(queries, chat_id, user);
      const { role } = await requireMemberOf(queries, chat_id, user_id);
      if (role === "CHAT_ROLE_OWNER") requireAnotherOwner(owners, chat_id);
      await store.deleteMember(queries, chat_id, user_id);
      return {};
    });
  },

  async leaveChat({ chat_id, new_owner_id }, { user, database }): Promise<Empty> {
    const isLast = await database.transaction(async (queries) => {
      const { role, members, owners } = await lockGroupAsMember(queries, chat_id, user);
      const isOwner = role === "CHAT_ROLE_OWNER";
      if (isOwner && members > 1 && new_owner_id === undefined) requireAnotherOwner(owners, chat_id);
      await store.deleteMember(queries, chat_id, user.id);
      // Who does not own the chat has nothing to hand over. The caller is no member any more, and cannot be named.
      if (isOwner && new_owner_id !== undefined) {
        if (!(await store.updateMember(queries, chat_id, new_owner_id, "CHAT_ROLE_OWNER")))
          throw memberNotFound(chat_id, new_owner_id);
      }
      return members === 1;
    });
    if (isLast) await finishDeletion(database, [chat_id]);
    return {};
  },

  async readChat({ chat_id, seq }, { user, database }) {
    const state = await store.updateLastRead(database, chat_id, user.id, seq);
    if (!state) throw chatNotFound(chat_id);
    return state;
  },
};

function memberNotFound(chatId: number, userId: number): ApiError {
  return new ApiError("MEMBER_NOT_FOUND", `User with id=${userId} is not a member of chat with id=${chatId}`);
}

async function requireMemberOf(queries: Queries, chatId: number, userId: number): Promise<ChatMember> {
  const member = await store.findMember(queries, chatId, userId);
  if (!member) throw memberNotFound(chatId, userId);
  return member;
}
