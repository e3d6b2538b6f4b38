// Removes the second factor of somebody who has lost it: by a super admin, or by the operator.
import type { Call } from "../../call.js";
import type { User } from "../../gen/lyceum/v1/user.js";
import { type AuditedCall, operatorCall, recordAudit } from "../../platform/audit/audit.js";
import type { Database, Queries } from "../../platform/database/database.js";
import { OperatorError } from "../../platform/operator-error.js";
import { canonicalEmail } from "../../contract/validation/email.js";
import { findUser } from "../../users/people.js";
import { invalidToken } from "../challenge.js";
import type { AfterCommit } from "../end-account.js";
import { endSessionsOf } from "../sessions/end-sessions.js";
import type { Revocations } from "../sessions/revocations.js";
import { findCredential, lockCredential } from "../store.js";
import { removeSecondFactor } from "./second-factor.js";
import { deletePasskeys } from "./store.js";

/** The caller as they see themselves. Throws INVALID_TOKEN when the account has ended and the token has not expired. */
export async function requireOneself({ database, user }: Call): Promise<User> {
  const me = await findOneself(database, user.id);
  if (!me) throw invalidToken();
  return me;
}

/** A user as they see themselves. */
export function findOneself(queries: Queries, id: number): Promise<User | undefined> {
  return findUser(queries, { id, role: "ROLE_STUDENT", sessionId: "", means: "none" }, id);
}

/**
 * Removes the second factor of a user within a transaction, and their passkeys, which count as one, ends their sessions, and records it. The returned work is to be done after
 * the commit.
 */
export async function resetSecondFactor(
  revocations: Pick<Revocations, "add">,
  queries: Queries,
  call: AuditedCall,
  userId: number,
): Promise<AfterCommit> {
  // No session begins meanwhile.
  await lockCredential(queries, userId);
  await removeSecondFactor(queries, userId);
  await deletePasskeys(queries, userId);
  await recordAudit(queries, call, { action: "second_factor.reset", target: ["user", userId] });
  return endSessionsOf(revocations, queries, userId);
}

/** The same for the operator, by the address of the account. Throws an OperatorError when there is no such account. */
export async function resetByOperator(database: Database, email: string): Promise<User> {
  const credential = await findCredential(database, canonicalEmail(email));
  const user = credential && (await findOneself(database, credential.user_id));
  if (!user) throw new OperatorError(`There is no account with the address ${email}.`);
  // Running servers are notified of the sessions that have ended.
  await database.transaction((queries) => resetSecondFactor({ add() {} }, queries, operatorCall, user.id));
  return user;
}
