// The SQL of logins that wait for their second step. Each is known by the hash of its challenge alone.
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";

const insertChallengeRow = statement<object>(
  "pool",
  "insert-login-challenge",
  `insert into login_challenges (token_hash, user_id, wishes, expires_at)
   values ($1, $2, $3, now() + make_interval(secs => $4))`,
);

/** Inserts a challenge of a user. */
export async function insertChallenge(
  queries: Queries,
  tokenHash: Buffer,
  userId: number,
  wishes: string,
  seconds: number,
): Promise<void> {
  await queries.one(insertChallengeRow, [tokenHash, userId, wishes, seconds]);
}

/** A login that waits for its second step. */
export interface ChallengeRow {
  readonly user_id: number;
  readonly wishes: string;
}

const findChallengeRow = statement<ChallengeRow>(
  "read",
  "find-login-challenge",
  "select user_id, wishes from login_challenges where token_hash = $1 and expires_at > now()",
);

/** A challenge that has not expired; undefined when there is none. */
export async function findChallenge(queries: Queries, tokenHash: Buffer): Promise<ChallengeRow | undefined> {
  return queries.one(findChallengeRow, [tokenHash]);
}

const tryChallengeRow = statement<{ user_id: number }>(
  "pool",
  "try-login-challenge",
  `update login_challenges set tries = tries + 1
    where token_hash = $1 and expires_at > now() and tries < $2
   returning user_id`,
);

/** Counts one try, and locks the challenge until the transaction ends; false when it has expired or has had all its tries. */
export async function tryChallenge(queries: Queries, tokenHash: Buffer, mostTries: number): Promise<boolean> {
  return (await queries.one(tryChallengeRow, [tokenHash, mostTries])) !== undefined;
}

const deleteChallengeRow = statement<object>(
  "pool",
  "delete-login-challenge",
  "delete from login_challenges where token_hash = $1",
);

/** Deletes a challenge. */
export async function deleteChallenge(queries: Queries, tokenHash: Buffer): Promise<void> {
  await queries.one(deleteChallengeRow, [tokenHash]);
}

const deleteChallengesRows = statement<object>(
  "pool",
  "delete-login-challenges-of-user",
  "delete from login_challenges where user_id = $1",
);

/** Deletes all challenges of a user. */
export async function deleteChallengesOf(queries: Queries, userId: number): Promise<void> {
  await queries.many(deleteChallengesRows, [userId]);
}

const deleteExpiredRows = statement<{ user_id: number }>(
  "pool",
  "delete-expired-login-challenges",
  `delete from login_challenges
    where token_hash = any (array(
      select token_hash from login_challenges where expires_at < now() limit $1 for update skip locked
    ))
   returning user_id`,
);

/** Deletes up to `limit` challenges that have expired; returns how many. */
export async function deleteExpiredChallenges(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(deleteExpiredRows, [limit])).length;
}
