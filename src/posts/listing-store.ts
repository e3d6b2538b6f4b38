// The SQL of the lists of posts: with filters, in two orders, and with a search in titles and texts.
import type { Caller } from "../call.js";
import type { Post } from "../gen/lyceum/v1/post.js";
import type { Queries } from "../platform/database/database.js";
import { searchStatement, type Statement, statement } from "../platform/database/statement.js";
import { readMoment, requireMoment } from "../platform/list-moment.js";
import type { KeysetPage } from "../platform/page.js";
import { formerKeys, momentOfPosts } from "./former-keys-store.js";
import { columns } from "./store.js";
import { isListed, isSeen } from "./visibility-store.js";

/** A post in a list, with what the list is ordered by at the moment of its first page, and that moment. */
export type ListedPost = Post & {
  /** 1 when it is pinned, else 0. */
  readonly pinned_key: number;
  readonly sort_key: number;
  readonly moment: string;
};

/** Which posts to list, and in which order. */
export interface PostFilter {
  readonly sort: "new" | "votes";
  readonly authorId: number | undefined;
  readonly groupId: number | undefined;
  /** Parts of the title or the text, each of which must occur. */
  readonly words: readonly string[];
  /** The drafts of the viewer in place of what is published. */
  readonly areDrafts: boolean;
}

/** A search that finds more posts by the index looks for them in the order of the list instead. */
const mostFound = 2000;

const cut = columns("left(t.text, 1000)", "length(t.text) > 1000");

/** A part of the SQL that is there or not. Its values are parameters, never parts of the SQL. */
interface Part {
  readonly name: string;
  readonly values: readonly unknown[];
  /** A condition on a post, which looks it up. */
  readonly sql: (post: string, ...parameters: string[]) => string;
  /** Where an index finds the posts: SQL for their ids, and for how many of them at most. */
  readonly found?: (...parameters: string[]) => string;
}

function authorPart(authorId: number | undefined): Part[] {
  if (authorId === undefined) return [];
  return [{ name: "author", values: [authorId], sql: (p, id) => `${p}.author_id = ${id}` }];
}

// A subquery that is not flattened: each post is looked up.
function groupPart(groupId: number | undefined): Part[] {
  if (groupId === undefined) return [];
  return [
    {
      name: "group",
      values: [groupId],
      sql: (p, id) => `(select true from post_groups a where a.post_id = ${p}.id and a.group_id = ${id})`,
      found: (id) => `select a.post_id from post_groups a where a.group_id = ${id}`,
    },
  ];
}

/** The letters of a word as far as a search tells them apart. */
const lengthOf = (word: string): number => Array.from(word.normalize("NFKD").replaceAll(/\p{M}/gu, "")).length;

// The longest words, up to three, have conditions of their own, which a trigram index serves if they have three letters, as it does not
// serve `like all`. Their patterns are subqueries: the planner cannot guess from them that many texts have the word, and read all.
function searchPart(words: readonly string[]): Part[] {
  if (words.length === 0) return [];
  const sorted = words.toSorted((a, b) => lengthOf(b) - lengthOf(a));
  const indexed = sorted.slice(0, 3).filter((word) => lengthOf(word) >= 3);
  const others = sorted.slice(indexed.length);
  const matches = (parameters: readonly string[]): string => {
    const each = parameters.slice(0, -1).map((word) => `t.words like (select name_pattern(${word}))`);
    const all = `coalesce(t.words like all (array(select name_pattern(unnest(${parameters.at(-1)}::text[])))), true)`;
    return [...each, all].join(" and ");
  };
  return [
    {
      name: `words${indexed.length}`,
      values: [...indexed, others],
      sql: (p, ...parameters) =>
        `(select ${matches(parameters)} from post_texts t where t.post_id = ${p}.id and t.is_current)`,
      ...(indexed.length > 0 && {
        found: (...parameters: string[]) =>
          `select t.post_id from post_texts t where t.is_current and ${matches(parameters)} limit ${mostFound + 1}`,
      }),
    },
  ];
}

const sortKeys = { new: "published_ms", votes: "vote_count" } as const;

const statements = new Map<string, Statement<ListedPost>>();

function listStatement(
  { sort, areDrafts, words }: PostFilter,
  parts: readonly Part[],
  { after, skip }: KeysetPage,
): Statement<ListedPost> {
  const name = [
    words.length > 0 ? "search-posts" : "list-posts",
    areDrafts ? "drafts" : sort,
    ...parts.map((part) => part.name),
    after && "next",
    skip > 0 && "skip",
  ]
    .filter(Boolean)
    .join("-");
  const known = statements.get(name);
  if (known) return known;

  let last = after ? 7 : skip > 0 ? 4 : 3;
  const numbered = parts.map((part) => ({ part, parameters: part.values.map(() => `$${++last}`) }));
  const conditions = (p: string): string =>
    numbered.map(({ part, parameters }) => ` and ${part.sql(p, ...parameters)}`).join("");
  const finder = numbered.find(({ part }) => part.found);
  const list = {
    conditions,
    found: finder?.part.found?.(...finder.parameters),
    place: after ? "limit 101" : skip > 0 ? "limit $3 offset $4" : "limit 101",
    key: sortKeys[sort],
  };
  const text = areDrafts ? drafts(list, after !== undefined) : after ? nextPage(list) : firstPage(list);
  const made = words.length > 0 ? searchStatement<ListedPost>(name, text) : statement<ListedPost>("pool", name, text);
  statements.set(name, made);
  return made;
}

