// The SQL of the list of users, by name: with filters, and with a search in names that forgives a slip of one letter.
import type { Caller } from "../call.js";
import type { Role, User } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { searchStatement, type Statement, statement } from "../platform/database/statement.js";
import { readMoment, requireMoment } from "../platform/list-moment.js";
import type { KeysetPage } from "../platform/page.js";
import { formerNames, momentOfNames, sortKeyOf } from "./former-names-store.js";
import { columns } from "./store.js";

/** A user in a list, with the sort key of the list at the moment of its first page, and that moment. */
export type ListedUser = User & { readonly sort_key: string; readonly moment: string };

/** What a list of users is filtered by. What is absent, or empty, chooses everybody. */
export interface UserFilter {
  readonly ids?: readonly number[] | undefined;
  readonly role?: Role | undefined;
  readonly schoolClass?: number | undefined;
  readonly groupId?: number | undefined;
  readonly isSuspended?: boolean | undefined;
  /** Parts of names, each of which must occur. */
  readonly words: readonly string[];
}

/**
 * How the words must occur: as they are, or each but the short ones with at most one slip. The names with slips are listed, from the first
 * page on, only if no name has the words as they are.
 */
export type Spelling = "exact" | "similar";

/** A part of the SQL that is there or not. Its values are parameters, never parts of the SQL. */
interface Part {
  readonly name: string;
  readonly values: readonly unknown[];
  /** A condition on a user `u`. */
  readonly sql: (user: string, ...parameters: (string | undefined)[]) => string;
}

function field(name: string, value: unknown, sql: Part["sql"]): Part[] {
  return value === undefined ? [] : [{ name, values: [value], sql }];
}

function filterParts({ ids, role, schoolClass, groupId, isSuspended }: UserFilter): Part[] {
  return [
    ...field("ids", ids?.length ? ids : undefined, (u, chosen) => `${u}.id = any (${chosen}::bigint[])`),
    ...field("role", role, (u, value) => `${u}.role = ${value}`),
    ...field("class", schoolClass, (u, value) => `${u}.school_class = ${value}`),
    ...field("group", groupId, (u, value) => `${u}.group_id = ${value}`),
    ...(isSuspended === undefined
      ? []
      : [
          {
            name: isSuspended ? "suspended" : "active",
            values: [],
            sql: (u: string) => `${u}.suspended_at is ${isSuspended ? "not " : ""}null`,
          },
        ]),
  ];
}

/** The letters of a word as far as a search tells them apart. */
const lengthOf = (word: string): number => Array.from(word.normalize("NFKD").replaceAll(/\p{M}/gu, "")).length;

// A trigram index serves `like`, and not `like all`: so the longest word, which matches the fewest rows, has a condition of its own.
// It serves no word of two letters either: then the planner is not told what is looked for, and reads the list in its order.
function wordsPart(words: readonly string[]): Part {
  const [longest = "", ...others] = words.toSorted((a, b) => b.length - a.length);
  const isShort = lengthOf(longest) < 3;
  const contains = (u: string, word: string): string =>
    isShort ? `strpos(${u}.names, (select name_part(${word}))) > 0` : `${u}.names like name_pattern(${word})`;
  if (others.length === 0)
    return { name: isShort ? "short" : "word", values: [longest], sql: (u, word) => contains(u, word!) };
  return {
    name: isShort ? "shorts" : "words",
    values: [longest, others],
    sql: (u, word, more) => `${contains(u, word!)}
          and coalesce(${u}.names like all (array(select name_pattern(unnest(${more}::text[])))), false)`,
  };
}

/** Whether a slip in one of the words could be forgiven. */
export const canSlip = (words: readonly string[]): boolean => words.some((word) => lengthOf(word) >= 4);

/**
 * SQL for a part of a `with`: in `slipped` the ids of those who have the word or a slip of it, and of all other words, under a condition
 * that is the same for all.
 */
// The inner query is not flattened: each pattern is looked up in the index, and what is found is compared with the other words.
const slippedPart = (word: string, others: string | undefined, condition: string): string => `
     slipped as materialized (
       select array(
         select s.id from unnest(name_slips(${word})) as slip
          cross join lateral (select id, names from users where names like slip offset 0) s
          where ${condition}${
            others === undefined
              ? ""
              : `
            and not exists (select from (select name_slips(other) as slips from unnest(${others}::text[]) as other offset 0) o
                             where not s.names like any (o.slips))`
          }
       ) as ids)`;

const isSlipped = "u.id = any ((select ids from slipped)::bigint[])";

const statements = new Map<string, Statement<ListedUser>>();

