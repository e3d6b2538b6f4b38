// The SQL of API keys. Each statement that ends keys notifies all processes of their owner.
import type { ApiKey } from "../../gen/lyceum/v1/api_key.js";
import type { Scope } from "../../gen/lyceum/v1/scope.js";
import type { Role } from "../../gen/lyceum/v1/user.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import type { KeysetPage } from "../../platform/page.js";

/** The channel on which all processes are notified of the id of a user whose keys may do something else from then on, or nothing. */
export const keysChannel = "api_keys_changed";

const columns = "id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at";
const isLive = "revoked_at is null and expires_at > clock_timestamp()";

/** A key that is not inserted yet. */
export interface NewKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly days: number;
  readonly prefix: string;
  readonly hash: Buffer;
}

const lockOwnerRow = statement<{ id: number }>(
  "pool",
  "lock-api-key-owner",
  "select id from users where id = $1 and deleted_at is null for no key update",
);

const insertKeyRow = statement<ApiKey>(
  "pool",
  "insert-api-key",
  // A statement after the one that has locked: it sees the keys of those who had the lock before.
  `insert into api_keys (user_id, name, scopes, expires_at, prefix, key_hash)
   select $1, $2, $3, now() + make_interval(days => $4), $5, $6
    where (select count(*) from api_keys where user_id = $1 and ${isLive}) < $7
   returning ${columns}`,
);

/** Locks the owner of keys until the transaction ends, so that no other makes one for them; false when their account has ended. */
export async function lockOwner(queries: Queries, userId: number): Promise<boolean> {
  return (await queries.one(lockOwnerRow, [userId])) !== undefined;
}

/** Inserts a key of an owner who is locked; undefined when they have `most` live ones. */
export async function insertKey(
  queries: Queries,
  userId: number,
  { name, scopes, days, prefix, hash }: NewKey,
  most: number,
): Promise<ApiKey | undefined> {
  return queries.one(insertKeyRow, [userId, name, scopes, days, prefix, hash, most]);
}

const listKeyRows = statement<ApiKey>(
  "read",
  "list-api-keys",
  `select ${columns} from api_keys where user_id = $1 and id < $2 order by id desc limit $3 offset $4`,
);

/** The keys of a user, the newest first. `page.after` is an id. */
export async function listKeys(
  queries: Queries,
  userId: number,
  { after, limit, skip }: KeysetPage,
): Promise<ApiKey[]> {
  return queries.many(listKeyRows, [userId, after?.[0] ?? Number.MAX_SAFE_INTEGER, limit, skip]);
}

const findKeyRow = statement<ApiKey>(
  "read",
  "find-api-key",
  `select ${columns} from api_keys where user_id = $1 and id = $2`,
);

/** A key of a user; undefined when they have no such key. */
export async function findKey(queries: Queries, userId: number, id: number): Promise<ApiKey | undefined> {
  return queries.one(findKeyRow, [userId, id]);
}

const revokeKeyRow = statement<object>(
  "pool",
  "revoke-api-key",
  `with revoked as (
     update api_keys set revoked_at = now() where user_id = $1 and id = $2 and revoked_at is null returning user_id
   )
   select pg_notify('${keysChannel}', user_id::text)::text as told from revoked`,
);

/** Revokes a key of a user, and notifies all processes; false when there is no such key, or it is revoked already. */
export async function revokeKey(queries: Queries, userId: number, id: number): Promise<boolean> {
  return (await queries.one(revokeKeyRow, [userId, id])) !== undefined;
}

const deleteKeyRows = statement<object>(
  "pool",
  "delete-api-keys",
  `with deleted as (delete from api_keys where user_id = $1 returning user_id)
   select pg_notify('${keysChannel}', user_id::text)::text as told from deleted group by user_id`,
);

/** Deletes all keys of a user, and notifies all processes. */
export async function deleteKeys(queries: Queries, userId: number): Promise<void> {
  await queries.one(deleteKeyRows, [userId]);
}

/** A live key, with its owner as they are now. */
export interface LiveKey {
  readonly id: number;
  readonly user_id: number;
  readonly role: Role;
  readonly scopes: readonly Scope[];
  readonly expires_at: string;
}

const findLiveKeyRow = statement<LiveKey>(
  "read",
  "find-live-api-key",
  // The conditions on the owner. What they depend on must notify keysChannel: of the columns of users a trigger does.
  `select k.id, k.user_id, u.role, k.scopes, k.expires_at
     from api_keys k join users u on u.id = k.user_id
    where k.key_hash = $1 and ${isLive} and u.deleted_at is null and u.suspended_at is null`,
);

/** The live key with this hash; undefined when there is none, or its owner may not use it now. */
export async function findLiveKey(queries: Queries, hash: Buffer): Promise<LiveKey | undefined> {
  return queries.one(findLiveKeyRow, [hash]);
}

const updateLastUseRows = statement<object>(
  "pool",
  "update-api-key-last-uses",
  // Each row at most once a minute, however many processes write it. One that is locked is being revoked, or written.
  `update api_keys k set last_used_at = used.at
     from (select unnest($1::bigint[]) as id, unnest($2::timestamptz[]) as at) used
    where k.id = used.id
      and k.id = any (array(
        select id from api_keys
         where id = any ($1::bigint[]) order by id for no key update skip locked))
      and (k.last_used_at is null or k.last_used_at <= used.at - interval '1 minute')`,
);

/** Writes when keys were last used: by id the time as text. */
export async function updateLastUses(queries: Queries, uses: ReadonlyMap<number, string>): Promise<void> {
  await queries.many(updateLastUseRows, [[...uses.keys()], [...uses.values()]]);
}

const deleteDeadKeyRows = statement<{ id: number }>(
  "pool",
  "delete-dead-api-keys",
  `delete from api_keys
    where id = any (array(
      select id from api_keys
       where least(revoked_at, expires_at) < now() - interval '90 days'
       limit $1
         for update skip locked
    ))
   returning id`,
);

/** Deletes up to `limit` keys that were revoked or have expired 90 days ago or earlier; returns how many. */
export async function deleteDeadKeys(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(deleteDeadKeyRows, [limit])).length;
}
