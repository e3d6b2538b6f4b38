// Deletes chats whose deletion was not finished because a process crashed or a statement took too long.
import type { SweepStep } from "../platform/sweep/sweep.js";
import { deleteInParts } from "./deletion.js";
import { deletePartUnlessLocked, listEmptyChats } from "./deletion-store.js";

/** Deletes chats without members, each in transactions of its own: a chat gets its first members when it is made. */
export const sweepChats: SweepStep = {
  name: "chats without members",
  async run(database, signal) {
    let rows = 0;
    let failure: unknown;
    const { ids, isAll } = await listEmptyChats(database);
    for (const id of ids) {
      if (signal.aborted) break;
      try {
        if (await deleteInParts(database, id, deletePartUnlessLocked, signal)) rows += 1;
      } catch (error) {
        // One chat that takes too long does not keep the others.
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return { rows, isComplete: isAll && rows === ids.length };
  },
};
