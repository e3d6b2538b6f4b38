// The SQL of lists of messages. Every page costs the same: it starts at a seq, by an index, and reads no row before it.
import type { Message } from "../../gen/lyceum/v1/message.js";
import type { Queries } from "../../platform/database/database.js";
import { searchStatement, type Statement, statement } from "../../platform/database/statement.js";
import { wholeMsFrom, wholeMsUntil } from "../../platform/milliseconds.js";
import type { KeysetPage } from "../../platform/page.js";
import { searchTerms } from "./search-terms.js";
import { lastSeq } from "./seq-at-time-store.js";
import { columns } from "./store.js";

/** Greater than any seq. */
const beyondLast = Number.MAX_SAFE_INTEGER;

/** The value is made by searchTerms, which alone makes texts that this function always reads. */
const asQuery = (value: string): string => `to_tsquery('russian'::regconfig, search_key(${value}))`;

// The filters of a list. The values of a client are parameters, and never parts of the SQL.
const filters = [
  { field: "sender_id", name: "sender", sql: (value: string) => `m.sender_id = ${value}` },
  { field: "exclude_sender_id", name: "except", sql: (value: string) => `m.sender_id <> ${value}` },
  { field: "created_after", name: "after", sql: (value: string) => `m.seq > ${lastSeq("$1", `<= ${value}`)}` },
  { field: "created_before", name: "before", sql: (value: string) => `m.seq <= ${lastSeq("$1", `< ${value}`)}` },
  { field: "after_seq", name: "behind", sql: (value: string) => `m.seq > ${value}::bigint` },
  {
    field: "query",
    name: "query",
    // A search whose wanted words are all stop words would read every message of the chat: it finds nothing instead.
    sql: (value: string) => `m.deleted_at is null
            and querytree(${asQuery(value)}) not in ('', 'T')
            and to_tsvector('russian'::regconfig, search_key(m.text)) @@ ${asQuery(value)}`,
  },
] as const;

interface Filters {
  readonly sender_id?: number | undefined;
  readonly exclude_sender_id?: number | undefined;
  readonly created_after?: string | undefined;
  readonly created_before?: string | undefined;
  readonly after_seq?: number | undefined;
  readonly query?: string | undefined;
}

const listStatements = new Map<string, Statement<Message>>();

function listStatement(used: readonly (typeof filters)[number][], isOldestFirst: boolean, skips: boolean) {
  const name = ["list-messages", ...used.map((filter) => filter.name), isOldestFirst && "asc", skips && "skip"]
    .filter(Boolean)
    .join("-");
  const known = listStatements.get(name);
  if (known) return known;

  const first = skips ? 6 : 5;
  const direction = isOldestFirst ? "asc" : "desc";
  const isSearch = used.some(({ field }) => field === "query");
  // Whoever wrote most of a chat can be excluded from it too, and then nearly all of it is read.
  const isDear = isSearch || used.some(({ field }) => field === "exclude_sender_id");
  const text =
    // The inner limit is a constant: the planner then expects few rows in a generic plan too. A search orders by an
    // expression, so that the planner does not walk the index of seq and check the text of every message on the way.
    `select ${columns} from (
       select * from messages m
        where m.chat_id = $1 and m.seq ${isOldestFirst ? ">" : "<"} $3
          and exists (select from chat_members where chat_id = $1 and user_id = $2)
          ${used.map(({ sql }, index) => `and ${sql(`$${first + index}`)}`).join("\n          ")}
        order by m.seq${isSearch ? " + 0" : ""} ${direction}
        ${skips ? "limit $4 offset $5" : "limit 101"}
     ) m
     order by m.seq ${direction} limit $4`;
  const made = isDear ? searchStatement<Message>(name, text) : statement<Message>(skips ? "pool" : "read", name, text);
  listStatements.set(name, made);
  return made;
}

/**
 * The messages of a chat that match all filters, in the order of seq; none when the user is not a member. `page.after`
 * is a seq, `page.limit` at most 101. Throws SEARCH_TOO_BROAD.
 */
export async function listMessages(
  queries: Queries,
  chatId: number,
  userId: number,
  { after, limit, skip, isOldestFirst }: KeysetPage,
  wanted: Filters,
): Promise<Message[]> {
  const used = filters.filter(({ field }) => wanted[field] !== undefined && wanted[field] !== "");
  const [seq = isOldestFirst ? 0 : beyondLast] = after ?? [];
  const chosen = used.map(({ field }) => {
    if (field === "query") return searchTerms(wanted.query!);
    // A message is sent at a whole millisecond, and Postgres would round a finer bound.
    if (field === "created_after") return wholeMsUntil(wanted.created_after!);
    return field === "created_before" ? wholeMsFrom(wanted.created_before!) : wanted[field];
  });
  const values = [chatId, userId, seq, limit, ...(skip > 0 ? [skip] : []), ...chosen];
  return queries.many(listStatement(used, isOldestFirst, skip > 0), values);
}
