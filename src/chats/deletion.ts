// How a chat goes for ever. It is emptied first, by a short transaction: from then on it is gone for everybody, and a send
// into it is refused without waiting. Its messages, of which there may be very many, go after that.
import type { Database } from "../platform/database.js";
import { deleteEmptyChats } from "./store.js";

const timeoutMs = 60_000;

/** Deletes the messages of chats that nobody is in any more: of the one just emptied, and of what a crash has left. */
export async function finishDeletion(database: Database): Promise<void> {
  await database.transaction((queries) => deleteEmptyChats(queries), { timeoutMs });
}
