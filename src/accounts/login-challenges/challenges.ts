// Logins that wait for their second step: the password was right, and no session has begun. Knows no second factor.
import { batchSweep } from "../../platform/sweep/batch-sweep.js";
import type { Queries } from "../../platform/database/database.js";
import { hashToken, randomToken } from "../../platform/secrets/random-token.js";
import * as store from "./store.js";

/** What the client asked of the session at its login. */
export interface LoginWishes {
  readonly deviceName: string;
  /** Whether its tokens go into a cookie. */
  readonly cookie: boolean;
}

/** A login that waits. */
export interface WaitingLogin {
  readonly userId: number;
  readonly wishes: LoginWishes;
  /** Counts one try, within a transaction; false when it has expired, was completed, or has had all its tries. */
  tryOnce(queries: Queries): Promise<boolean>;
  /** Ends it, since it is completed. */
  end(queries: Queries): Promise<void>;
}

const seconds = 5 * 60;
const mostTries = 5;

/** Makes a challenge, as part of the transaction `queries`. Only its hash is stored; it expires after five minutes. */
export async function issueChallenge(queries: Queries, userId: number, wishes: LoginWishes): Promise<string> {
  const token = randomToken();
  await store.insertChallenge(queries, hashToken(token)!, userId, JSON.stringify(wishes), seconds);
  return token;
}

/** The login that a challenge is of; undefined when there is none that waits. */
export async function findWaitingLogin(queries: Queries, token: string): Promise<WaitingLogin | undefined> {
  const hash = hashToken(token);
  const row = hash && (await store.findChallenge(queries, hash));
  return (
    row && {
      userId: row.user_id,
      wishes: JSON.parse(row.wishes) as LoginWishes,
      tryOnce: (within) => store.tryChallenge(within, hash, mostTries),
      end: (within) => store.deleteChallenge(within, hash),
    }
  );
}

/** Ends the logins of a user that wait: what ends sessions ends them too. */
export async function endWaitingLogins(queries: Queries, userId: number): Promise<void> {
  await store.deleteChallengesOf(queries, userId);
}

/** Deletes challenges that have expired. */
export const sweepChallenges = batchSweep("logins without their second step", store.deleteExpiredChallenges);
