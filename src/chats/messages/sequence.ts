// The places of a chat: the one thing that chats ask of messages when a chat is made.
import type { Queries } from "../../platform/database/database.js";
import * as store from "./store.js";

/** Begins the sequence of a new chat, in the transaction that makes it. Without one nothing can be sent into it. */
export async function beginSequence(queries: Queries, chatId: number): Promise<void> {
  await store.insertSequence(queries, chatId);
}
