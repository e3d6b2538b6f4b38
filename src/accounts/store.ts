// The SQL of credentials: one password hash for each user.
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

export interface Credential {
  readonly user_id: number;
  readonly password_hash: string;
  /** Grows with each new password, not with a new hash of the same one. */
  readonly generation: number;
}

const findCredentialByEmail = statement<Credential>(
  "read",
  "find-credential-by-email",
  `select u.id as user_id, c.password_hash, c.generation
     from users u join credentials c on c.user_id = u.id
    where lower(u.email) = lower($1)`,
);

/** The user with this e-mail address, and the hash of their password; undefined when there is none. */
export async function findCredential(queries: Queries, email: string): Promise<Credential | undefined> {
  return queries.one(findCredentialByEmail, [email]);
}

const findCredentialOfUser = statement<Credential>(
  "read",
  "find-credential-of-user",
  "select user_id, password_hash, generation from credentials where user_id = $1",
);

/** The hash of a user's password; undefined when they have none. */
export async function findCredentialOf(queries: Queries, userId: number): Promise<Credential | undefined> {
  return queries.one(findCredentialOfUser, [userId]);
}

const holdCredentialRow = statement<{ user_id: number }>(
  "pool",
  "hold-credential",
  "select user_id from credentials where user_id = $1 and generation = coalesce($2, generation) for share",
);

/**
 * Keeps a user's credential as it is until the transaction ends; false when there is none, or it has another generation than the one
 * that is given. Waits for a transaction that changes or deletes it.
 */
export async function holdCredential(queries: Queries, userId: number, generation?: number): Promise<boolean> {
  return (await queries.one(holdCredentialRow, [userId, generation])) !== undefined;
}

const lockCredentialRow = statement<{ generation: number }>(
  "pool",
  "lock-credential",
  // Not "for no key update", as an update would: a login that has compared the earlier password waits for this one.
  "select generation from credentials where user_id = $1 for update",
);

/** Locks the credential of a user: sessions that begin wait for the end of the transaction. Undefined when there is none. */
export async function lockCredential(queries: Queries, userId: number): Promise<{ generation: number } | undefined> {
  return queries.one(lockCredentialRow, [userId]);
}

const updatePasswordRow = statement<object>(
  "pool",
  "update-password",
  "update credentials set password_hash = $2, generation = generation + 1 where user_id = $1",
);

/**
 * Replaces the password of a user, and locks it until the transaction ends: no login with an earlier password begins a session from
 * then on. False, and nothing is changed, when the user has none, or none of `generation` where that is given.
 */
export async function replacePassword(
  queries: Queries,
  userId: number,
  passwordHash: string,
  generation?: number,
): Promise<boolean> {
  const locked = await lockCredential(queries, userId);
  if (!locked || (generation !== undefined && locked.generation !== generation)) return false;
  await queries.one(updatePasswordRow, [userId, passwordHash]);
  return true;
}

const renewHashRow = statement<object>(
  "write",
  "renew-password-hash",
  "update credentials set password_hash = $3 where user_id = $1 and password_hash = $2",
);

/** Replaces a hash by another one of the same password, unless it has been replaced before. */
export async function renewHash(queries: Queries, userId: number, before: string, after: string): Promise<void> {
  await queries.one(renewHashRow, [userId, before, after]);
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

const insertCredentialRows = statement<object>(
  "pool",
  "insert-credentials",
  "insert into credentials (user_id, password_hash) select * from unnest($1::bigint[], $2::text[])",
);

/** Stores the password hashes of users who have none yet. */
export async function insertCredentials(
  queries: Queries,
  credentials: readonly Pick<Credential, "user_id" | "password_hash">[],
): Promise<void> {
  const columns = [credentials.map(({ user_id }) => user_id), credentials.map(({ password_hash }) => password_hash)];
  if (credentials.length > 0) await queries.one(insertCredentialRows, columns);
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
