// The SQL of groups. Who is in a group is a column of users, and is written there.
import type { Group } from "../gen/lyceum/v1/group.js";
import type { Queries } from "../platform/database/database.js";
import { searchStatement, statement } from "../platform/database/statement.js";
import { readMoment, requireMoment } from "../platform/list-moment.js";
import type { KeysetPage } from "../platform/page.js";
import { formerNames, keepFormerName, momentOfNames, sortKeyOf } from "./former-names-store.js";

/** The unique index on names. */
export const nameUnique = "groups_name_unique";

// A chat without members is being deleted; the id of one that is deleted stays in the row.
const columns = `g.id, g.name, g.colour,
  case when exists (select from chat_members m where m.chat_id = g.chat_id) then g.chat_id end as chat_id,
  (select count(*)::integer from users u where u.group_id = g.id) as member_count, g.created_at, g.version`;

/** A group that is not inserted yet. */
export interface NewGroup extends Pick<Group, "name" | "colour"> {
  readonly chatId: number | undefined;
}

const insertGroupRow = statement<{ id: number }>(
  "pool",
  "insert-group",
  "insert into groups (name, colour, chat_id) values ($1, $2, $3) returning id",
);

/** Inserts a group; returns its id. Fails on `nameUnique` when another one has the name. */
export async function insertGroup(queries: Queries, { name, colour, chatId }: NewGroup): Promise<number> {
  return (await queries.one(insertGroupRow, [name, colour, chatId]))!.id;
}

const findGroupRow = statement<Group>("read", "find-group", `select ${columns} from groups g where g.id = $1`);

/** A group; undefined when there is none. */
export async function findGroup(queries: Queries, id: number): Promise<Group | undefined> {
  return queries.one(findGroupRow, [id]);
}

/** A group in a list, with the sort key of the list at the moment of its first page, and that moment. */
export type ListedGroup = Group & { readonly sort_key: string; readonly moment: string };

// Members are counted for the groups of the page alone.
const shown = (rows: string): string =>
  `select ${columns}, g.sort_key, g.moment from (${rows}) g order by g.sort_key, g.id`;

/** SQL for a page: from the first group that the conditions choose, or from a sort key $1 and an id $2 on. */
const firstPage = (conditions: string): string =>
  shown(`
   select g.*, ${momentOfNames} as moment
     from groups g
    where (g.sort_key, g.id) > ($1, $2) ${conditions}
    order by g.sort_key, g.id limit $3 offset $4`);

// Those whose name has not changed since the moment come by the index, and the others, which are few, beside them: each by its id, as
// "offset" keeps the planner, which does not know how few they are, from reading all groups.
const nextPage = (conditions: string, moment: string): string => `
   with moment as materialized (${readMoment(moment)}),
        moved as materialized (${formerNames("moment")})
   ${shown(`
   select g.*, ${moment}::text as moment from (
     (select g.id, g.name, g.colour, g.chat_id, g.created_at, g.version, g.sort_key
        from groups g
       where (g.sort_key, g.id) > ($1, $2) and g.id not in (select group_id from moved) ${conditions}
       order by g.sort_key, g.id limit $3::bigint + $4)
      union all
     (select g.id, g.name, g.colour, g.chat_id, g.created_at, g.version, ${sortKeyOf("moved.name")} as sort_key
        from moved cross join lateral (select * from groups where id = moved.group_id offset 0) g
       where (${sortKeyOf("moved.name")}, g.id) > ($1, $2) ${conditions})
   ) g
    order by g.sort_key, g.id limit $3 offset $4`)}`;

const listAll = statement<ListedGroup>("pool", "list-groups", firstPage(""));
const listAllThen = statement<ListedGroup>("pool", "list-groups-next", nextPage("", "$5"));

// As in the search of users, the longest word has a condition of its own: a trigram index cannot serve `like all`.
const isFound = `and name_part(g.name) like name_pattern($5)
      and name_part(g.name) like all (array(select name_pattern(unnest($6::text[]))))`;

