// The SQL of people. Who may see an e-mail address, and that who is gone is not seen at all, is decided here, so that no
// list can forget it.
import type { Caller } from "../call.js";
import type { User } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import type { PageKey } from "../platform/page.js";
import { statement } from "../platform/database/statement.js";

/** The unique index on e-mail addresses. */
export const emailUnique = "users_email_unique";

// $1 is the id of who is looking, $2 that person's role.
const columns = `u.id,
  case when u.id = $1 or $2 in ('ROLE_TEACHER', 'ROLE_SUPER_ADMIN') then u.email end as email,
  u.first_name, u.last_name, u.role, u.created_at, u.version`;

/** A person to be. */
export type NewUser = Pick<User, "first_name" | "last_name" | "role"> & { readonly email: string };

const insertUserRow = statement<User>(
  "pool",
  "insert-user",
  `insert into users (email, first_name, last_name, role) values ($1, $2, $3, $4)
   returning id, email, first_name, last_name, role, created_at, version`,
);

/** Inserts a person. Breaks `emailUnique` when somebody has the address. */
export async function insertUser(queries: Queries, draft: NewUser): Promise<User> {
  return (await queries.one(insertUserRow, [draft.email, draft.first_name, draft.last_name, draft.role]))!;
}

const findUserRow = statement<User>(
  "read",
  "find-user",
  `select ${columns} from users u where u.id = $3 and u.deleted_at is null`,
);

/** The person as the viewer may see them; undefined when there is none. */
export async function findUser(queries: Queries, viewer: Caller, id: number): Promise<User | undefined> {
  return queries.one(findUserRow, [viewer.id, viewer.role, id]);
}

const holdUserRows = statement<{ id: number }>(
  "pool",
  "hold-users",
  `select id from users where id = any($1::bigint[]) and deleted_at is null order by id for share`,
);

/** Keeps those of these who are there from being deleted until the transaction ends; answers with their ids. */
export async function holdUsers(queries: Queries, ids: readonly number[]): Promise<number[]> {
  return (await queries.many(holdUserRows, [ids])).map(({ id }) => id);
}

/** A person who is held while their account ends. */
export type LockedUser = Pick<User, "id" | "first_name" | "last_name" | "role">;

const lockUserRows = statement<LockedUser>(
  "pool",
  "lock-users-to-delete",
  // Not "for update": the foreign keys of a send or a login must not wait for this. All super admins are locked by the
  // first of them, in the order of their ids, so that of two who go at once the second sees that the first has gone.
  `select id, first_name, last_name, role
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

/** Locks the user, beside all other super admins when it is one. None when the user is gone. */
export async function lockUsersToDelete(queries: Queries, id: number): Promise<LockedUser[]> {
  return queries.many(lockUserRows, [id]);
}

const deleteUserRow = statement<object>(
  "pool",
  "delete-user",
  `update users
      set email = null, first_name = '', last_name = '', role = 'ROLE_STUDENT', deleted_at = now(),
          version = version + 1
    where id = $1`,
);

/** Deletes a person who is locked: what is left is a row without a name, which their messages refer to. */
export async function deleteUser(queries: Queries, id: number): Promise<void> {
  await queries.one(deleteUserRow, [id]);
}

/** A person in a list, with the key that the list is ordered by. */
export type ListedUser = User & { readonly sort_key: string };

/** Where in the list to begin, and how much of it to read. */
export interface Span {
  /** The sort key and the id of the last one before; undefined for the beginning. */
  readonly after: PageKey | undefined;
  readonly limit: number;
  readonly skip: number;
}

const order = "order by u.sort_key, u.id limit $5 offset $6";

const listAll = statement<ListedUser>(
  "pool",
  "list-users",
  `select ${columns}, u.sort_key from users u where u.deleted_at is null and (u.sort_key, u.id) > ($3, $4) ${order}`,
);

// A trigram index cannot serve `like all`, so the longest word, which leaves the fewest, stands alone before the rest.
const listFound = statement<ListedUser>(
  "pool",
  "search-users",
  `select ${columns}, u.sort_key
     from users u
    where u.deleted_at is null
      and (u.sort_key, u.id) > ($3, $4)
      and u.name_key like search_key($7)
      and u.name_key like all (array(select search_key(unnest($8::text[]))))
   ${order}`,
);

/** People by family name, then given name, as the viewer may see them: those in whose names all the words occur. */
export async function listUsers(
  queries: Queries,
  viewer: Caller,
  words: readonly string[],
  { after, limit, skip }: Span,
): Promise<ListedUser[]> {
  const [key, id] = after ?? ["", 0];
  const values = [viewer.id, viewer.role, key, id, limit, skip];
  if (words.length === 0) return queries.many(listAll, values);
  const [longest, ...others] = words.toSorted((a, b) => b.length - a.length).map(pattern);
  return queries.many(listFound, [...values, longest, others]);
}

/** The LIKE pattern of whatever contains the word as it stands. */
function pattern(word: string): string {
  return `%${word.replace(/[\\%_]/g, "\\$&")}%`;
}
