// The SQL of chats. What a chat looks like depends on who looks: the title of a direct chat is the other's name, and
// what is unread is the caller's own matter.
// Locks are taken in this order: users, chats, chat_members, chat_sequences, messages.
import type { Chat, ChatKind } from "../gen/lyceum/v1/chat.js";
import type { Queries } from "../platform/database/database.js";
import { type Statement, statement } from "../platform/database/statement.js";
import { unreadCount } from "./members/store.js";

/** A chat with the value that it was sorted by. */
export interface ListedChat extends Chat {
  readonly sort_key: string | number;
}

/** The order of a list of chats. */
export type ChatSort = "active_at" | "created_at" | "title";

const timestamp = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

// Chats as the user $1 sees them; `me` is empty for who is not a member.
const seen = `select c.id, c.kind, c.created_at, c.version, s.last_seq, s.message_count,
            coalesce(s.last_message_at, c.created_at) as active_at,
            me.user_id is not null as is_member,
            coalesce(me.role, 'CHAT_ROLE_MEMBER') as role,
            coalesce(me.last_read_seq, 0) as last_read_seq,
            other.id as direct_user_id,
            case when other.id is null then c.title else other.first_name || ' ' || other.last_name end as title
       from chats c
       join chat_sequences s on s.chat_id = c.id
       left join chat_members me on me.chat_id = c.id and me.user_id = $1
       left join users other on other.id = case when c.user_low = $1 then c.user_high else c.user_low end`;

// What is only worked out for chats that are shown. Nothing of the messages is shown to who is not a member.
const shown = `v.id, v.title, v.kind, v.created_at, v.message_count,
            (select count(*)::integer from chat_members where chat_id = v.id) as member_count,
            v.last_seq,
            case when v.is_member and v.message_count > 0 then (
              select json_strip_nulls(json_build_object(
                       'id', m.id, 'chat_id', m.chat_id, 'seq', m.seq, 'sender_id', m.sender_id, 'text', m.text,
                       'created_at', ${timestamp("m.created_at")}, 'edited_at', ${timestamp("m.edited_at")},
                       'reply_to_id', m.reply_to_id, 'client_message_id', m.client_message_id, 'version', m.version))
                from messages m
               where m.chat_id = v.id and m.deleted_at is null
               order by m.seq desc limit 1
            ) end as last_message,
            v.last_read_seq,
            case when v.is_member then ${unreadCount("v.id", "$1")} else 0 end as unread_count,
            v.role, v.direct_user_id, v.version`;

const findChatRow = statement<Chat>(
  "read",
  "find-chat",
  `select ${shown} from (${seen} where c.id = $2 and (me.user_id is not null or $3::boolean)) v`,
);

/** A chat as the user sees it, or undefined when they are not a member. `asOutsider` shows it, less its messages, to all. */
export async function findChat(
  queries: Queries,
  id: number,
  userId: number,
  asOutsider = false,
): Promise<Chat | undefined> {
  return queries.one(findChatRow, [userId, id, asOutsider]);
}

const findDirectChatRow = statement<Chat>(
  "read",
  "find-direct-chat",
  `select ${shown} from (${seen} where c.user_low = least($1, $2) and c.user_high = greatest($1, $2)) v`,
);

/** The one chat of the user and another person, as the user sees it, or undefined. */
export async function findDirectChat(queries: Queries, userId: number, otherId: number): Promise<Chat | undefined> {
  return queries.one(findDirectChatRow, [userId, otherId]);
}

/** Which part of a list of chats to read. */
export interface ChatStretch {
  readonly sort: ChatSort;
  readonly isDescending: boolean;
  /** All of them occur in the title. */
  readonly words: readonly string[];
  /** Behind the chat with this sort_key and id; from the beginning when undefined. */
  readonly behind: readonly (string | number)[] | undefined;
  readonly skip: number;
  readonly rows: number;
}

const sortKeys: Readonly<Record<ChatSort, string>> = {
  active_at: "(extract(epoch from active_at) * 1000)::bigint",
  created_at: "(extract(epoch from created_at) * 1000)::bigint",
  // Short enough for a page token; ordered alike on every server, whatever its collation.
  title: `left(search_key(title), 100) collate "C"`,
};

const listStatements = new Map<string, Statement<ListedChat>>();

function listStatement({ sort, isDescending, words, behind }: ChatStretch): Statement<ListedChat> {
  const name = ["list-chats", sort, isDescending && "desc", words.length > 0 && "query", behind && "next"]
    .filter(Boolean)
    .join("-");
  const known = listStatements.get(name);
  if (known) return known;

  const direction = isDescending ? "desc" : "asc";
  const conditions = [
    words.length > 0 &&
      `not exists (select from unnest($4::text[]) as word where strpos(search_key(v.title), search_key(word)) = 0)`,
    behind &&
      `(v.sort_key, v.id) ${isDescending ? "<" : ">"} ($${words.length > 0 ? 5 : 4}, $${words.length > 0 ? 6 : 5}::bigint)`,
  ].filter(Boolean);
  const made = statement<ListedChat>(
    words.length > 0 ? "pool" : "read",
    name,
    `select ${shown}, v.sort_key from (
       select v.* from (select v.*, ${sortKeys[sort]} as sort_key from (${seen} where me.user_id = $1) v) v
        ${conditions.length > 0 ? `where ${conditions.join(" and ")}` : ""}
        order by v.sort_key ${direction}, v.id ${direction} limit $2 offset $3
     ) v
     order by v.sort_key ${direction}, v.id ${direction}`,
  );
  listStatements.set(name, made);
  return made;
}

