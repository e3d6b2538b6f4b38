// Permission to change a chat and its members. All changes of one chat are serialized by a lock on its row, so that a
// check made here still holds when the change is made.
import type { Call, Caller } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { ChatKind } from "../../gen/lyceum/v1/chat.js";
import { recordAudit } from "../../platform/audit/audit.js";
import type { Queries } from "../../platform/database/database.js";
import { chatNotFound } from "./membership.js";
import { findStanding, lockChat, type Standing } from "./store.js";

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

/** Records a change of a chat by a super admin who is not a member of it. What its owners do with it is not recorded. */
export async function recordOutsider(
  queries: Queries,
  call: Call,
  { role }: Standing,
  action: `chat.${string}`,
  chatId: number,
): Promise<void> {
  if (role === undefined) await recordAudit(queries, call, { action, target: ["chat", chatId] });
}

async function lock(queries: Queries, chatId: number, user: Caller): Promise<Standing & { kind: ChatKind }> {
  const isSuperAdmin = user.role === "ROLE_SUPER_ADMIN";
  const kind = await lockChat(queries, chatId, user.id, isSuperAdmin);
  // A statement of its own, after the lock: one that waits for the lock still reads the rows from before it waited.
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

/** Before an owner leaves or becomes a member. Throws LAST_OWNER when it is the only one of the `owners`. */
export function requireAnotherOwner(owners: number, chatId: number): void {
  if (owners === 1) throw new ApiError("LAST_OWNER", `Chat with id=${chatId} would be left without an owner`);
}
