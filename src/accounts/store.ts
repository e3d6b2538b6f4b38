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
