// Who is in which chat: the one question that other domains may ask of chats.
import { ApiError } from "../../errors.js";
import type { Queries } from "../../platform/database/database.js";
import * as store from "./store.js";

/** The refusal that a chat which is not there and one that the caller may not see have in common: ids cannot be probed. */
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
