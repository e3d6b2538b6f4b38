// The SQL of lists of messages. Every page costs the same: it begins at a place, by an index, and never counts what lies
// before it.
import type { Message } from "../../gen/lyceum/v1/message.js";
import type { Queries } from "../../platform/database/database.js";
import { type Statement, statement } from "../../platform/database/statement.js";
import { columns } from "./store.js";

/** Greater than any place. */
const beyondLast = Number.MAX_SAFE_INTEGER;

// The filters that a list can have. A client's words are only ever values; what stands in the SQL is written here.
const filters = [
  { field: "sender_id", name: "sender", sql: (value: string) => `m.sender_id = ${value}` },
  { field: "exclude_sender_id", name: "except", sql: (value: string) => `m.sender_id <> ${value}` },
  // Time grows with place, so a bound of time is a bound of places: a far page costs what the first one does.
  {
    field: "created_after",
    name: "after",
    sql: (value: string) => `m.seq > coalesce((select seq from messages
                where chat_id = $1 and created_at <= ${value} order by created_at desc, seq desc limit 1), 0)`,
  },
  {
    field: "created_before",
    name: "before",
    sql: (value: string) => `m.seq < coalesce((select seq from messages
                where chat_id = $1 and created_at >= ${value} order by created_at, seq limit 1), ${beyondLast})`,
  },
  {
    field: "query",
    name: "query",
    sql: (value: string) => `m.deleted_at is null
            and to_tsvector('russian'::regconfig, search_key(m.text))
                @@ websearch_to_tsquery('russian'::regconfig, search_key(${value}))`,
  },
] as const;

type Filters = Partial<Record<(typeof filters)[number]["field"], string | number | undefined>>;

/** Which part of a list to read. */
export interface Stretch {
  /** Beyond this place; from the very beginning when undefined. */
  readonly from: number | undefined;
  readonly isOldestFirst: boolean;
  /** Pass over so many; undefined for none. */
  readonly skip: number | undefined;
  /** So many rows, at most 101. */
  readonly rows: number;
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
  const made = statement<Message>(
    isSearch || skips ? "pool" : "read",
    name,
    // The inner limit is a constant, which tells the planner that few rows are wanted however a plan is reused. A search
    // orders by a sum, so that it never walks along the places and reads every text on the way.
    `select ${columns} from (
       select * from messages m
        where m.chat_id = $1 and m.seq ${isOldestFirst ? ">" : "<"} $3
          and exists (select from chat_members where chat_id = $1 and user_id = $2)
          ${used.map(({ sql }, index) => `and ${sql(`$${first + index}`)}`).join("\n          ")}
        order by m.seq${isSearch ? " + 0" : ""} ${direction}
        ${skips ? "limit $4 offset $5" : "limit 101"}
     ) m
     order by m.seq ${direction} limit $4`,
  );
  listStatements.set(name, made);
  return made;
}

/** The messages of a chat that pass all the filters, in the order of their places; none when the user is not a member. */
export async function listMessages(
  queries: Queries,
  chatId: number,
  userId: number,
  { from, isOldestFirst, skip, rows }: Stretch,
  wanted: Filters,
): Promise<Message[]> {
  const used = filters.filter(({ field }) => wanted[field] !== undefined && wanted[field] !== "");
  const values = [chatId, userId, from ?? (isOldestFirst ? 0 : beyondLast), rows];
  if (skip) values.push(skip);
  return queries.many(listStatement(used, isOldestFirst, !!skip), [
    ...values,
    ...used.map(({ field }) => wanted[field]),
  ]);
}