interface List {
  readonly conditions: (post: string) => string;
  readonly found: string | undefined;
  /** The limit is a constant where it can be: the planner then expects few rows in a generic plan too. */
  readonly place: string;
  readonly key: string;
}

const shown = (moment: string): string => `select ${cut}, p.pinned_key, p.sort_key, ${moment} as moment`;
// Each text is looked up: the planner, which guesses what is skipped, would read all.
const textOf = "cross join lateral (select title, text from post_texts where post_id = p.id and is_current offset 0) t";
const inOrder = "order by p.pinned_key desc, p.sort_key desc, p.id desc";

const withParts = (...parts: readonly (string | undefined)[]): string => {
  const there = parts.filter((part) => part !== undefined);
  return there.length > 0 ? `with ${there.join(",\n        ")}` : "";
};
const foundPart = (found: string | undefined): string | undefined => found && `found as materialized (${found})`;

/**
 * SQL for the first posts of the list. What an index finds is sorted; when that is more than `mostFound` posts, which then are
 * many of all, each post is looked up in the order of the list until there are enough. Only one of the two is run.
 */
const firstOf = ({ conditions, found, place, key }: List, condition: string): string => {
  const select = `select p.*, p.is_pinned::integer as pinned_key, p.${key}::bigint as sort_key`;
  const rest = `${isListed("p")} and ${condition}${isSeen("p")}${conditions("p")}
          order by p.is_pinned desc, p.${key} desc, p.id desc ${place}`;
  if (!found) return `(${select} from posts p where ${rest})`;
  return `(${select} from found f join posts p on p.id = f.post_id
          where (select count(*) from found) <= ${mostFound} and ${rest})
        union all
       (${select} from posts p
          where (select count(*) from found) > ${mostFound} and ${rest})`;
};

const firstPage = (list: List): string => `${withParts(foundPart(list.found))}
   ${shown(momentOfPosts)} from (${firstOf(list, "")}) p ${textOf}
    ${inOrder} limit $3`;

// Those whose key is what it was come by the index, and the others beside them, each looked up.
const nextPage = (list: List): string => {
  const { conditions, found, key } = list;
  const former = key === "vote_count" ? "moved.vote_count" : `p.${key}`;
  const unmoved = `(p.is_pinned, p.${key}, p.id) < ($3::bigint <> 0, $4, $5) and p.id not in (select post_id from moved) and `;
  return `${withParts(`moment as materialized (${readMoment("$6")})`, `moved as materialized (${formerKeys("moment")})`, foundPart(found))}
   ${shown("$6::text")} from (
     select * from (
       ${firstOf(list, unmoved)}
        union all
       (select p.*, moved.is_pinned::integer, ${former}::bigint
          from moved cross join lateral (select * from posts where id = moved.post_id offset 0) p
         where ${isListed("p")} and (moved.is_pinned, ${former}, p.id) < ($3::bigint <> 0, $4, $5)
           and ${isSeen("p")}${conditions("p")})
     ) p ${inOrder} limit $7
   ) p ${textOf}
    ${inOrder}`;
};

// The id of a draft never moves. Its order has the form of the others', so that a page token has too.
const drafts = ({ conditions, place }: List, isNext: boolean): string => `
   ${shown(isNext ? "$6::text" : "'0'")} from (
     select p.*, 0 as pinned_key, 0 as sort_key from posts p
      where p.author_id = $1 and p.published_at is null
        and ($2::text is not null) ${isNext ? "and (0, 0, p.id) < ($3::bigint, $4::bigint, $5)" : ""}${conditions("p")}
      order by p.id desc ${place}
   ) p ${textOf}
    ${inOrder} limit ${isNext ? "$7" : "$3"}`;

/**
 * The posts that the viewer may see and the filter chooses, those that are pinned first. `page.after` is a pinned_key, a sort_key, an id
 * and a moment: the order is that of the moment. `page.limit` is at most 101. Throws INVALID_PAGE_TOKEN over what is no moment.
 */
export async function listPosts(
  queries: Queries,
  viewer: Caller,
  filter: PostFilter,
  page: KeysetPage,
): Promise<ListedPost[]> {
  requireMoment(page);
  const { after, limit, skip } = page;
  // A search is the better finder: it stands before the group.
  const parts = [...authorPart(filter.authorId), ...searchPart(filter.words), ...groupPart(filter.groupId)];
  return queries.many(listStatement(filter, parts, page), [
    viewer.id,
    viewer.role,
    ...(after ? [...after, limit] : [limit, ...(skip > 0 ? [skip] : [])]),
    ...parts.flatMap(({ values }) => values),
  ]);
}
