// How a chat goes for ever. It is emptied first, by a short transaction: from then on it is gone for everybody, and a send
// into it is refused without waiting. Its messages, of which there may be very many, go after that.
import type { Database } from "../platform/database/database.js";
import { deleteEmptyChat, deleteLeftChats } from "./store.js";

const timeoutMs = 60_000;

/** Deletes the chats that were just emptied with their messages, and whatever chats a crash has left in this state. */
export async function finishDeletion(database: Database, chatIds: readonly number[]): Promise<void> {
  if (chatIds.length === 0) return;
  for (const id of chatIds) await database.transaction((queries) => deleteEmptyChat(queries, id), { timeoutMs });
  await database.transaction((queries) => deleteLeftChats(queries), { timeoutMs });
}
