// Who is in a group: moving people from group to group, with the chats of these groups, and for other domains too.
import { type Membership, moveMembers } from "../chats/in-step.js";
import { ApiError } from "../errors.js";
import { type AuditedCall, type AuditEvent, recordAudits } from "../platform/audit/audit.js";
import type { Queries } from "../platform/database/database.js";
import { recordUpdates } from "../platform/updates/updates.js";
import { type MovedUser, moveUsers } from "../users/group-members.js";
import { findChats, type JoinedGroup, lockToJoin } from "./store.js";

/** The error for a group that does not exist. */
export function groupNotFound(id: number): ApiError {
  return new ApiError("GROUP_NOT_FOUND", `Group with id=${id} not found`);
}

/**
 * Moves users to a group, or, without one, out of the group that each is in, as a step of a transaction that has locked them
 * (lockUsersToChange); who may do so is the caller's to decide. They leave the chats of their former groups and join that of the new
 * one, and each move is recorded. Who is there already stays as they are. The number of statements does not depend on that of users.
 * Throws GROUP_NOT_FOUND.
 */
export async function moveToGroup(
  queries: Queries,
  call: AuditedCall,
  userIds: readonly number[],
  groupId: number | undefined,
): Promise<void> {
  const group = groupId === undefined ? undefined : await lockToJoin(queries, groupId);
  if (groupId !== undefined && !group) throw groupNotFound(groupId);
  const moved = await moveUsers(queries, userIds, groupId);
  const chats = await findChats(queries, formerGroups(moved));
  const leavers = moved.flatMap(({ id, former_group_id }): Membership[] => {
    const chatId = chats.get(former_group_id!);
    return chatId === undefined ? [] : [{ chatId, userId: id }];
  });
  await follow(queries, call, group, moved, leavers);
}

/** The same for the members of a group that is about to be deleted, into a locked group. They stay in the chat of the former one. */
export async function moveOn(
  queries: Queries,
  call: AuditedCall,
  userIds: readonly number[],
  group: JoinedGroup,
): Promise<void> {
  await follow(queries, call, group, await moveUsers(queries, userIds, group.id), []);
}

async function follow(
  queries: Queries,
  call: AuditedCall,
  group: JoinedGroup | undefined,
  moved: readonly MovedUser[],
  leavers: readonly Membership[],
): Promise<void> {
  if (moved.length === 0) return;
  await moveMembers(queries, {
    actorId: call.user.id,
    leavers,
    chatId: group?.chat_id,
    joiners: moved.map(({ id }) => id),
  });
  await recordUpdates(
    queries,
    call.user.id,
    moved.map(({ id }) => ({ topic: "school", kind: "user.changed", subjectId: id })),
  );
  await recordAudits(
    queries,
    call,
    moved.flatMap(({ id, former_group_id }) => [
      ...(former_group_id === undefined ? [] : [actOn("group_member.remove", former_group_id, id)]),
      ...(group === undefined ? [] : [actOn("group_member.add", group.id, id)]),
    ]),
  );
}

function formerGroups(moved: readonly MovedUser[]): number[] {
  const ids = new Set(moved.map(({ former_group_id }) => former_group_id));
  ids.delete(undefined);
  return [...(ids as Set<number>)];
}

function actOn(action: AuditEvent["action"], groupId: number, userId: number): AuditEvent {
  return { action, target: ["group_member", `${groupId}/${userId}`] };
}
