// The SQL of passkeys, of the handles of their owners, and of challenges. Each decision is one statement, or is taken while the owner's
// credential is locked, so that of concurrent calls one wins.
import type { Passkey } from "../../gen/lyceum/v1/passkey.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";

const columns = "id, name, created_at, last_used_at, is_backed_up";

const insertChallengeRow = statement<{ expires_at: string }>(
  "pool",
  "insert-passkey-challenge",
  `insert into passkey_challenges (challenge_hash, user_id, expires_at) values ($1, $2, now() + make_interval(secs => $3))
   returning expires_at`,
);

/** Inserts a challenge, of a user who registers a passkey or of a login; returns when it expires. */
export async function insertChallenge(
  queries: Queries,
  hash: Buffer,
  userId: number | undefined,
  seconds: number,
): Promise<string> {
  return (await queries.one(insertChallengeRow, [hash, userId, seconds]))!.expires_at;
}

const claimChallengeRow = statement<object>(
  "write",
  "claim-passkey-challenge",
  `delete from passkey_challenges
    where challenge_hash = $1 and user_id is not distinct from $2 and expires_at > now() returning challenge_hash`,
);

/** Deletes a challenge that is valid; false when there is none. Of concurrent calls one gets it. */
export async function claimChallenge(queries: Queries, hash: Buffer, userId: number | undefined): Promise<boolean> {
  return (await queries.one(claimChallengeRow, [hash, userId])) !== undefined;
}

const deleteExpiredRows = statement<object>(
  "pool",
  "delete-expired-passkey-challenges",
  `delete from passkey_challenges
    where challenge_hash = any (array(
      select challenge_hash from passkey_challenges where expires_at < now() limit $1 for update skip locked
    ))
   returning challenge_hash`,
);

/** Deletes up to `limit` challenges that have expired; returns how many. */
export async function deleteExpiredChallenges(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(deleteExpiredRows, [limit])).length;
}

const upsertHandleRow = statement<{ handle: Buffer }>(
  "pool",
  "upsert-passkey-handle",
  `insert into passkey_handles (user_id, handle) values ($1, $2)
   on conflict (user_id) do update set user_id = excluded.user_id
   returning handle`,
);

/** The handle of a user: the one that they have, or else this one. */
export async function upsertHandle(queries: Queries, userId: number, fresh: Buffer): Promise<Buffer> {
  return (await queries.one(upsertHandleRow, [userId, fresh]))!.handle;
}

/** What a device is told of a passkey, so that it does not make a second one. */
export interface KnownCredential {
  readonly credential_id: Buffer;
  readonly transports: readonly string[];
}

const listPasskeyRows = statement<Passkey & KnownCredential>(
  "read",
  "list-passkeys",
  `select ${columns}, credential_id, transports from passkeys where user_id = $1 order by id desc`,
);

/** All passkeys of a user, the newest first. They are few. */
export async function listPasskeys(queries: Queries, userId: number): Promise<(Passkey & KnownCredential)[]> {
  return queries.many(listPasskeyRows, [userId]);
}

/** A passkey that is not inserted yet. */
export interface NewPasskey extends KnownCredential {
  readonly name: string;
  readonly public_key: Buffer;
  readonly sign_count: number;
  readonly is_backed_up: boolean;
}

const insertPasskeyRow = statement<Passkey>(
  "pool",
  "insert-passkey",
  `insert into passkeys (user_id, name, credential_id, public_key, sign_count, transports, is_backed_up)
   values ($1, $2, $3, $4, $5, $6, $7)
   on conflict (credential_id) do nothing
   returning ${columns}`,
);

/** Inserts a passkey; undefined when somebody has registered this credential before. */
export async function insertPasskey(
  queries: Queries,
  userId: number,
  { name, credential_id, public_key, sign_count, transports, is_backed_up }: NewPasskey,
): Promise<Passkey | undefined> {
  const values = [userId, name, credential_id, public_key, sign_count, transports, is_backed_up];
  return queries.one(insertPasskeyRow, values);
}

const findPasskeyRow = statement<Passkey>(
  "read",
  "find-passkey",
  `select ${columns} from passkeys where user_id = $1 and id = $2`,
);

/** A passkey of a user; undefined when they have no such passkey. */
export async function findPasskey(queries: Queries, userId: number, id: number): Promise<Passkey | undefined> {
  return queries.one(findPasskeyRow, [userId, id]);
}

const updatePasskeyNameRow = statement<Passkey>(
  "pool",
  "update-passkey-name",
  `update passkeys set name = $3 where user_id = $1 and id = $2 returning ${columns}`,
);

/** Renames a passkey of a user; undefined when they have no such passkey. */
export async function updatePasskeyName(
  queries: Queries,
  userId: number,
  id: number,
  name: string,
): Promise<Passkey | undefined> {
  return queries.one(updatePasskeyNameRow, [userId, id, name]);
}

const deletePasskeyRow = statement<{ id: number }>(
  "pool",
  "delete-passkey",
  "delete from passkeys where user_id = $1 and id = $2 returning id",
);

/** Deletes a passkey of a user; false when they have no such passkey. */
export async function deletePasskey(queries: Queries, userId: number, id: number): Promise<boolean> {
  return (await queries.one(deletePasskeyRow, [userId, id])) !== undefined;
}

/** What a login is verified with. */
export interface RegisteredCredential {
  readonly id: number;
  readonly user_id: number;
  readonly public_key: Buffer;
  readonly handle: Buffer;
}

const findCredentialRow = statement<RegisteredCredential>(
  "read",
  "find-passkey-credential",
  `select p.id, p.user_id, p.public_key, h.handle
     from passkeys p join passkey_handles h on h.user_id = p.user_id
    where p.credential_id = $1`,
);

/** The passkey with a credential id, whoever has it; undefined when nobody does. */
export async function findCredential(
  queries: Queries,
  credentialId: Buffer,
): Promise<RegisteredCredential | undefined> {
  return queries.one(findCredentialRow, [credentialId]);
}

const countLoginRow = statement<{ id: number }>(
  "pool",
  "count-passkey-login",
  `update passkeys set sign_count = $2, is_backed_up = $3, last_used_at = clock_timestamp()
    where id = $1 and (sign_count < $2 or (sign_count = 0 and $2 = 0))
   returning id`,
);

/** Notes a login with a passkey; false when its counter has not gone on, or it was removed. */
export async function countLogin(
  queries: Queries,
  id: number,
  signCount: number,
  isBackedUp: boolean,
): Promise<boolean> {
  return (await queries.one(countLoginRow, [id, signCount, isBackedUp])) !== undefined;
}

const deleteAllRows = statement<object>(
  "pool",
  "delete-all-of-passkeys",
  `with challenges as (delete from passkey_challenges where user_id = $1),
        keys as (delete from passkeys where user_id = $1)
   delete from passkey_handles where user_id = $1`,
);

/** Deletes all that there is of a user's passkeys. */
export async function deleteAll(queries: Queries, userId: number): Promise<void> {
  await queries.one(deleteAllRows, [userId]);
}