const listFound = searchStatement<ListedGroup>("search-groups", firstPage(isFound));
const listFoundThen = searchStatement<ListedGroup>("search-groups-next", nextPage(isFound, "$7"));

/**
 * The groups whose names contain all the words, by name. `page.after` is a sort_key, an id and a moment: the order is that of the
 * moment. Throws INVALID_PAGE_TOKEN over what is no moment.
 */
export async function listGroups(queries: Queries, words: readonly string[], page: KeysetPage): Promise<ListedGroup[]> {
  requireMoment(page);
  const { after, limit, skip } = page;
  const [key, id, ...moment] = after ?? ["", 0];
  const values = [key, id, limit, skip];
  if (words.length === 0) return queries.many(after ? listAllThen : listAll, [...values, ...moment]);
  const [longest, ...others] = words.toSorted((a, b) => b.length - a.length);
  return queries.many(after ? listFoundThen : listFound, [...values, longest, others, ...moment]);
}

const lockGroupRows = statement<object>(
  "pool",
  "lock-groups-to-change",
  // In the order of ids. "for update", which the foreign key of users waits for: until the transaction ends nobody joins.
  "select id from groups where id = any($1::bigint[]) order by id for update",
);

const findGroupRows = statement<Group>(
  "pool",
  "find-groups",
  `select ${columns} from groups g where g.id = any($1::bigint[]) order by g.id`,
);

/** Locks groups against every other change, and against people who join; returns those that exist, in the order of ids. */
export async function lockToChange(queries: Queries, ids: readonly number[]): Promise<Group[]> {
  await queries.many(lockGroupRows, [ids]);
  // A statement of its own, after the locks: one that waits for a lock still reads the chats from before it waited.
  return queries.many(findGroupRows, [ids]);
}

/** A group that somebody joins. Its chat may be deleted already. */
export type JoinedGroup = Pick<Group, "id" | "chat_id">;

const lockGroupToJoinRow = statement<JoinedGroup>(
  "pool",
  "lock-group-to-join",
  "select id, chat_id from groups where id = $1 for share",
);

/** Locks a group against change, while others join it too. Undefined when there is none. */
export async function lockToJoin(queries: Queries, id: number): Promise<JoinedGroup | undefined> {
  return queries.one(lockGroupToJoinRow, [id]);
}

const listChatRows = statement<{ id: number; chat_id: number }>(
  "pool",
  "list-chats-of-groups",
  "select id, chat_id from groups where id = any($1::bigint[]) and chat_id is not null",
);

/** The chats of groups that have one, by the id of the group. */
export async function findChats(queries: Queries, ids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const rows = await queries.many(listChatRows, [ids]);
  return new Map(rows.map(({ id, chat_id }) => [id, chat_id]));
}

/** What to change of a group. What is absent stays. */
export interface GroupChange {
  readonly name?: string | undefined;
  readonly colour?: string | undefined;
  readonly chatId?: number | undefined;
}

const updateGroupRow = statement<{ id: number }>(
  "pool",
  "update-group",
  `with ${keepFormerName("g.id = $1 and g.name <> $2")}
   update groups
      set name = coalesce($2, name), colour = coalesce($3, colour), chat_id = coalesce($4, chat_id), version = version + 1
    where id = $1
      and (name, colour, chat_id) is distinct from (coalesce($2, name), coalesce($3, colour), coalesce($4, chat_id))
   returning id`,
);

/**
 * Changes a locked group; false when everything is equal already, which changes nothing. Fails on `nameUnique` when another one has
 * the name.
 */
export async function updateGroup(
  queries: Queries,
  id: number,
  { name, colour, chatId }: GroupChange,
): Promise<boolean> {
  return (await queries.one(updateGroupRow, [id, name, colour, chatId])) !== undefined;
}

const deleteGroupRow = statement<object>("pool", "delete-group", "delete from groups where id = $1");

/** Deletes a group without members. */
export async function deleteGroup(queries: Queries, id: number): Promise<void> {
  await queries.one(deleteGroupRow, [id]);
}
