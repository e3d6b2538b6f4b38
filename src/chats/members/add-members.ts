// Adding users to a chat. Every new member's account is locked first, so that it cannot end before the membership
// exists.
import { invalidToken } from "../../accounts/challenge.js";
import type { Caller } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { ChatRole } from "../../gen/lyceum/v1/chat.js";
import type { Queries } from "../../platform/database/database.js";
import { recordUpdates } from "../../platform/updates/updates.js";
import { lockUsers } from "../../users/people.js";
import { membersAdded } from "../chat-updates.js";
import { insertMembers } from "./store.js";

/** The error for a user who does not exist, or whose account has ended. */
export function userNotFound(id: number): ApiError {
  return new ApiError("USER_NOT_FOUND", `User with id=${id} not found`);
}

/**
 * Locks the caller and the other first members of a new chat until the transaction ends; must be its first step. Throws
 * USER_NOT_FOUND with the first of the others that does not exist, and INVALID_TOKEN when the caller's account has
 * ended and this process has not been notified yet.
 */
export async function lockFirstMembers(queries: Queries, caller: Caller, others: readonly number[]): Promise<void> {
  const missing = await lockUsers(queries, [caller.id, ...others]);
  if (missing === caller.id) throw invalidToken();
  if (missing !== undefined) throw userNotFound(missing);
}

/** Adds users, who must be locked, to a chat, and tells of it. Returns how many of them were not members before. */
export async function addMembers(
  queries: Queries,
  actorId: number,
  chatId: number,
  userIds: readonly number[],
  role: ChatRole,
): Promise<number> {
  const added = await insertMembers(queries, chatId, userIds, role);
  await recordUpdates(queries, actorId, membersAdded(chatId, added));
  return added.length;
}
