// Users as the members of a group, for the domain of groups. A user is in one group or in none.
import type { Queries } from "../platform/database/database.js";
import * as store from "./group-members-store.js";

export { isMember, listGroupMembers, listMemberIds, type MovedUser } from "./group-members-store.js";

/**
 * Moves users to a group, or out of every group without one, as a step of a transaction that has locked them (lockUsersToChange) and the
 * group. Returns those who were elsewhere, in the order of ids, with the groups that they were in. One statement, or none for nobody.
 */
export async function moveUsers(
  queries: Queries,
  ids: readonly number[],
  groupId: number | undefined,
): Promise<store.MovedUser[]> {
  return ids.length === 0 ? [] : store.moveUsers(queries, ids, groupId);
}
