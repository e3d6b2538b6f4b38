// The SQL of signing keys.
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";

/** The channel on which all processes are notified of a change of the keys. */
export const signingKeyChannel = "signing_keys_changed";

export interface SigningKeyRow {
  readonly id: number;
  /** Undefined for number 0. */
  readonly encrypted_secret?: Buffer | undefined;
  /** How long ago it was made, in milliseconds. */
  readonly age_ms: number;
}

const listRows = statement<SigningKeyRow>(
  "pool",
  "list-signing-keys",
  `select id, encrypted_secret, greatest(0, extract(epoch from clock_timestamp() - created_at) * 1000)::bigint as age_ms
     from signing_keys order by id`,
);

/** All keys, the oldest first. */
export async function listSigningKeys(queries: Queries): Promise<SigningKeyRow[]> {
  return queries.many(listRows, []);
}

const insertRow = statement<{ id: number }>(
  "pool",
  "insert-signing-key",
  `with made as (insert into signing_keys (encrypted_secret) values ($1) returning id)
   select id, pg_notify('${signingKeyChannel}', id::text)::text as told from made`,
);

/** Inserts a key and notifies all processes; returns its number. */
export async function insertSigningKey(queries: Queries, encryptedSecret: Buffer): Promise<number> {
  return (await queries.one(insertRow, [encryptedSecret]))!.id;
}

const deleteRows = statement<{ id: number }>(
  "pool",
  "delete-signing-keys-before",
  `with gone as (delete from signing_keys where id < $1 returning id)
   select id, pg_notify('${signingKeyChannel}', id::text)::text as told from gone`,
);

/** Deletes the keys with smaller numbers, and notifies all processes; returns how many. */
export async function deleteSigningKeysBefore(queries: Queries, id: number): Promise<number> {
  return (await queries.many(deleteRows, [id])).length;
}

const deleteOldRows = statement<{ id: number }>(
  "pool",
  "delete-old-signing-keys",
  // No token is valid for longer than 365 days after its key was replaced.
  `with gone as (
     delete from signing_keys k
      where exists (select from signing_keys n where n.id > k.id and n.created_at < now() - interval '367 days')
     returning id
   )
   select id, pg_notify('${signingKeyChannel}', id::text)::text as told from gone`,
);

/** Deletes the keys that were replaced so long ago that no token of them can be valid; returns how many. */
export async function deleteOldSigningKeys(queries: Queries): Promise<number> {
  return (await queries.many(deleteOldRows, [])).length;
}
