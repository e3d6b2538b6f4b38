// How somebody who ends their account goes from all their chats: from groups as one who leaves, and from each direct chat so
// that it stays with the other person, to whom alone it belongs from then on.
import type { Queries } from "../platform/database/database.js";
import * as store from "./leave-all-store.js";
import { requireAnotherOwner } from "./members/ownership.js";

/**
 * Takes a user, who is held (users/people.ts), out of all chats; `name` is what their direct chats are called from now on.
 * Answers with the chats that nobody is left in, for finishDeletion to delete. Throws LAST_OWNER with the first chat that
 * would be left without an owner; the transaction must then be given up.
 */
export async function leaveAllChats(queries: Queries, userId: number, name: string): Promise<number[]> {
  await store.lockChatsOf(queries, userId);
  // Asked after the locks are held: a statement that had waited for them would answer with what was before.
  const standings = await store.listStandings(queries, userId);
  for (const { chat_id, role, members, owners } of standings)
    if (role === "CHAT_ROLE_OWNER" && members > 1) requireAnotherOwner(owners, chat_id);
  await store.deleteMemberships(queries, userId);
  const direct = standings.filter(({ kind }) => kind === "CHAT_KIND_DIRECT").map(({ chat_id }) => chat_id);
  if (direct.length > 0) await store.updateToGroups(queries, direct, name);
  return standings.filter(({ members }) => members === 1).map(({ chat_id }) => chat_id);
}
