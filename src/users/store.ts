// The SQL of users. The SQL itself hides e-mail addresses from viewers without the right to see them, and deleted users
// from everybody, so that no list can forget to.
import type { Caller } from "../call.js";
import type { User } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { searchStatement, statement } from "../platform/database/statement.js";
import type { KeysetPage } from "../platform/page.js";
import { readMoment, requireMoment } from "../platform/list-moment.js";
import { forgetFormerNames, formerNames, momentOfNames, sortKeyOf } from "./former-names-store.js";

/** The unique index on e-mail addresses. */
export const emailUnique = "users_email_unique";

/**
 * The columns of a user `u`, as the viewer may see them; with `profile`, those of a single user. $1 is the id of the viewer, $2 the
 * viewer's role. It is the table in the comment of the message User.
 */
export const columns = `u.id,
  case when u.id = $1 or $2 in ('ROLE_TEACHER', 'ROLE_SUPER_ADMIN') then u.email end as email,
  u.first_name, u.last_name, u.role, u.created_at, u.version,
  case when $2 in ('ROLE_TEACHER', 'ROLE_SUPER_ADMIN') then u.invited_at end as invited_at,
  case when $2 in ('ROLE_TEACHER', 'ROLE_SUPER_ADMIN') then u.suspended_at end as suspended_at,
  case when $2 = 'ROLE_SUPER_ADMIN' or ($2 = 'ROLE_TEACHER' and u.role = 'ROLE_STUDENT')
       then nullif(u.suspension_reason, '') end as suspension_reason,
  u.nick, u.patronymic_name, u.school_class, u.group_id, u.avatar_file_id, u.rating`;

const profile = `
  case when u.id = $1 or $2 in ('ROLE_TEACHER', 'ROLE_SUPER_ADMIN') or u.role in ('ROLE_TEACHER', 'ROLE_SUPER_ADMIN')
         or exists (select from users viewer
                     where viewer.id = $1 and (viewer.group_id = u.group_id or viewer.school_class = u.school_class))
       then json_build_object(
              'about', u.about,
              'links', json_strip_nulls(json_build_object(
                'telegram', u.telegram, 'github', u.github, 'stepik', u.stepik, 'kaggle', u.kaggle, 'website', u.website)),
              'tech_stack', json_build_object('words', u.tech_stack)) end as profile`;

/** A user that is not inserted yet. */
export type NewUser = Pick<User, "first_name" | "last_name" | "role"> & {
  readonly email: string;
  /** Whether the user is invited, and has not accepted. */
  readonly isInvited?: boolean;
  /** None when absent or empty. */
  readonly patronymic_name?: string | undefined;
  /** None when absent or 0. */
  readonly school_class?: number | undefined;
};

const insertUserRow = statement<User>(
  "pool",
  "insert-user",
  `insert into users (email, first_name, last_name, role, invited_at, patronymic_name, school_class)
   values ($1, $2, $3, $4, case when $5::boolean then now() end, coalesce($6, ''), nullif($7::smallint, 0))
   returning id, email, first_name, last_name, role, created_at, version, invited_at, patronymic_name, school_class, rating`,
);

/** Inserts a user. Fails on `emailUnique` when a user with this address exists. */
export async function insertUser(queries: Queries, draft: NewUser): Promise<User> {
  const { email, first_name, last_name, role, isInvited = false, patronymic_name, school_class } = draft;
  const values = [email, first_name, last_name, role, isInvited, patronymic_name, school_class];
  return (await queries.one(insertUserRow, values))!;
}

const findUserRow = statement<User>(
  "read",
  "find-user",
  `select ${columns}, ${profile} from users u where u.id = $3 and u.deleted_at is null`,
);

/** A user as the viewer may see them; undefined when there is none, or the account has ended. */
export async function findUser(queries: Queries, viewer: Caller, id: number): Promise<User | undefined> {
  return queries.one(findUserRow, [viewer.id, viewer.role, id]);
}

const findUserByNickRow = statement<User>(
  "read",
  "find-user-by-nick",
  `select ${columns}, ${profile} from users u where lower(u.nick) = lower($3) and u.deleted_at is null`,
);

/** The user with a nick, in any case, as the viewer may see them; undefined when there is none. */
export async function findUserByNick(queries: Queries, viewer: Caller, nick: string): Promise<User | undefined> {
  return queries.one(findUserByNickRow, [viewer.id, viewer.role, nick]);
}

const hasUsersRow = statement<{ has_users: boolean }>(
  "read",
  "has-users",
  "select exists (select from users where deleted_at is null) as has_users",
);

/** Whether there is any user. */
export async function hasUsers(queries: Queries): Promise<boolean> {
  return (await queries.one(hasUsersRow, []))!.has_users;
}

const lockUsersTable = statement<object>("pool", "lock-users-table", "lock table users in share row exclusive mode");

const waitForLocks = statement<object>("pool", "wait-for-locks", "select set_config('lock_timeout', '0', true)");

/** Locks the table against writes of other transactions until this one ends, however long the wait for them takes. */
export async function lockTable(queries: Queries): Promise<void> {
  await queries.one(waitForLocks, []);
  await queries.one(lockUsersTable, []);
}

