// The SQL of users as the members of a group: moving them, and listing them by name.
import type { Caller } from "../call.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import { readMoment, requireMoment } from "../platform/list-moment.js";
import type { KeysetPage } from "../platform/page.js";
import { formerNames, momentOfNames, sortKeyOf } from "./former-names-store.js";
import { columns, type ListedUser } from "./store.js";

/** A user whose group has changed. */
export interface MovedUser {
  readonly id: number;
  /** Absent for who was in none. */
  readonly former_group_id?: number;
}

const moveUserRows = statement<MovedUser>(
  "pool",
  "move-users-to-group",
  `with moved as (
     update users u set group_id = $2, version = u.version + 1
       from users former
      where u.id = any($1::bigint[]) and former.id = u.id
        and u.deleted_at is null and u.group_id is distinct from $2::bigint
     returning u.id, former.group_id as former_group_id
   )
   select * from moved order by id`,
);

/** Moves locked users to a group, or out of every group; returns those who were in another one, in the order of ids. */
export async function moveUsers(
  queries: Queries,
  ids: readonly number[],
  groupId: number | undefined,
): Promise<MovedUser[]> {
  return queries.many(moveUserRows, [ids, groupId]);
}

const listMemberIdRows = statement<{ id: number }>(
  "pool",
  "list-group-member-ids",
  "select id from users where group_id = $1 order by id",
);

/** The ids of everybody in a group, in their order. */
export async function listMemberIds(queries: Queries, groupId: number): Promise<number[]> {
  return (await queries.many(listMemberIdRows, [groupId])).map(({ id }) => id);
}

const isMemberRow = statement<{ is_member: boolean }>(
  "pool",
  "is-group-member",
  "select exists (select from users where id = $1 and group_id = $2) as is_member",
);

/** Whether a user is in a group. */
export async function isMember(queries: Queries, id: number, groupId: number): Promise<boolean> {
  return (await queries.one(isMemberRow, [id, groupId]))!.is_member;
}

const listMembers = statement<ListedUser>(
  "pool",
  "list-group-members",
  `select ${columns}, u.sort_key, ${momentOfNames} as moment
     from users u
    where u.group_id = $7 and u.deleted_at is null and (u.sort_key, u.id) > ($3, $4)
    order by u.sort_key, u.id limit $5 offset $6`,
);

const listMembersThen = statement<ListedUser>(
  "pool",
  "list-group-members-next",
  `with moment as materialized (${readMoment("$8")}),
        moved as materialized (${formerNames("moment")})
   select u.*, $8::text as moment from (
     select ${columns}, coalesce(${sortKeyOf("moved")}, u.sort_key) as sort_key
       from users u left join moved on moved.user_id = u.id
      where u.group_id = $7 and u.deleted_at is null
   ) u
    where (u.sort_key, u.id) > ($3, $4)
    order by u.sort_key, u.id limit $5 offset $6`,
);

/** The users of a group, as listUsers of store.ts lists users. */
export async function listGroupMembers(
  queries: Queries,
  viewer: Caller,
  groupId: number,
  page: KeysetPage,
): Promise<ListedUser[]> {
  requireMoment(page);
  const { after, limit, skip } = page;
  const [key, id, ...moment] = after ?? ["", 0];
  const values = [viewer.id, viewer.role, key, id, limit, skip, groupId, ...moment];
  return queries.many(after ? listMembersThen : listMembers, values);
}
