// The SQL of idempotency keys. A row counts for 24 hours, whether it was swept or not.
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";

const isAlive = "created_at > now() - interval '24 hours'";

/** An answer that was given to a request with the key. */
export interface KeptAnswer {
  readonly fingerprint: Buffer;
  readonly answer: Buffer;
}

const findKeptAnswerRow = statement<KeptAnswer>(
  "read",
  "find-kept-answer",
  `select fingerprint, answer from idempotency_keys where id = $1 and ${isAlive}`,
);

export function findKeptAnswer(queries: Queries, id: Buffer): Promise<KeptAnswer | undefined> {
  return queries.one(findKeptAnswerRow, [id]);
}

const hasKeysRow = statement<{ has_keys: boolean }>(
  "read",
  "has-idempotency-keys",
  `select exists (select from idempotency_keys where owner = $1 and ${isAlive} offset $2) as has_keys`,
);

/** Whether at least `count` keys of a caller count now. */
export async function hasKeys(queries: Queries, owner: Buffer, count: number): Promise<boolean> {
  return (await queries.one(hasKeysRow, [owner, count - 1]))!.has_keys;
}

const lockKeyRow = statement<{ is_locked: boolean }>(
  "pool",
  "lock-idempotency-key",
  "select pg_try_advisory_xact_lock($1::text::bigint) as is_locked",
);

/**
 * Locks a key until the transaction has ended, also by the end of its connection. Returns false when another transaction has
 * it.
 */
export async function lockKey(queries: Queries, id: Buffer): Promise<boolean> {
  return (await queries.one(lockKeyRow, [String(id.readBigInt64BE())]))!.is_locked;
}

const insertKeptAnswerRow = statement<never>(
  "write",
  "insert-kept-answer",
  `insert into idempotency_keys (id, owner, fingerprint, answer) values ($1, $2, $3, $4)
   on conflict (id) do update
      set fingerprint = excluded.fingerprint, answer = excluded.answer, created_at = now()
    where not (idempotency_keys.${isAlive})`,
);

/** Stores an answer. The key is locked, and nothing that counts is stored for it. */
export async function insertKeptAnswer(
  queries: Queries,
  { id, owner, fingerprint, answer }: KeptAnswer & { readonly id: Buffer; readonly owner: Buffer },
): Promise<void> {
  await queries.one(insertKeptAnswerRow, [id, owner, fingerprint, answer]);
}

const deleteOldKeysRow = statement<{ id: Buffer }>(
  "pool",
  "delete-old-idempotency-keys",
  `delete from idempotency_keys
    where id = any (array(select id from idempotency_keys where not (${isAlive}) limit $1 for update skip locked))
   returning id`,
);

/** Deletes at most `most` rows that count no more. Returns how many. */
export async function deleteOldKeys(queries: Queries, most: number): Promise<number> {
  return (await queries.many(deleteOldKeysRow, [most])).length;
}
