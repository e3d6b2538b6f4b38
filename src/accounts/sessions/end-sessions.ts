// The end of all sessions of an account that ends.
import type { EndAccountStep } from "../end-account.js";
import type { Revocations } from "./revocations.js";
import { revokeSessions } from "./store.js";

/**
 * Revokes all sessions of a user whose credential is deleted. After the commit their access tokens are refused: by this
 * process at once, by all others when they are notified.
 */
export function endSessions(revocations: Pick<Revocations, "add">): EndAccountStep {
  return async (queries, { id }) => {
    const sessionIds = await revokeSessions(queries, id);
    return () => {
      for (const sessionId of sessionIds) revocations.add(sessionId);
    };
  };
}
