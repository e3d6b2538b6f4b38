// The SQL of users. The SQL itself hides e-mail addresses from viewers without the right to see them, and deleted users
// from everybody, so that no list can forget to.
import type { Caller } from "../call.js";
import type { User } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import { forgetFormerNames } from "./former-names-store.js";

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
