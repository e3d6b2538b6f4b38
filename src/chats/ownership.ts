// Who may change a chat and its members. All changes of one chat wait for each other, so that what is decided here
// still holds when it is done.
import type { Caller } from "../call.js";
import { ApiError } from "../errors.js";
import type { ChatRole } from "../gen/lyceum/v1/chat.js";
import type { Queries } from "../platform/database.js";
import * as members from "./members/store.js";
import { chatNotFound } from "./membership.js";
import * as store from "./store.js";

/** Locks any chat for its owners and super admins. Throws CHAT_NOT_FOUND or PERMISSION_DENIED. */
export async function lockAsOwner(queries: Queries, chatId: number, user: Caller): Promise<void> {
  requireOwner((await lock(queries, chatId, user)).role, user);
}

/** Locks a group chat for its owners and super admins. Throws CHAT_NOT_FOUND, DIRECT_CHAT or PERMISSION_DENIED. */
export async function lockGroupAsOwner(queries: Queries, chatId: number, user: Caller): Promise<void> {
  requireOwner(await lockGroup(queries, chatId, user), user);
}

/** Locks a group chat for a member; answers the member's role. Throws CHAT_NOT_FOUND or DIRECT_CHAT. */
export async function lockGroupAsMember(queries: Queries, chatId: number, user: Caller): Promise<ChatRole> {
  const role = await lockGroup(queries, chatId, user);
  if (!role) throw chatNotFound(chatId);
  return role;
}

async function lock(queries: Queries, chatId: number, user: Caller) {
  const kind = await store.lockChat(queries, chatId);
  // Asked after the lock is held: a statement that had waited for it would answer with what was before.
  const role = await members.findRole(queries, chatId, user.id);
  if (!kind || (!role && user.role !== "ROLE_SUPER_ADMIN")) throw chatNotFound(chatId);
  return { kind, role };
}

async function lockGroup(queries: Queries, chatId: number, user: Caller): Promise<ChatRole | undefined> {
  const { kind, role } = await lock(queries, chatId, user);
  if (kind === "CHAT_KIND_DIRECT")
    throw new ApiError("DIRECT_CHAT", `Chat with id=${chatId} is the chat of two people, and stays as it is`);
  return role;
}

function requireOwner(role: ChatRole | undefined, user: Caller): void {
  if (role !== "CHAT_ROLE_OWNER" && user.role !== "ROLE_SUPER_ADMIN")
    throw new ApiError("PERMISSION_DENIED", "Only owners of the chat and super admins may do this");
}
