// The SQL of lists of messages. Every page costs the same: it starts at a seq, by an index, and reads no row before it.
import { ApiError } from "../../errors.js";
import type { ListMessagesRequest, Message } from "../../gen/lyceum/v1/message.js";
import type { Queries } from "../../platform/database/database.js";
import { searchStatement, type Statement, statement } from "../../platform/database/statement.js";
import { wholeMsFrom, wholeMsUntil } from "../../platform/milliseconds.js";
import type { KeysetPage } from "../../platform/page.js";
import { type SearchTerms, searchTerms } from "./search-terms.js";
import { lastSeq } from "./seq-at-time-store.js";
import { columns } from "./store.js";

/** Greater than any seq. */
const beyondLast = Number.MAX_SAFE_INTEGER;

/** As in the index messages_search. */
const lexemes = "text_lexemes('all_words'::regconfig, m.text)";

/** Selected, so that it is made once and not for each message. */
const asQuery = (wanted: string, excluded = "'{}'"): string =>
  `(select text_query(${wanted}::text[], ${excluded}::text[]))`;

/** What a list is filtered by: fields of the request, and its search in words and phrases. */
type Filters = Partial<Omit<ListMessagesRequest, "chat_id">>;
type Filtered = Filters & { readonly terms?: SearchTerms };

interface Filter {
  readonly name: string;
  readonly isUsed: (by: Filtered) => boolean;
  /** The values of a client are parameters, and never parts of the SQL. */
  readonly values: (by: Filtered) => unknown[];
  readonly sql: (...parameters: string[]) => string;
}

const filters: readonly Filter[] = [
  field("sender_id", "sender", (value) => `m.sender_id = ${value}`),
  field("exclude_sender_id", "except", (value) => `m.sender_id <> ${value}`),
  field("after_seq", "behind", (value) => `m.seq > ${value}::bigint`),
  {
    // A message is sent at a whole millisecond, and Postgres would round a finer bound.
    ...field("created_after", "after", (value) => `m.seq > ${lastSeq("$1", `<= ${value}`)}`),
    values: ({ created_after }) => [wholeMsUntil(created_after!)],
  },
  {
    ...field("created_before", "before", (value) => `m.seq <= ${lastSeq("$1", `< ${value}`)}`),
    values: ({ created_before }) => [wholeMsFrom(created_before!)],
  },
  {
    name: "query",
    isUsed: ({ terms }) => terms?.excluded.length === 0,
    values: ({ terms }) => [terms!.wanted],
    sql: (wanted) => `m.deleted_at is null and ${lexemes} @@ ${asQuery(wanted!)}`,
  },
  {
    name: "excluding",
    isUsed: ({ terms }) => terms !== undefined && terms.excluded.length > 0,
    values: ({ terms, query }) => [terms!.wanted, terms!.excluded, query],
    // A text that has the search in it, with its minuses, is what was searched for.
    sql: (wanted, excluded, query) => `m.deleted_at is null
            and (${lexemes} @@ ${asQuery(wanted!, excluded)}
                 or ${lexemes} @@ ${asQuery(`${wanted}::text[] || ${excluded}::text[]`)}
                    and strpos(text_key(m.text), text_key(${query})) > 0)`,
  },
];

function field(name: keyof Filters, short: string, sql: (parameter: string) => string): Filter {
  return {
    name: short,
    isUsed: (by) => by[name] !== undefined,
    values: (by) => [by[name]],
    sql: (parameter) => sql(parameter!),
  };
}

const listStatements = new Map<string, Statement<Message>>();

function listStatement(used: readonly Filter[], counts: readonly number[], isOldestFirst: boolean, skips: boolean) {
  const name = ["list-messages", ...used.map((filter) => filter.name), isOldestFirst && "asc", skips && "skip"]
    .filter(Boolean)
    .join("-");
  const known = listStatements.get(name);
  if (known) return known;

  const direction = isOldestFirst ? "asc" : "desc";
  const isSearch = used.some((filter) => filter.name === "query" || filter.name === "excluding");
  // Whoever wrote most of a chat can be excluded from it too, and then nearly all of it is read.
  const isDear = isSearch || used.some((filter) => filter.name === "except");
  let last = skips ? 5 : 4;
  const conditions = used.map(({ sql }, index) => sql(...Array.from({ length: counts[index]! }, () => `$${++last}`)));
  const text =
    // The inner limit is a constant: the planner then expects few rows in a generic plan too. A search orders by an
    // expression, so that the planner does not walk the index of seq and check the text of every message on the way.
    `select ${columns} from (
       select * from messages m
        where m.chat_id = $1 and m.seq ${isOldestFirst ? ">" : "<"} $3
          and exists (select from chat_members where chat_id = $1 and user_id = $2)
          ${conditions.map((condition) => `and ${condition}`).join("\n          ")}
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
  const terms = wanted.query ? searchTerms(wanted.query) : undefined;
  const by = terms ? { ...wanted, terms } : wanted;
  const used = filters.filter(({ isUsed }) => isUsed(by));
  const chosen = used.map(({ values }) => values(by));
  const [seq = isOldestFirst ? 0 : beyondLast] = after ?? [];
  const counts = chosen.map(({ length }) => length);
  const found = await queries.many(listStatement(used, counts, isOldestFirst, skip > 0), [
    chatId,
    userId,
    seq,
    limit,
    ...(skip > 0 ? [skip] : []),
    ...chosen.flat(1),
  ]);
  if (found.length === 0 && !after && skip === 0 && terms?.onlyExcludes)
    throw new ApiError("SEARCH_TOO_BROAD", "A search needs a word to find beside those that it excludes");
  return found;
}
