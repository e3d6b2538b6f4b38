// The SQL of chats. A chat is read as one user sees it: the title of a direct chat is the other person's name, and the
// unread count is that user's own. Locks are taken in the order given in services.ts.
import type { Chat } from "../gen/lyceum/v1/chat.js";
import type { Versions } from "../contract/http/preconditions.js";
import type { Queries } from "../platform/database/database.js";
import { searchStatement, type Statement, statement } from "../platform/database/statement.js";
import type { KeysetPage } from "../platform/page.js";
import { currentMoment, requireMoment, readMoment, wasThere } from "../platform/list-moment.js";
import { formerKeys, formerMark, keepFormer, ofTitle } from "./former-keys-store.js";
import { unreadCount } from "./members/store.js";
import { lastSeqWhere } from "./messages/seq-at-time-store.js";

/** A chat with the sort key of the list, and the moment of its first page. */
export interface ListedChat extends Chat {
  readonly sort_key: string | number;
  readonly moment: string;
}

/** The order of a list of chats. */
export type ChatSort = "active_at" | "created_at" | "title";

const timestamp = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

// Chats as the user $1 sees them; `me` is null when the user is not a member.
const seen = `select c.id, c.kind, c.created_at, c.version, s.last_seq, s.message_count, s.last_message_at,
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

// Columns that are computed only for the chats of the result. Message data is null for users who are not members.
const shown = `v.id, v.title, v.kind, v.created_at, v.message_count,
            (select count(*)::integer from chat_members where chat_id = v.id) as member_count,
            v.last_seq,
            case when v.is_member and v.message_count > 0 then (
              select json_strip_nulls(json_build_object(
                       'id', m.id, 'chat_id', m.chat_id, 'seq', m.seq, 'sender_id', m.sender_id, 'text', m.text,
                       'created_at', ${timestamp("m.created_at")}, 'edited_at', ${timestamp("m.edited_at")},
                       'reply_to_id', m.reply_to_id, 'client_message_id', m.client_message_id, 'version', m.version,
                       'attachments', m.attachments))
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

/** A chat as the user sees it; undefined when not a member. `asOutsider` finds any chat, without message data. */
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

/** The direct chat of two users, as the first sees it; undefined when there is none. */
export async function findDirectChat(queries: Queries, userId: number, otherId: number): Promise<Chat | undefined> {
  return queries.one(findDirectChatRow, [userId, otherId]);
}

/** Which chats to list, and in which order. */
export interface ChatFilter {
  readonly sort: ChatSort;
  /** The title must contain all of them. */
  readonly words: readonly string[];
}

const milliseconds = (time: string): string => `(extract(epoch from ${time}) * 1000)::bigint`;
// Short enough for a page token; ordered alike on every server, whatever its collation.
const titleKey = (title: string): string => `left(search_key(${title}), 100) collate "C"`;

const sortKeys: Readonly<Record<ChatSort, string>> = {
  active_at: milliseconds("active_at"),
  created_at: milliseconds("created_at"),
  title: titleKey("title"),
};

const sentBefore = (message: string): string =>
  wasThere(milliseconds(`${message}.created_at`), `${message}.sent_in`, "moment");

// No send lasts five minutes: what is older was there at the moment, and is not looked up.
const activeThen = `case
           when v.last_message_at is null or ${milliseconds("v.last_message_at")} < moment.mark - 300000 then v.active_at
           when exists (select from messages m
                         where m.chat_id = v.id and m.seq = v.last_seq and ${sentBefore("m")}) then v.active_at
           else coalesce((select m.created_at from messages m
                           where m.chat_id = v.id and m.seq = ${lastSeqWhere("v.id", sentBefore("middle"))}), v.created_at)
         end`;

/** The former titles of the user's chats. */
const myTitles = `f.user_id = ${ofTitle} and f.chat_id in (select chat_id from chat_members where user_id = $1)`;

/** SQL for the titles of the user's chats at a moment: those of groups, and of direct chats the names of the others. */
const formerTitles = `${formerKeys(myTitles, "moment").replace(/^/, "(")})
     union all
    (select distinct on (c.id) c.id, 0, n.first_name || ' ' || n.last_name
       from moment, chat_members me
       join chats c on c.id = me.chat_id and c.kind = 'CHAT_KIND_DIRECT'
       join user_former_names n on n.user_id = case when c.user_low = $1 then c.user_high else c.user_low end
      where me.user_id = $1 and not (${wasThere("n.id", "n.replaced_in", "moment")})
      order by c.id, n.id)`;

// The moment of a first page of rows `v`. Both kinds of former titles have their ids from one sequence.
const titleMark = `greatest(${formerMark(myTitles)}, (
         select max(n.id) from user_former_names n where n.user_id in (select case when c.user_low = $1 then c.user_high else c.user_low end
                                                                          from chat_members me join chats c on c.id = me.chat_id
                                                                         where me.user_id = $1)))`;

const moments: Readonly<Record<ChatSort, string>> = {
  active_at: currentMoment("v.newest", `(${milliseconds("statement_timestamp()")} - v.newest)`),
  created_at: "'0'",
  title: currentMoment(titleMark),
};

// The sort keys at the moment of the first page. A title that was a name which is not kept puts the chat at the end.
const sortKeysThen: Readonly<Record<ChatSort, (isOldestFirst: boolean) => string>> = {
  active_at: () => milliseconds(activeThen),
  created_at: () => sortKeys.created_at,
  title: (isOldestFirst) => `case
           when moved.chat_id is null then ${sortKeys.title}
           else coalesce(${titleKey("moved.former")}, ${isOldestFirst ? "U&'\\+10FFFF'" : "''"}) end`,
};

const listStatements = new Map<string, Statement<ListedChat>>();

function listStatement({ sort, words }: ChatFilter, { after, isOldestFirst }: KeysetPage): Statement<ListedChat> {
  const name = ["list-chats", sort, !isOldestFirst && "desc", words.length > 0 && "query", after && "next"]
    .filter(Boolean)
    .join("-");
  const known = listStatements.get(name);
  if (known) return known;

  const direction = isOldestFirst ? "asc" : "desc";
  const [key, id, moment] = (words.length > 0 ? [5, 6, 7] : [4, 5, 6]).map((number) => `$${number}`);
  const conditions = [
    words.length > 0 &&
      `not exists (select from unnest($4::text[]) as word where strpos(name_part(v.title), name_part(word)) = 0)`,
    after && `(v.sort_key, v.id) ${isOldestFirst ? ">" : "<"} (${key}, ${id}::bigint)`,
  ].filter(Boolean);
  const isMoved = after && sort === "title";
  const parts = [
    after && `moment as materialized (${readMoment(moment!)})`,
    isMoved && `moved as materialized (${formerTitles})`,
  ].filter(Boolean);
  // On a later page the joins are planned before the keys of the moment, which would make a scan of all chats look cheap.
  const from = `(${seen} where me.user_id = $1${after ? " offset 0" : ""}) v${after ? " cross join moment" : ""}${isMoved ? " left join moved on moved.chat_id = v.id" : ""}`;
  const text = `${parts.length > 0 ? `with ${parts.join(", ")}` : ""}
     select ${shown}, v.sort_key, ${after ? `${moment}::text` : moments[sort]} as moment from (
       select v.*${!after && sort === "active_at" ? ", max(v.sort_key) over () as newest" : ""} from (select v.*, ${after ? sortKeysThen[sort](isOldestFirst) : sortKeys[sort]} as sort_key from ${from}) v
        ${conditions.length > 0 ? `where ${conditions.join(" and ")}` : ""}
        order by v.sort_key ${direction}, v.id ${direction} limit $2 offset $3
     ) v
     order by v.sort_key ${direction}, v.id ${direction}`;
  const made = words.length > 0 ? searchStatement<ListedChat>(name, text) : statement<ListedChat>("read", name, text);
  listStatements.set(name, made);
  return made;
}

/**
 * The chats that the user is a member of. `page.after` is a sort_key, an id and a moment: the order is that of the moment.
 * Throws INVALID_PAGE_TOKEN over what is no moment.
 */
export async function listChats(
  queries: Queries,
  userId: number,
  filter: ChatFilter,
  page: KeysetPage,
): Promise<ListedChat[]> {
  const { after = [], limit, skip } = page;
  requireMoment(page);
  const values = [userId, limit, skip, ...(filter.words.length > 0 ? [filter.words] : []), ...after];
  return queries.many(listStatement(filter, page), values);
}

const insertChatRow = statement<{ id: number }>(
  "pool",
  "insert-chat",
  "insert into chats (title) values ($1) returning id",
);

/** Inserts a group chat without members and without a sequence; returns its id. */
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

/** Inserts the direct chat of two users; returns its id. Undefined when a committed one exists. */
export async function insertDirectChat(queries: Queries, userId: number, otherId: number): Promise<number | undefined> {
  return (await queries.one(insertDirectChatRow, [userId, otherId]))?.id;
}

const updateChatRow = statement<{ is_changed: boolean }>(
  "pool",
  "update-chat",
  `with ${keepFormer(`select id, ${ofTitle}, title from chats
        where id = $1 and title <> $2 and (version = any($3::bigint[])) <> $4`)}
   update chats c
      set title = coalesce($2, c.title), version = case when $2 <> c.title then c.version + 1 else c.version end
     from chats former
    where c.id = $1 and former.id = c.id and (c.version = any($3::bigint[])) <> $4
   returning c.title <> former.title as is_changed`,
);

/** Changes the title of a locked chat; an absent or equal one changes nothing. Undefined when it is not in one of the `versions`. */
export async function updateChat(
  queries: Queries,
  id: number,
  title: string | undefined,
  versions: Versions,
): Promise<{ readonly is_changed: boolean } | undefined> {
  return queries.one(updateChatRow, [id, title, versions.named, versions.areExcluded]);
}
