// The SQL of chat members and of how far each has read. The chat is locked (lockChat) before its members are changed.
import type { ChatKind, ChatMember, ChatRole, ReadState } from "../../gen/lyceum/v1/chat.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import { updateInsert } from "../../platform/updates/updates-store.js";
import { requireMoment, readMoment } from "../../platform/list-moment.js";
import type { KeysetPage } from "../../platform/page.js";
import { formerKeys, formerMark, keepFormer } from "../former-keys-store.js";

const lockChatRow = statement<{ kind: ChatKind }>(
  "pool",
  "lock-chat",
  // Locks nothing for a user who may not see the chat. Does not wait for the lock of a chat without members: it is
  // being deleted, which may take long.
  `select kind from chats
    where id = $1 and exists (select from chat_members where chat_id = $1 and (user_id = $2 or $3::boolean))
      for update`,
);

/**
 * Locks a chat against every other change of it or of its members; returns its kind. Undefined when the chat does not
 * exist or the user is not a member; `asOutsider` locks any chat. The members may have changed while this waited.
 */
export async function lockChat(
  queries: Queries,
  id: number,
  userId: number,
  asOutsider: boolean,
): Promise<ChatKind | undefined> {
  return (await queries.one(lockChatRow, [id, userId, asOutsider]))?.kind;
}

const findRoleRow = statement<{ role: ChatRole }>(
  "read",
  "find-chat-role",
  "select role from chat_members where chat_id = $1 and user_id = $2",
);

/** The role of a user in a chat; undefined when not a member. */
export async function findRole(queries: Queries, chatId: number, userId: number): Promise<ChatRole | undefined> {
  return (await queries.one(findRoleRow, [chatId, userId]))?.role;
}

/** The role of a user in a chat, absent when not a member, and the numbers of members and owners. */
export interface Standing {
  readonly role?: ChatRole;
  readonly members: number;
  readonly owners: number;
}

const findStandingRow = statement<Standing>(
  "pool",
  "find-chat-standing",
  `select max(role) filter (where user_id = $2) as role, count(*) as members,
          count(*) filter (where role = 'CHAT_ROLE_OWNER') as owners
     from chat_members where chat_id = $1`,
);

/** The standing of a user in a chat. */
export async function findStanding(queries: Queries, chatId: number, userId: number): Promise<Standing> {
  return (await queries.one(findStandingRow, [chatId, userId]))!;
}

const insertMemberRows = statement<{ user_id: number }>(
  "pool",
  "insert-chat-members",
  // Of a send that is not committed yet the message is beyond last_seq, and so it is unread. Who is added together joins at one moment.
  `insert into chat_members (chat_id, user_id, role, last_read_seq, joined_at)
   select s.chat_id, added.user_id, $3, coalesce(mark.last_read_seq, s.last_seq),
          (select date_trunc('milliseconds', clock_timestamp()))
     from chat_sequences s
    cross join unnest($2::bigint[]) as added (user_id)
     left join chat_read_marks mark on mark.chat_id = s.chat_id and mark.user_id = added.user_id
    where s.chat_id = $1
   on conflict on constraint chat_members_pkey do nothing
   returning user_id`,
);

/**
 * Adds users, who must be locked (users/people.ts), to a chat with a sequence; returns those of them who were not members before.
 * Who was a member once has read what they had read then, and everybody else all messages up to now.
 */
export async function insertMembers(
  queries: Queries,
  chatId: number,
  userIds: readonly number[],
  role: ChatRole,
): Promise<number[]> {
  return (await queries.many(insertMemberRows, [chatId, userIds, role])).map(({ user_id }) => user_id);
}

const columns = "m.chat_id, m.user_id, u.first_name, u.last_name, m.role, m.joined_at, m.last_read_seq";
const joined = "(extract(epoch from m.joined_at) * 1000)::bigint";

const findMemberRow = statement<ChatMember>(
  "read",
  "find-chat-member",
  `select ${columns} from chat_members m join users u on u.id = m.user_id where m.chat_id = $1 and m.user_id = $2`,
);

/** A member of a chat, or undefined. */
export async function findMember(queries: Queries, chatId: number, userId: number): Promise<ChatMember | undefined> {
  return queries.one(findMemberRow, [chatId, userId]);
}

/** A member with the sort key of the list, and the moment of its first page. */
export interface ListedMember extends ChatMember {
  readonly rank: number;
  readonly joined: number;
  readonly moment: string;
}

const rank = (role: string): string => `case ${role} when 'CHAT_ROLE_OWNER' then 0 else 1 end`;

const listFirstMemberRows = statement<ListedMember>(
  "read",
  "list-chat-members",
  `select ${columns}, ${rank("m.role")} as rank, ${joined} as joined, coalesce(${formerMark("f.chat_id = $1")}, 0)::text as moment
     from chat_members m join users u on u.id = m.user_id
    where m.chat_id = $1
      and exists (select from chat_members where chat_id = $1 and user_id = $2)
    order by rank, joined, m.user_id limit $3 offset $4`,
);

