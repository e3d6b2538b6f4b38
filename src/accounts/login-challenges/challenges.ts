// Logins that wait for their second step: the password was right, and no session has begun. Knows no second factor.
import { createHash, randomBytes } from "node:crypto";
import type { Queries } from "../../platform/database/database.js";
import type { SweepStep } from "../../platform/sweep.js";
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

// 32 random bytes in base64url.
const tokenPattern = /^[A-Za-z0-9_-]{43}$/;
const hashOf = (token: string): Buffer => createHash("sha256").update(token).digest();

/** Makes a challenge, as part of the transaction `queries`. Only its hash is stored; it expires after five minutes. */
export async function issueChallenge(queries: Queries, userId: number, wishes: LoginWishes): Promise<string> {
  const token = randomBytes(32).toString("base64url");
  await store.insertChallenge(queries, hashOf(token), userId, JSON.stringify(wishes), seconds);
  return token;
}

/** The login that a challenge is of; undefined when there is none that waits. */
export async function findWaitingLogin(queries: Queries, token: string): Promise<WaitingLogin | undefined> {
  if (!tokenPattern.test(token)) return undefined;
  const hash = hashOf(token);
  const row = await store.findChallenge(queries, hash);
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

const batch = 1_000;

/** Deletes challenges that have expired. */
export const sweepChallenges: SweepStep = {
  name: "logins without their second step",
  async run(database, signal) {
    let deleted = 0;
    while (!signal.aborted) {
      const rows = await database.transaction((queries) => store.deleteExpiredChallenges(queries, batch), {
        timeoutMs: 60_000,
      });
      deleted += rows;
      if (rows < batch) break;
    }
    return { rows: deleted, isComplete: true };
  },
};