/** The chats that the user is a member of. */
export async function listChats(queries: Queries, userId: number, stretch: ChatStretch): Promise<ListedChat[]> {
  const { words, behind, skip, rows } = stretch;
  const values = [userId, rows, skip, ...(words.length > 0 ? [words] : []), ...(behind ?? [])];
  return queries.many(listStatement(stretch), values);
}

const insertChatRow = statement<{ id: number }>(
  "pool",
  "insert-chat",
  "insert into chats (title) values ($1) returning id",
);

/** Makes a group chat, as yet without members and without a sequence; answers its id. */
export async function insertChat(queries: Queries, title: string): Promise<number> {
  return (await queries.one(insertChatRow, [title]))!.id;
}

const insertDirectChatRow = statement<{ id: number }>(
  "pool",
  "insert-direct-chat",
  `insert into chats (kind, title, user_low, user_high)
   values ('CHAT_KIND_DIRECT', '', least($1::bigint, $2::bigint), greatest($1::bigint, $2::bigint))
   on conflict on constraint chats_direct_pair do nothing
   returning id`,
);

/** Makes the chat of two people; undefined when there is one by now, which is then committed. */
export async function insertDirectChat(queries: Queries, userId: number, otherId: number): Promise<number | undefined> {
  return (await queries.one(insertDirectChatRow, [userId, otherId]))?.id;
}

const lockChatRow = statement<{ kind: ChatKind }>(
  "pool",
  "lock-chat",
  // Who may not see the chat locks nothing. One that nobody is in is about to be deleted, which may take long: it is not
  // waited for.
  `select kind from chats
    where id = $1 and exists (select from chat_members where chat_id = $1 and (user_id = $2 or $3::boolean))
      for update`,
);

/**
 * Makes all others wait who would change the chat or its members; answers its kind. Undefined when there is no such chat
 * or the user is not a member; `asOutsider` locks any. Who is a member may have changed while this has waited.
 */
export async function lockChat(
  queries: Queries,
  id: number,
  userId: number,
  asOutsider: boolean,
): Promise<ChatKind | undefined> {
  return (await queries.one(lockChatRow, [id, userId, asOutsider]))?.kind;
}

const updateChatRow = statement<object>(
  "pool",
  "update-chat",
  `update chats
      set title = coalesce($2, title), version = case when $2 <> title then version + 1 else version end
    where id = $1 and ($3::bigint[] is null or version = any($3))
   returning id`,
);

/** Changes the title; an absent or equal one changes nothing. False when the chat is not in one of the `versions`. */
export async function updateChat(
  queries: Queries,
  id: number,
  title: string | undefined,
  versions: readonly number[] | undefined,
): Promise<boolean> {
  return (await queries.one(updateChatRow, [id, title, versions])) !== undefined;
}

const emptyChatRows = statement<object>(
  "pool",
  "empty-chat",
  // A direct chat gives up its pair too, so that the two may begin another one at once.
  `with emptied as (
     update chats set kind = 'CHAT_KIND_GROUP', user_low = null, user_high = null
      where id = $1 and ($2::bigint[] is null or version = any($2))
     returning id
   )
   delete from chat_members m using emptied where m.chat_id = emptied.id returning m.user_id`,
);

/** Takes everybody out of a chat: for all of them it is gone. False when it is not in one of the `versions`. */
export async function emptyChat(
  queries: Queries,
  id: number,
  versions: readonly number[] | undefined,
): Promise<boolean> {
  return (await queries.many(emptyChatRows, [id, versions])).length > 0;
}

const deleteEmptyChatRow = statement<object>(
  "pool",
  "delete-empty-chat",
  "delete from chats c where c.id = $1 and not exists (select from chat_members m where m.chat_id = c.id)",
);

/** Deletes a chat that nobody is in any more, with its messages. May take seconds for a long one. */
export async function deleteEmptyChat(queries: Queries, id: number): Promise<void> {
  await queries.many(deleteEmptyChatRow, [id]);
}

const deleteLeftChatRows = statement<object>(
  "pool",
  "delete-left-chats",
  // What another deletion has in hand is left to it: a chat with very many messages must not hold up all the others.
  `delete from chats
    where id in (
      select c.id from chats c
       where not exists (select from chat_members m where m.chat_id = c.id)
         for update skip locked
    )`,
);

/** Deletes the chats that nobody is in and nobody is deleting, with their messages: what a crash has left. */
export async function deleteLeftChats(queries: Queries): Promise<void> {
  await queries.many(deleteLeftChatRows, []);
}
