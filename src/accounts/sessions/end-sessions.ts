// The end of the sessions of an account: because it ends, or because something about it has changed.
import type { Queries } from "../../platform/database/database.js";
import type { AfterCommit, EndAccountStep } from "../end-account.js";
import { endWaitingLogins } from "../login-challenges/challenges.js";
import type { Revocations } from "./revocations.js";
import { revokeSessions } from "./store.js";

/**
 * Revokes the sessions of a user, except one where that is given, in the transaction `queries`, and ends logins that wait for their
 * second step. The returned work is to be done after
 * the commit: from then on their access tokens are refused, by this process at once, by all others when they are notified. A session that
 * begins at the same time is revoked too when the transaction has locked the user's credential.
 */
export async function endSessionsOf(
  revocations: Pick<Revocations, "add">,
  queries: Queries,
  userId: number,
  except?: string,
): Promise<AfterCommit> {
  await endWaitingLogins(queries, userId);
  const sessionIds = await revokeSessions(queries, userId, except);
  return () => {
    for (const sessionId of sessionIds) revocations.add(sessionId);
  };
}

/** Revokes all sessions of a user whose credential is deleted. */
export function endSessions(revocations: Pick<Revocations, "add">): EndAccountStep {
  return (queries, { id }) => endSessionsOf(revocations, queries, id);
}