const rankThen = rank("coalesce(moved.former, m.role)");

const listNextMemberRows = statement<ListedMember>(
  "read",
  "list-chat-members-next",
  `with moment as materialized (${readMoment("$8")}),
        moved as materialized (${formerKeys("f.chat_id = $1", "moment")})
   select ${columns}, ${rankThen} as rank, ${joined} as joined, $8::text as moment
     from chat_members m join users u on u.id = m.user_id left join moved on moved.user_id = m.user_id
    where m.chat_id = $1
      and exists (select from chat_members where chat_id = $1 and user_id = $2)
      and (${rankThen}, ${joined}, m.user_id) > ($5::integer, $6::bigint, $7::bigint)
    order by rank, joined, m.user_id limit $3 offset $4`,
);

/**
 * The members of a chat, owners first, then in the order of joining; none when the user is not a member. `page.after` is a rank, a
 * time of joining, an id and a moment: who was an owner is as of the moment. Throws INVALID_PAGE_TOKEN over what is no moment.
 */
export async function listMembers(
  queries: Queries,
  chatId: number,
  userId: number,
  page: KeysetPage,
): Promise<ListedMember[]> {
  const { after = [], limit, skip } = page;
  requireMoment(page);
  const list = after.length > 0 ? listNextMemberRows : listFirstMemberRows;
  return queries.many(list, [chatId, userId, limit, skip, ...after]);
}

const updateMemberRow = statement<object>(
  "pool",
  "update-chat-member",
  `with ${keepFormer(`select chat_id, user_id, role from chat_members
        where chat_id = $1 and user_id = $2 and role <> $3`)}
   update chat_members set role = $3 where chat_id = $1 and user_id = $2 returning user_id`,
);

/** Changes the role of a member. False when the user is not a member. */
export async function updateMember(queries: Queries, chatId: number, userId: number, role: ChatRole): Promise<boolean> {
  return (await queries.one(updateMemberRow, [chatId, userId, role])) !== undefined;
}

const deleteMemberRow = statement<object>(
  "pool",
  "delete-chat-member",
  // A concurrent updateLastRead either comes first, and the row that it wrote is read here, or finds no member.
  `with removed as (
     delete from chat_members where chat_id = $1 and user_id = $2 returning chat_id, user_id, last_read_seq
   )
   insert into chat_read_marks (chat_id, user_id, last_read_seq) select * from removed
   on conflict on constraint chat_read_marks_pkey do update set last_read_seq = excluded.last_read_seq
   returning user_id`,
);

/** Removes a member, and keeps how far they have read. */
export async function deleteMember(queries: Queries, chatId: number, userId: number): Promise<void> {
  await queries.one(deleteMemberRow, [chatId, userId]);
}

/**
 * The SQL expression that counts the unread messages of a member `v`, a row with last_seq and last_read_seq. A seq has
 * no gaps, so the difference of the two is the number of messages after the last one read; only the exceptions among
 * these are counted and subtracted: the member's own messages, and deleted messages of others.
 */
export const unreadCount = (chat: string, user: string): string => `greatest(0, v.last_seq - v.last_read_seq
            - (select count(*) from messages m
                where m.chat_id = ${chat} and m.seq > v.last_read_seq and m.sender_id = ${user})
            - (select count(*) from messages m
                where m.chat_id = ${chat} and m.seq > v.last_read_seq and m.sender_id <> ${user}
                  and m.deleted_at is not null))`;

const updateLastReadRow = statement<ReadState>(
  "write",
  "update-last-read",
  // Told to the reader alone, for their other clients. One that waits for another may find the mark of before it, and is told too.
  `with before as (select last_read_seq from chat_members where chat_id = $1 and user_id = $2), v as (
     update chat_members m
        set last_read_seq = greatest(m.last_read_seq, least($3, s.last_seq))
       from chat_sequences s
      where s.chat_id = $1 and m.chat_id = $1 and m.user_id = $2
     returning m.chat_id, m.user_id, m.last_read_seq, s.last_seq
   ), moved as (select v.* from v, before where v.last_read_seq <> before.last_read_seq), ${updateInsert("moved", {
     topic: "'user:' || moved.user_id",
     kind: "'chat.read'",
     subjectId: "moved.chat_id",
     actorId: "moved.user_id",
   })}
   select v.chat_id, v.last_read_seq,
          ${unreadCount("$1", "$2")} as unread_count
     from v`,
);

/**
 * Sets the user's last_read_seq to `seq`, but never lower than it is nor beyond the last message; undefined when not a
 * member.
 */
export async function updateLastRead(
  queries: Queries,
  chatId: number,
  userId: number,
  seq: number,
): Promise<ReadState | undefined> {
  return queries.one(updateLastReadRow, [chatId, userId, seq]);
}
