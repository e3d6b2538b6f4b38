// How a chat goes for ever. It is emptied first, by a short transaction: from then on it is gone for everybody, and a send
// into it is refused without waiting. Its messages, of which there may be very many, go after that.
import type { Database } from "../platform/database.js";
import { deleteEmptyChat, deleteLeftChats } from "./store.js";

const timeoutMs = 60_000;

/** Deletes the chat that was just emptied with its messages, and whatever chats a crash has left in this state. */
export async function finishDeletion(database: Database, chatId: number): Promise<void> {
  await database.transaction((queries) => deleteEmptyChat(queries, chatId), { timeoutMs });
  await database.transaction((queries) => deleteLeftChats(queries), { timeoutMs });
}
