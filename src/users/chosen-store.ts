// The SQL of users whom a client names by their ids.
import type { Caller } from "../call.js";
import type { User } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import { readMoment, requireMoment } from "../platform/list-moment.js";
import type { KeysetPage } from "../platform/page.js";
import { formerNames, momentOfNames, sortKeyOf } from "./former-names-store.js";
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

const isChosen = `u.id = any ($7::bigint[])
      and u.deleted_at is null
      and ${nameKey} like all (array(select name_pattern(unnest($8::text[]))))`;

const listChosen = statement<ListedUser>(
  "read",
  "list-chosen-users",
  `select ${columns}, u.sort_key, ${momentOfNames} as moment
     from users u
    where ${isChosen} and (u.sort_key, u.id) > ($3, $4)
    order by u.sort_key, u.id limit $5 offset $6`,
);

const listChosenThen = statement<ListedUser>(
  "read",
  "list-chosen-users-next",
  `with moment as materialized (${readMoment("$9")}),
        moved as materialized (${formerNames("moment")})
   select u.*, $9::text as moment from (
     select ${columns}, coalesce(${sortKeyOf("moved")}, u.sort_key) as sort_key
       from users u left join moved on moved.user_id = u.id
      where ${isChosen}
   ) u
    where (u.sort_key, u.id) > ($3, $4)
    order by u.sort_key, u.id limit $5 offset $6`,
);

/** Those of at most 100 users whose names contain all the words, as listUsers of store.ts lists them. */
export async function listChosenUsers(
  queries: Queries,
  viewer: Caller,
  words: readonly string[],
  ids: readonly number[],
  page: KeysetPage,
): Promise<ListedUser[]> {
  requireMoment(page);
  const { after, limit, skip } = page;
  const [key, id, ...moment] = after ?? ["", 0];
  const values = [viewer.id, viewer.role, key, id, limit, skip, ids, words, ...moment];
  return queries.many(after ? listChosenThen : listChosen, values);
}
