// The SQL of leaving all chats at once. The number of statements does not depend on the number of chats.
import type { ChatKind } from "../gen/lyceum/v1/chat.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import { keepFormer, ofTitle } from "./former-keys-store.js";
import type { Standing } from "./members/store.js";

const lockChatRows = statement<object>(
  "pool",
  "lock-chats-of-user",
  // In the order of ids: two users who leave at once and share chats lock them in one order, so that neither deadlocks.
  `select id from chats
    where id in (select chat_id from chat_members where user_id = $1)
    order by id
      for update`,
);

/** Locks all chats of the user against every other change of them or of their members. */
export async function lockChatsOf(queries: Queries, userId: number): Promise<void> {
  await queries.many(lockChatRows, [userId]);
}

/** The standing of a user in one of their chats. */
export interface ChatStanding extends Standing {
  readonly chat_id: number;
  readonly kind: ChatKind;
}

const listStandingRows = statement<ChatStanding>(
  "pool",
  "list-chat-standings",
  `select me.chat_id, c.kind, me.role, everybody.members, everybody.owners
     from chat_members me
     join chats c on c.id = me.chat_id,
          lateral (
            select count(*) as members, count(*) filter (where role = 'CHAT_ROLE_OWNER') as owners
              from chat_members where chat_id = me.chat_id
          ) everybody
    where me.user_id = $1
    order by me.chat_id`,
);

/** The standings of a user in all their chats, in the order of ids. */
export async function listStandings(queries: Queries, userId: number): Promise<ChatStanding[]> {
  return queries.many(listStandingRows, [userId]);
}

const deleteMemberRows = statement<object>(
  "pool",
  "delete-chat-memberships",
  "delete from chat_members where user_id = $1",
);

const deleteReadMarkRows = statement<object>(
  "pool",
  "delete-read-marks",
  "delete from chat_read_marks where user_id = $1",
);

/** Removes the user from every chat, and what is kept for the case that they come back to one. */
export async function deleteMemberships(queries: Queries, userId: number): Promise<void> {
  await queries.many(deleteMemberRows, [userId]);
  await queries.many(deleteReadMarkRows, [userId]);
}

const updateToGroupRows = statement<object>(
  "pool",
  "update-direct-chats-to-groups",
  `with ${keepFormer(`select id, ${ofTitle}, null::text from chats where id = any($1::bigint[])`)}, remade as (
     update chats
        set kind = 'CHAT_KIND_GROUP', title = $2, user_low = null, user_high = null, version = version + 1
      where id = any($1::bigint[])
     returning id
   )
   update chat_members m set role = 'CHAT_ROLE_OWNER' from remade where m.chat_id = remade.id`,
);

/** Turns direct chats into group chats with this title; their members become owners. The former title is a name, and is not kept. */
export async function updateToGroups(queries: Queries, chatIds: readonly number[], title: string): Promise<void> {
  await queries.many(updateToGroupRows, [chatIds, title]);
}
