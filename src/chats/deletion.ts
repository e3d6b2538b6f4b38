// How a chat is deleted. A short transaction removes its members: from then on nobody sees it, and a send into it fails
// without waiting. Its messages, of which there may be very many, are deleted by a second transaction.
import type { Database } from "../platform/database/database.js";
import { deleteEmptyChat } from "./deletion-store.js";

/** For one chat, in milliseconds. */
export const deletionTimeoutMs = 60_000;

/**
 * Deletes chats that a committed transaction has emptied, one after the other, with their messages. Does nothing to a
 * chat that is deleted already. Whatever a crash or a timeout leaves over is deleted by the next sweep (sweep.ts).
 */
export async function finishDeletion(database: Database, chatIds: readonly number[]): Promise<void> {
  for (const id of chatIds)
    await database.transaction((queries) => deleteEmptyChat(queries, id), { timeoutMs: deletionTimeoutMs });
}
