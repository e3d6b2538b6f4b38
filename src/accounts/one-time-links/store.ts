// The SQL of links that work once. Each is known by the hash of its token alone.
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";

/** A link that is not inserted yet. */
export interface NewLink {
  readonly tokenHash: Buffer;
  readonly userId: number;
  readonly payload: string;
}

const insertLinkRows = statement<object>(
  "pool",
  "insert-one-time-links",
  `insert into one_time_links (token_hash, purpose, user_id, payload, expires_at)
   select token_hash, $4, user_id, payload, now() + make_interval(secs => $5)
     from unnest($1::bytea[], $2::bigint[], $3::text[]) as link (token_hash, user_id, payload)
    order by user_id
   on conflict on constraint one_time_links_of_user do update
      set token_hash = excluded.token_hash, payload = excluded.payload, created_at = now(), expires_at = excluded.expires_at`,
);

/** Inserts links of different users, each in place of the one that they had for this purpose. */
export async function insertLinks(
  queries: Queries,
  links: readonly NewLink[],
  purpose: string,
  seconds: number,
): Promise<void> {
  const columns = [links.map((l) => l.tokenHash), links.map((l) => l.userId), links.map((l) => l.payload)];
  if (links.length > 0) await queries.one(insertLinkRows, [...columns, purpose, seconds]);
}

/** What a link is about. */
export interface Claim {
  readonly user_id: number;
  readonly payload: string;
}

/** SQL for whether a link `l` has the hash $1 and the purpose $2, and is not too old. One of somebody who is suspended is not valid. */
const valid = `l.token_hash = $1 and l.purpose = $2 and l.expires_at > now()
      and exists (select from users u where u.id = l.user_id and u.suspended_at is null)`;

const findLinkRow = statement<Claim>(
  "read",
  "find-one-time-link",
  `select l.user_id, l.payload from one_time_links l where ${valid}`,
);

/** What a valid link is about; it stays as it is. */
export async function findLink(queries: Queries, tokenHash: Buffer, purpose: string): Promise<Claim | undefined> {
  return queries.one(findLinkRow, [tokenHash, purpose]);
}

const claimLinkRow = statement<Claim>(
  "pool",
  "claim-one-time-link",
  `delete from one_time_links l where ${valid} returning user_id, payload`,
);

/** Deletes a link that is valid, and returns what it is about. Of concurrent calls one gets it. */
export async function claimLink(queries: Queries, tokenHash: Buffer, purpose: string): Promise<Claim | undefined> {
  return queries.one(claimLinkRow, [tokenHash, purpose]);
}

const deleteLinkRows = statement<object>(
  "pool",
  "delete-one-time-links",
  "delete from one_time_links where user_id = $1 and ($2 = '' or purpose = $2)",
);

/** Deletes the links of a user for a purpose; for every purpose when it is empty. */
export async function deleteLinks(queries: Queries, userId: number, purpose: string): Promise<void> {
  await queries.many(deleteLinkRows, [userId, purpose]);
}

const deleteExpiredLinkRows = statement<{ user_id: number }>(
  "pool",
  "delete-expired-one-time-links",
  `delete from one_time_links
    where token_hash = any (array(select token_hash from one_time_links where expires_at < now() limit $1 for update skip locked))
   returning user_id`,
);

/** Deletes up to `limit` links that are no longer valid; returns how many. */
export async function deleteExpiredLinks(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(deleteExpiredLinkRows, [limit])).length;
}
