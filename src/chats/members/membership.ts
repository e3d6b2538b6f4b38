// Whether a user is a member of a chat: for every part of chats, and for other domains.
import { ApiError } from "../../errors.js";
import type { Queries } from "../../platform/database/database.js";
import * as store from "./store.js";

/** The same error for a chat that does not exist and for one that the caller may not see: ids cannot be probed. */
export function chatNotFound(chatId: number): ApiError {
  return new ApiError("CHAT_NOT_FOUND", `Chat with id=${chatId} not found`);
}

/** Throws CHAT_NOT_FOUND when the user is not a member of the chat. */
export async function requireMember(queries: Queries, chatId: number, userId: number): Promise<void> {
  if (!(await store.findRole(queries, chatId, userId))) throw chatNotFound(chatId);
}

/** Whether the user owns the chat. */
export async function isOwner(queries: Queries, chatId: number, userId: number): Promise<boolean> {
  return (await store.findRole(queries, chatId, userId)) === "CHAT_ROLE_OWNER";
}
