// The sequence of a chat: the one thing of messages that must exist when a chat is made.
import type { Queries } from "../../platform/database/database.js";
import * as store from "./store.js";

/** Makes the sequence of a new chat, in the transaction that makes the chat. No message can be sent without it. */
export async function beginSequence(queries: Queries, chatId: number): Promise<void> {
  await store.insertSequence(queries, chatId);
}
