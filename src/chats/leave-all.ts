// Leaving all chats when an account ends. Group chats are left as by LeaveChat. A direct chat stays with the other
// person: it becomes a group chat that the other owns.
import type { EndAccountStep } from "../accounts/end-account.js";
import { recordUpdates } from "../platform/updates/updates.js";
import { chatChanged, memberRemoved } from "./chat-updates.js";
import { finishDeletion } from "./deletion.js";
import * as store from "./leave-all-store.js";
import { requireAnotherOwner } from "./members/ownership.js";

/** The title of what was a direct chat. Nothing of a name is kept. */
const titleWithout = "Deleted account";

/**
 * Removes a locked user from all chats; direct chats get a title without the user's name. Chats that have no
 * members after that are deleted once the transaction has committed. Throws LAST_OWNER with the first chat that would
 * be left without an owner.
 */
export const leaveAllChats: EndAccountStep = async (queries, { id, actorId }) => {
  await store.lockChatsOf(queries, id);
  // A statement of its own, after the locks: one that waits for a lock still reads the rows from before it waited.
  const standings = await store.listStandings(queries, id);
  for (const { chat_id, role, members, owners } of standings)
    if (role === "CHAT_ROLE_OWNER" && members > 1) requireAnotherOwner(owners, chat_id);
  await store.deleteMemberships(queries, id);
  const direct = standings.filter(({ kind }) => kind === "CHAT_KIND_DIRECT").map(({ chat_id }) => chat_id);
  if (direct.length > 0) await store.updateToGroups(queries, direct, titleWithout);
  await recordUpdates(queries, actorId, [
    ...standings.flatMap(({ chat_id }) => memberRemoved(chat_id, id)),
    ...direct.map(chatChanged),
  ]);
  const empty = standings.filter(({ members }) => members === 1).map(({ chat_id }) => chat_id);
  return (database) => finishDeletion(database, empty);
};
