// Deletes chats whose deletion was not finished because a process crashed or a statement took too long.
import type { SweepStep } from "../platform/sweep.js";
import { deletionTimeoutMs as timeoutMs } from "./deletion.js";
import { deleteUnlockedChat, listEmptyChats } from "./deletion-store.js";

/** Deletes chats without members, each in a transaction of its own: a chat gets its first members when it is made. */
export const sweepChats: SweepStep = {
  name: "chats without members",
  async run(database, signal) {
    let deleted = 0;
    let failure: unknown;
    for (const id of await database.transaction(listEmptyChats, { timeoutMs })) {
      if (signal.aborted) break;
      try {
        if (await database.transaction((queries) => deleteUnlockedChat(queries, id), { timeoutMs })) deleted += 1;
      } catch (error) {
        // One chat that takes too long does not keep the others.
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return deleted;
  },
};
