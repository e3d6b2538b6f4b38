// The locks of changes that concern everybody in a group.
import { lockOthers, notAbove } from "../accounts/above.js";
import type { Caller } from "../call.js";
import type { Group } from "../gen/lyceum/v1/group.js";
import type { Queries } from "../platform/database/database.js";
import { listMemberIds } from "../users/group-members.js";
import { isAbove, lockUsersToChange, type Standing } from "../users/standing.js";
import { lockToChange } from "./store.js";

/** What is locked: those of the groups that exist, and everybody in the first one. */
export interface Locked {
  readonly groups: readonly Group[];
  readonly members: readonly Standing[];
}

/**
 * Locks the caller, everybody in the first of the groups, and the groups until the transaction ends, so that nobody joins or leaves it.
 * Throws INVALID_TOKEN as lockCaller of accounts/above.ts does.
 */
export async function lockWithMembers(
  queries: Queries,
  caller: Caller,
  groupIds: readonly [number, ...number[]],
): Promise<Locked> {
  const [first] = groupIds;
  const locked = new Map<number, Standing>();
  const keep = (standings: readonly Standing[]): void => standings.forEach((each) => locked.set(each.id, each));
  keep(await lockOthers(queries, caller, await listMemberIds(queries, first)));
  const groups = await lockToChange(queries, groupIds);
  for (;;) {
    const ids = await listMemberIds(queries, first);
    const late = ids.filter((id) => !locked.has(id));
    if (late.length === 0) return { groups, members: ids.map((id) => locked.get(id)!) };
    // They joined just before the group was locked. Should locking them now end in a deadlock, the transaction is run again.
    keep(await lockUsersToChange(queries, late));
  }
}

/** Throws PERMISSION_DENIED unless the caller is above all of them. A super admin is above themselves here. */
export function requireAbove(caller: Caller, users: readonly Standing[]): void {
  if (!users.every(({ role }) => isAbove(caller.role, role)))
    throw notAbove("This is for those who are above everybody whom it moves");
}
