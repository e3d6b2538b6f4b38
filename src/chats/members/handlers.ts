// The members of a chat: listing, adding, changing, removing and leaving. A group chat always has an owner.
import type { Call, Handlers } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { Empty } from "../../gen/google/protobuf/empty.js";
import type { ChatMember, ChatRole, ChatService } from "../../gen/lyceum/v1/chat.js";
import { recordAudit } from "../../platform/audit/audit.js";
import type { Queries } from "../../platform/database/database.js";
import { shortMoment } from "../../platform/list-moment.js";
import { pageOf, readPage } from "../../platform/page.js";
import { recordUpdates } from "../../platform/updates/updates.js";
import { includedPeople, lockUsers } from "../../users/people.js";
import { memberChanged, memberRemoved } from "../chat-updates.js";
import { finishDeletion } from "../deletion.js";
import { addMembers, userNotFound } from "./add-members.js";
import { chatNotFound, requireMember } from "./membership.js";
import { lockGroupAsMember, lockGroupAsOwner, requireAnotherOwner } from "./ownership.js";
import * as store from "./store.js";

type MemberMethods =
  | "listChatMembers"
  | "addChatMember"
  | "updateChatMember"
  | "removeChatMember"
  | "leaveChat"
  | "readChat";

export const memberHandlers: Pick<Handlers<ChatService>, MemberMethods> = {
  async listChatMembers(request, { user, database }) {
    const { chat_id } = request;
    const page = readPage(request, { scope: ["chat-members", chat_id], key: [0, 0, 0, ""] });
    const rows = await store.listMembers(database, chat_id, user.id, page);
    if (rows.length === 0) await requireMember(database, chat_id, user.id);
    const { rows: members, next_page_token } = pageOf(rows, page, ({ rank, joined, user_id, moment }) => [
      rank,
      joined,
      user_id,
      shortMoment(moment),
    ]);
    const ids = members.map(({ user_id }) => user_id);
    return { members, next_page_token, people: await includedPeople(database, user, request, ids) };
  },

  async addChatMember({ chat_id, user_id, role }, call) {
    const { user, database } = call;
    return database.transaction(async (queries) => {
      // Users are locked before chats, but a caller who may not see the chat learns nothing about the user.
      const missing = await lockUsers(queries, [user_id]);
      await lockGroupAsOwner(queries, chat_id, user);
      if (missing !== undefined) throw userNotFound(missing);
      if ((await addMembers(queries, user.id, chat_id, [user_id], role)) === 0)
        throw new ApiError("ALREADY_MEMBER", `User with id=${user_id} is a member of chat with id=${chat_id} already`);
      if (role === "CHAT_ROLE_OWNER") await recordRole(queries, call, chat_id, user_id, role);
      return requireMemberOf(queries, chat_id, user_id);
    });
  },

  async updateChatMember({ chat_id, user_id, role }, call) {
    const { user, database } = call;
    return database.transaction(async (queries) => {
      const { owners } = await lockGroupAsOwner(queries, chat_id, user);
      const member = await requireMemberOf(queries, chat_id, user_id);
      if (role === undefined || role === member.role) return member;
      if (member.role === "CHAT_ROLE_OWNER") requireAnotherOwner(owners, chat_id);
      await store.updateMember(queries, chat_id, user_id, role);
      await recordRole(queries, call, chat_id, user_id, role);
      await recordUpdates(queries, user.id, [memberChanged(chat_id, user_id)]);
      return { ...member, role };
    });
  },

  async removeChatMember({ chat_id, user_id }, call): Promise<Empty> {
    const { user, database } = call;
    return database.transaction(async (queries) => {
      const { owners } = await lockGroupAsOwner(queries, chat_id, user);
      const { role } = await requireMemberOf(queries, chat_id, user_id);
      if (role === "CHAT_ROLE_OWNER") requireAnotherOwner(owners, chat_id);
      await store.deleteMember(queries, chat_id, user_id);
      await recordUpdates(queries, user.id, memberRemoved(chat_id, user_id));
      if (user_id !== user.id)
        await recordAudit(queries, call, { action: "chat_member.remove", target: memberTarget(chat_id, user_id) });
      return {};
    });
  },

  async leaveChat({ chat_id, new_owner_id }, call): Promise<Empty> {
    const { user, database } = call;
    const isLast = await database.transaction(async (queries) => {
      const { role, members, owners } = await lockGroupAsMember(queries, chat_id, user);
      const isOwner = role === "CHAT_ROLE_OWNER";
      if (isOwner && members > 1 && new_owner_id === undefined) requireAnotherOwner(owners, chat_id);
      await store.deleteMember(queries, chat_id, user.id);
      await recordUpdates(queries, user.id, memberRemoved(chat_id, user.id));
      // Only an owner can name the next one. The caller is no longer a member here, and so cannot be that one.
      if (isOwner && new_owner_id !== undefined) {
        if (!(await store.updateMember(queries, chat_id, new_owner_id, "CHAT_ROLE_OWNER")))
          throw memberNotFound(chat_id, new_owner_id);
        await recordRole(queries, call, chat_id, new_owner_id, "CHAT_ROLE_OWNER");
        await recordUpdates(queries, user.id, [memberChanged(chat_id, new_owner_id)]);
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

/** Records that a member has another role now. */
async function recordRole(queries: Queries, call: Call, chatId: number, userId: number, role: ChatRole): Promise<void> {
  const action = role === "CHAT_ROLE_OWNER" ? "chat_member.make_owner" : "chat_member.make_member";
  await recordAudit(queries, call, { action, target: memberTarget(chatId, userId) });
}

function memberTarget(chatId: number, userId: number): ["chat_member", string] {
  return ["chat_member", `${chatId}/${userId}`];
}

function memberNotFound(chatId: number, userId: number): ApiError {
  return new ApiError("MEMBER_NOT_FOUND", `User with id=${userId} is not a member of chat with id=${chatId}`);
}

async function requireMemberOf(queries: Queries, chatId: number, userId: number): Promise<ChatMember> {
  const member = await store.findMember(queries, chatId, userId);
  if (!member) throw memberNotFound(chatId, userId);
  return member;
}
