// The SQL of users whom a client names by their ids.
import type { Caller } from "../call.js";
import type { User } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import type { KeysetPage } from "../platform/page.js";
import { columns, type ListedUser, nameKey } from "./store.js";

const findUserRows = statement<User>(
  "read",
  "find-users",
  `select ${columns} from users u where u.id = any ($3::bigint[]) and u.deleted_at is null order by u.id`,
);

/** Users as the viewer may see them, in the order of their ids; without those that do not exist or whose accounts have ended. */
export async function findUsers(queries: Queries, viewer: Caller, ids: readonly number[]): Promise<User[]> {
  return queries.many(findUserRows, [viewer.id, viewer.role, ids]);
}

const listChosen = statement<ListedUser>(
  "read",
  "list-chosen-users",
  `select ${columns}, u.sort_key
     from users u
    where u.id = any ($7::bigint[])
      and u.deleted_at is null
      and (u.sort_key, u.id) > ($3, $4)
      and ${nameKey} like all (array(select name_pattern(unnest($8::text[]))))
    order by u.sort_key, u.id limit $5 offset $6`,
);

/** Those of at most 100 users whose names contain all the words, as listUsers of store.ts lists them. */
export async function listChosenUsers(
  queries: Queries,
  viewer: Caller,
  words: readonly string[],
  ids: readonly number[],
  { after, limit, skip }: KeysetPage,
): Promise<ListedUser[]> {
  const [key, id] = after ?? ["", 0];
  return queries.many(listChosen, [viewer.id, viewer.role, key, id, limit, skip, ids, words]);
}
