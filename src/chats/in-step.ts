// Chats that another domain makes, and keeps in step with its own members and names. Each act is a step of a transaction that has
// locked the users.
import { Precondition } from "../contract/http/preconditions.js";
import type { Queries } from "../platform/database/database.js";
import { recordUpdates } from "../platform/updates/updates.js";
import { chatChanged, memberRemoved } from "./chat-updates.js";
import { deleteMembers, lockLiveChats, type Membership } from "./in-step-store.js";
import { addMembers } from "./members/add-members.js";
import { beginSequence } from "./messages/sequence.js";
import * as store from "./store.js";

export type { Membership };

/** Makes a group chat with an owner and members; returns its id. */
export async function makeChat(
  queries: Queries,
  title: string,
  ownerId: number,
  memberIds: readonly number[],
): Promise<number> {
  const id = await store.insertChat(queries, title);
  await beginSequence(queries, id);
  await addMembers(queries, ownerId, id, [ownerId], "CHAT_ROLE_OWNER");
  await addMembers(queries, ownerId, id, memberIds, "CHAT_ROLE_MEMBER");
  return id;
}

/** Gives a chat a title. Does nothing to one that is deleted. */
export async function renameChat(queries: Queries, actorId: number, id: number, title: string): Promise<void> {
  if (!(await lockLiveChats(queries, [id])).has(id)) return;
  const changed = await store.updateChat(queries, id, title, Precondition.none.versions);
  if (changed?.is_changed) await recordUpdates(queries, actorId, [chatChanged(id)]);
}

/** Members who leave their chats, and others or the same ones who join one. */
export interface Moves {
  /** Who moves them. */
  readonly actorId: number;
  readonly leavers: readonly Membership[];
  /** The chat that is joined; absent for none. */
  readonly chatId: number | undefined;
  readonly joiners: readonly number[];
}

/**
 * Removes users from chats, save those who own them, and adds users to another one. Who is a member already, or is none, stays as they
 * are. Does nothing to a chat that is deleted. The number of statements does not depend on that of users or chats.
 */
export async function moveMembers(queries: Queries, { actorId, leavers, chatId, joiners }: Moves): Promise<void> {
  const ids = new Set(leavers.map((leaver) => leaver.chatId));
  if (chatId !== undefined) ids.add(chatId);
  if (ids.size === 0) return;
  const live = await lockLiveChats(queries, [...ids]);
  if (chatId !== undefined && live.has(chatId)) await addMembers(queries, actorId, chatId, joiners, "CHAT_ROLE_MEMBER");
  if (leavers.length === 0) return;
  const gone = await deleteMembers(queries, leavers);
  await recordUpdates(
    queries,
    actorId,
    gone.flatMap((member) => memberRemoved(member.chatId, member.userId)),
  );
}
