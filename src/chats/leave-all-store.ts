// The SQL of leaving all chats at once. How many statements there are does not depend on how many chats.
import type { ChatKind } from "../gen/lyceum/v1/chat.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import type { Standing } from "./members/store.js";

const lockChatRows = statement<object>(
  "pool",
  "lock-chats-of-user",
  // In the order of their ids, so that two who go at once and share chats wait for each other, and not for ever.
  `select id from chats
    where id in (select chat_id from chat_members where user_id = $1)
    order by id
      for update`,
);

/** Makes all others wait who would change one of the user's chats or its members. */
export async function lockChatsOf(queries: Queries, userId: number): Promise<void> {
  await queries.many(lockChatRows, [userId]);
}

/** Where a user stands in one of their chats. */
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

/** Where a user stands in each of their chats, in the order of ids. */
export async function listStandings(queries: Queries, userId: number): Promise<ChatStanding[]> {
  return queries.many(listStandingRows, [userId]);
}

const deleteMemberRows = statement<object>(
  "pool",
  "delete-chat-memberships",
  "delete from chat_members where user_id = $1",
);

/** Takes the user out of every chat. */
export async function deleteMemberships(queries: Queries, userId: number): Promise<void> {
  await queries.many(deleteMemberRows, [userId]);
}

const updateToGroupRows = statement<object>(
  "pool",
  "update-direct-chats-to-groups",
  // A title has at most 200 characters, and a name may have one more.
  `with remade as (
     update chats
        set kind = 'CHAT_KIND_GROUP', title = left($2, 200), user_low = null, user_high = null, version = version + 1
      where id = any($1::bigint[])
     returning id
   )
   update chat_members m set role = 'CHAT_ROLE_OWNER' from remade where m.chat_id = remade.id`,
);

/** Makes group chats with this title of direct chats; whoever is in them owns them. */
export async function updateToGroups(queries: Queries, chatIds: readonly number[], title: string): Promise<void> {
  await queries.many(updateToGroupRows, [chatIds, title]);
}