function listStatement(
  filters: readonly Part[],
  words: Part | undefined,
  spelling: Spelling,
  { after, skip }: KeysetPage,
): Statement<ListedUser> {
  const isSimilar = words !== undefined && spelling === "similar";
  const name = [
    words ? "search-users" : "list-users",
    ...filters.map((part) => part.name),
    words && (isSimilar ? `similar-${words.name}` : words.name),
    after && "next",
    skip > 0 && "skip",
  ]
    .filter(Boolean)
    .join("-");
  const known = statements.get(name);
  if (known) return known;

  let last = after || skip > 0 ? 6 : 5;
  const parameters = [...filters, ...(words ? [words] : [])].map(({ values }) => values.map(() => `$${++last}`));
  const [word = "", others] = words ? parameters.at(-1)! : [];
  const filtered = (user: string): string =>
    filters.map(({ sql }, at) => ` and ${sql(user, ...parameters[at]!)}`).join("");
  const found = words && (isSimilar ? isSlipped : words.sql("u", ...parameters.at(-1)!));
  const conditions = filtered("u") + (found ? ` and ${found}` : "");
  // Counted, since the planner would read the table until it finds somebody.
  const nobodyIsFound = `0 = (select count(*) from users x
                              where x.deleted_at is null${filtered("x")} and ${words?.sql("x", ...parameters.at(-1)!)})`;
  const parts = isSimilar ? [slippedPart(word, others, after ? "true" : nobodyIsFound)] : [];
  // A word that an index serves is looked up: the planner, which cannot know how many have it, is kept from reading the list in its order.
  const key = words && !words.name.startsWith("short") ? "u.sort_key || ''" : "u.sort_key";
  const text = after ? nextPage(conditions, parts, key) : firstPage(conditions, parts, key, skip > 0);
  const made = words ? searchStatement<ListedUser>(name, text) : statement<ListedUser>("pool", name, text);
  statements.set(name, made);
  return made;
}

const withParts = (parts: readonly string[]): string => (parts.length > 0 ? `with ${parts.join(", ")}` : "");

// The inner limit is a constant: the planner then expects few rows in a generic plan too.
const firstPage = (
  conditions: string,
  parts: readonly string[],
  key: string,
  skips: boolean,
): string => `${withParts(parts)}
   select ${columns}, u.sort_key, ${momentOfNames} as moment from (
     select u.* from users u
      where u.deleted_at is null and (u.sort_key, u.id) > ($3, $4)${conditions}
      order by ${key}, u.id limit ${skips ? "$5 offset $6" : "101"}
   ) u
    order by u.sort_key, u.id limit $5`;

// Those whose name has not changed since the moment come by the index, and the others beside them: they are few, which the planner cannot
// know, so that the look-up of each is not left to it.
const nextPage = (conditions: string, parts: readonly string[], key: string): string => `
   with moment as materialized (${readMoment("$6")}),
        moved as materialized (${formerNames("moment")})${parts.map((part) => `, ${part}`).join("")}
   select u.*, $6::text as moment from (
     (select ${columns}, u.sort_key
        from users u
       where u.deleted_at is null and (u.sort_key, u.id) > ($3, $4) and u.id not in (select user_id from moved)${conditions}
       order by ${key}, u.id limit 101)
      union all
     (select ${columns}, ${sortKeyOf("moved")} as sort_key
        from moved cross join lateral (select * from users where id = moved.user_id offset 0) u
       where u.deleted_at is null and (${sortKeyOf("moved")}, u.id) > ($3, $4)${conditions})
   ) u
    order by u.sort_key, u.id limit $5`;

/**
 * The users whom the filter chooses, by family name, then given name, as the viewer may see them. `page.after` is a sort_key, an id and
 * a moment: the order is that of the moment. `page.limit` is at most 101. Throws INVALID_PAGE_TOKEN over what is no moment.
 */
export async function listUsers(
  queries: Queries,
  viewer: Caller,
  filter: UserFilter,
  spelling: Spelling,
  page: KeysetPage,
): Promise<ListedUser[]> {
  requireMoment(page);
  const { after, limit, skip } = page;
  const [key, id, ...moment] = after ?? ["", 0];
  const filters = filterParts(filter);
  const words = filter.words.length > 0 ? wordsPart(filter.words) : undefined;
  return queries.many(listStatement(filters, words, spelling, page), [
    viewer.id,
    viewer.role,
    key,
    id,
    limit,
    ...(after ? moment : skip > 0 ? [skip] : []),
    ...filters.flatMap(({ values }) => values),
    ...(words?.values ?? []),
  ]);
}