const lockUserRows = statement<{ id: number }>(
  "pool",
  "lock-users",
  `select id from users where id = any($1::bigint[]) and deleted_at is null order by id for share`,
);

/** Locks users against deletion until the transaction ends; returns the ids of those that exist. */
export async function lockUsers(queries: Queries, ids: readonly number[]): Promise<number[]> {
  return (await queries.many(lockUserRows, [ids])).map(({ id }) => id);
}

/** A user who is locked while their account ends. */
export type LockedUser = Pick<User, "id" | "role" | "version"> & { readonly is_suspended: boolean };

const lockUserToDeleteRows = statement<LockedUser>(
  "pool",
  "lock-users-to-delete",
  // Not "for update": the foreign key checks of a send or a login would wait for that. For a super admin all super
  // admins are locked, in the order of their ids: of two who end their accounts at once the second sees that the first
  // is deleted.
  `select id, role, version, suspended_at is not null as is_suspended
     from users
    where deleted_at is null
      and id = any (
            case (select role from users where id = $1)
              when 'ROLE_SUPER_ADMIN'
                then array(select id from users where role = 'ROLE_SUPER_ADMIN' and deleted_at is null)
              else array[$1::bigint]
            end)
    order by id
      for no key update`,
);

/** Locks the user and, for a super admin, all other super admins; returns them. Without the user when it is deleted. */
export async function lockUsersToDelete(queries: Queries, id: number): Promise<LockedUser[]> {
  return queries.many(lockUserToDeleteRows, [id]);
}

const deleteUserRow = statement<object>(
  "pool",
  "delete-user",
  `with ${forgetFormerNames}
   update users
      set email = null, first_name = '', last_name = '', role = 'ROLE_STUDENT', deleted_at = now(),
          invited_at = null, suspended_at = null, suspension_reason = '', nick = null, patronymic_name = '',
          school_class = null, group_id = null, avatar_file_id = null, rating = 0, about = '', telegram = null, github = null,
          stepik = null, kaggle = null, website = null, tech_stack = '{}', version = version + 1
    where id = $1`,
);

/** Deletes a locked user: leaves a row without a name or an address, which the user's messages refer to. */
export async function deleteUser(queries: Queries, id: number): Promise<void> {
  await queries.one(deleteUserRow, [id]);
}

/** A user in a list, with the sort key of the list at the moment of its first page, and that moment. */
export type ListedUser = User & { readonly sort_key: string; readonly moment: string };

/** SQL for a page of a list: of the users that the conditions choose, from the first one, or from a sort key $3 and an id $4 on. */
const firstPage = (conditions: string): string => `
   select ${columns}, u.sort_key, ${momentOfNames} as moment
     from users u
    where u.deleted_at is null and (u.sort_key, u.id) > ($3, $4) ${conditions}
    order by u.sort_key, u.id limit $5 offset $6`;

// Those whose name has not changed since the moment come by the index, and the others, who are few, beside them.
const nextPage = (conditions: string, moment: string): string => `
   with moment as materialized (${readMoment(moment)}),
        moved as materialized (${formerNames("moment")})
   select u.*, ${moment}::text as moment from (
     (select ${columns}, u.sort_key
        from users u
       where u.deleted_at is null and (u.sort_key, u.id) > ($3, $4) and u.id not in (select user_id from moved) ${conditions}
       order by u.sort_key, u.id limit $5::bigint + $6)
      union all
     (select ${columns}, ${sortKeyOf("moved")} as sort_key
        from moved join users u on u.id = moved.user_id
       where u.deleted_at is null and (${sortKeyOf("moved")}, u.id) > ($3, $4) ${conditions})
   ) u
    order by u.sort_key, u.id limit $5 offset $6`;

const listAll = statement<ListedUser>("pool", "list-users", firstPage(""));
const listAllThen = statement<ListedUser>("pool", "list-users-next", nextPage("", "$7"));

/** The name of a user `u` as a search compares it, by the index users_search. */
export const nameKey = "name_part(u.last_name || ' ' || u.first_name)";

// A trigram index cannot serve `like all`. So the longest word, which matches the fewest rows, has a condition of its
// own.
const isFound = `and ${nameKey} like name_pattern($7)
      and ${nameKey} like all (array(select name_pattern(unnest($8::text[]))))`;

const listFound = searchStatement<ListedUser>("search-users", firstPage(isFound));
const listFoundThen = searchStatement<ListedUser>("search-users-next", nextPage(isFound, "$9"));

/**
 * The users whose names contain all the words, by family name, then given name, as the viewer may see them.
 * `page.after` is a sort_key, an id and a moment: the order is that of the moment. Throws INVALID_PAGE_TOKEN over what is no moment.
 */
export async function listUsers(
  queries: Queries,
  viewer: Caller,
  words: readonly string[],
  page: KeysetPage,
): Promise<ListedUser[]> {
  requireMoment(page);
  const { after, limit, skip } = page;
  const [key, id, ...moment] = after ?? ["", 0];
  const values = [viewer.id, viewer.role, key, id, limit, skip];
  if (words.length === 0) return queries.many(after ? listAllThen : listAll, [...values, ...moment]);
  const [longest, ...others] = words.toSorted((a, b) => b.length - a.length);
  return queries.many(after ? listFoundThen : listFound, [...values, longest, others, ...moment]);
}
