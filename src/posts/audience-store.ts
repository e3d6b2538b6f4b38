// The SQL of the groups that somebody wants to write for.
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

const findOwnGroupRow = statement<{ group_id?: number }>(
  "read",
  "find-own-group",
  "select group_id from users where id = $1",
);

/** The group of a user; undefined for none. */
export async function findOwnGroup(queries: Queries, userId: number): Promise<number | undefined> {
  return (await queries.one(findOwnGroupRow, [userId]))?.group_id;
}

const lockGroupRows = statement<{ id: number }>(
  "pool",
  "lock-groups-of-post",
  // Against deletion alone.
  "select id from groups where id = any($1::bigint[]) order by id for key share",
);

/** Locks groups against deletion until the transaction ends; returns the ids of those that exist. */
export async function lockGroups(queries: Queries, ids: readonly number[]): Promise<number[]> {
  return (await queries.many(lockGroupRows, [ids])).map(({ id }) => id);
}
