// The SQL of credentials: one password hash for each user.
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

export interface Credential {
  readonly user_id: number;
  readonly password_hash: string;
}

const findCredentialByEmail = statement<Credential>(
  "read",
  "find-credential-by-email",
  `select u.id as user_id, c.password_hash
     from users u join credentials c on c.user_id = u.id
    where lower(u.email) = lower($1)`,
);

/** The user with this e-mail address, and the hash of their password; undefined when there is none. */
export async function findCredential(queries: Queries, email: string): Promise<Credential | undefined> {
  return queries.one(findCredentialByEmail, [email]);
}

const findCredentialOfUser = statement<Credential & { readonly email: string }>(
  "read",
  "find-credential-of-user",
  `select u.id as user_id, u.email, c.password_hash
     from users u join credentials c on c.user_id = u.id
    where u.id = $1`,
);

/** The hash of a user's password, and their e-mail address; undefined when the account has ended. */
export async function findOwnCredential(
  queries: Queries,
  userId: number,
): Promise<(Credential & { readonly email: string }) | undefined> {
  return queries.one(findCredentialOfUser, [userId]);
}

const holdCredentialRow = statement<{ user_id: number }>(
  "pool",
  "hold-credential",
  "select user_id from credentials where user_id = $1 and password_hash = coalesce($2, password_hash) for share",
);

/**
 * Keeps a user's credential as it is until the transaction ends; false when there is none, or it has another hash than the one that is
 * given. Waits for a transaction that changes or deletes it.
 */
export async function holdCredential(queries: Queries, userId: number, passwordHash?: string): Promise<boolean> {
  return (await queries.one(holdCredentialRow, [userId, passwordHash])) !== undefined;
}

const lockCredentialRow = statement<object>(
  "pool",
  "lock-credential",
  "select from credentials where user_id = $1 for update",
);

/** Keeps sessions of a user from beginning until the transaction ends. */
export async function lockCredential(queries: Queries, userId: number): Promise<void> {
  await queries.one(lockCredentialRow, [userId]);
}

const insertCredentialRow = statement<object>(
  "pool",
  "insert-credential",
  "insert into credentials (user_id, password_hash) values ($1, $2)",
);

/** Stores the password hash of a user who has none yet. */
export async function insertCredential(queries: Queries, userId: number, passwordHash: string): Promise<void> {
  await queries.one(insertCredentialRow, [userId, passwordHash]);
}

const deleteCredentialRow = statement<object>(
  "pool",
  "delete-credential",
  "delete from credentials where user_id = $1",
);

/** Deletes the password hash of a user: no session of theirs can be inserted any more. */
export async function deleteCredential(queries: Queries, userId: number): Promise<void> {
  await queries.one(deleteCredentialRow, [userId]);
}
