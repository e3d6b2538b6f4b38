// Who may change a chat and its members. All changes of one chat wait for each other, so that what is decided here
// still holds when it is done.
import type { Caller } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { ChatKind } from "../../gen/lyceum/v1/chat.js";
import type { Queries } from "../../platform/database/database.js";
import { findStanding, type Standing } from "./store.js";
import { chatNotFound } from "./membership.js";
import * as store from "../store.js";

/** Locks any chat for its owners and super admins. Throws CHAT_NOT_FOUND or PERMISSION_DENIED. */
export async function lockAsOwner(queries: Queries, chatId: number, user: Caller): Promise<void> {
  requireOwner(await lock(queries, chatId, user), user);
}

/** Locks a group chat for its owners and super admins. Throws CHAT_NOT_FOUND, DIRECT_CHAT or PERMISSION_DENIED. */
export async function lockGroupAsOwner(queries: Queries, chatId: number, user: Caller): Promise<Standing> {
  const standing = await lock(queries, chatId, user);
  requireGroup(standing, chatId);
  requireOwner(standing, user);
  return standing;
}

/** Locks a group chat for its members. Throws CHAT_NOT_FOUND or DIRECT_CHAT. */
export async function lockGroupAsMember(queries: Queries, chatId: number, user: Caller): Promise<Standing> {
  const standing = await lock(queries, chatId, user);
  if (!standing.role) throw chatNotFound(chatId);
  requireGroup(standing, chatId);
  return standing;
}

async function lock(queries: Queries, chatId: number, user: Caller): Promise<Standing & { kind: ChatKind }> {
  const isSuperAdmin = user.role === "ROLE_SUPER_ADMIN";
  const kind = await store.lockChat(queries, chatId, user.id, isSuperAdmin);
  // Asked after the lock is held: a statement that had waited for it would answer with what was before.
  const standing = await findStanding(queries, chatId, user.id);
  const isVisible = standing.role !== undefined || isSuperAdmin;
  // A chat without members is about to be deleted.
  if (!kind || standing.members === 0 || !isVisible) throw chatNotFound(chatId);
  return { ...standing, kind };
}

function requireGroup({ kind }: { kind: ChatKind }, chatId: number): void {
  if (kind === "CHAT_KIND_DIRECT")
    throw new ApiError("DIRECT_CHAT", `Chat with id=${chatId} is the chat of two people, and stays as it is`);
}

function requireOwner({ role }: Standing, user: Caller): void {
  if (role !== "CHAT_ROLE_OWNER" && user.role !== "ROLE_SUPER_ADMIN")
    throw new ApiError("PERMISSION_DENIED", "Only owners of the chat and super admins may do this");
}

/** Throws LAST_OWNER when an owner who is about to be one no longer is the only one. */
export function requireAnotherOwner(owners: number, chatId: number): void {
  if (owners === 1) throw new ApiError("LAST_OWNER", `Chat with id=${chatId} would be left without an owner`);
}
