// How a chat is deleted. A short transaction removes its members: from then on nobody sees it, and a send into it fails
// without waiting. Its messages, of which there may be very many, are deleted after that, in short transactions too.
import { ApiError } from "../errors.js";
import type { Database } from "../platform/database/database.js";
import { deletePart, type DeletePart } from "./deletion-store.js";

/** For one part of one chat, in milliseconds. */
const timeoutMs = 60_000;

/**
 * Deletes chats that a committed transaction has emptied, one after the other, with their messages. Does nothing to a
 * chat that is deleted already. Whatever a crash or a database that is away or busy leaves over is deleted by a sweep (sweep.ts).
 */
export async function finishDeletion(database: Database, chatIds: readonly number[]): Promise<void> {
  try {
    for (const id of chatIds) await deleteInParts(database, id, deletePart);
  } catch (error) {
    // For the caller the chat is gone: "send it again" would be wrong.
    if (!(error instanceof ApiError)) throw error;
  }
}

/**
 * Deletes a chat without members part by part, so that what is done stays done when the process is killed. False when it is
 * locked, has members or is deleted already, and when `signal` is aborted before the last part.
 */
export async function deleteInParts(
  database: Database,
  id: number,
  deletePart: DeletePart,
  signal?: AbortSignal,
): Promise<boolean> {
  let after = 0;
  while (!signal?.aborted) {
    const part = await database.transaction((queries) => deletePart(queries, id, after), { timeoutMs });
    if (part === "absent") return false;
    if (part === "last") return true;
    after = part.lastSeq;
  }
  return false;
}
