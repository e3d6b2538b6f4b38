// The second step of a login: exchanges a challenge and a code for the tokens of a session.
import type { Call } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { Tokens } from "../../gen/lyceum/v1/auth.js";
import { recordAudit } from "../../platform/audit/audit.js";
import type { Queries } from "../../platform/database/database.js";
import { invalidChallenge, invalidCode } from "../challenge.js";
import { findWaitingLogin, type WaitingLogin } from "../login-challenges/challenges.js";
import { beginSession, type SessionDeps } from "../sessions/begin-session.js";
import { holdCredential } from "../store.js";
import { type CodeDeps, type OneCode, type RightCode, takeCode } from "./check-code.js";

/** A login that is completed. */
export interface CompletedLogin {
  readonly userId: number;
  readonly tokens: Tokens;
  /** How many are left, where a recovery code was used. */
  readonly recoveryCodesLeft: number | undefined;
}

/**
 * Completes a login. The try, the code, the challenge and the session are one transaction: of many requests at once one succeeds. Throws
 * INVALID_MFA_CHALLENGE, INVALID_CODE, and RATE_LIMITED.
 */
export async function completeSecondStep(
  deps: SessionDeps & CodeDeps,
  call: Call,
  challenge: string,
  given: OneCode,
): Promise<CompletedLogin> {
  const login = await findWaitingLogin(call.database, challenge);
  if (!login) throw invalidChallenge();
  let outcome: RightCode | ApiError = invalidChallenge();
  const tokens = await beginSession(deps, call, {
    userId: login.userId,
    by: "recoveryCode" in given ? "password_and_recovery_code" : "password_and_code",
    ...login.wishes,
    async permits(queries) {
      outcome = await tryCode(deps, queries, call, login, given);
      return !(outcome instanceof ApiError);
    },
  });
  if (outcome instanceof ApiError) throw outcome;
  if (!tokens) throw invalidChallenge();
  const { recoveryCodesLeft } = outcome as RightCode;
  return { userId: login.userId, tokens, recoveryCodesLeft };
}

/** Takes a code, and ends the challenge; or the error, after what is to be committed: a try, a wrong code, a record of it. */
async function tryCode(
  deps: CodeDeps,
  queries: Queries,
  call: Call,
  login: WaitingLogin,
  given: OneCode,
): Promise<RightCode | ApiError> {
  const { userId } = login;
  // Whoever changes the password or ends the account holds the credential, then ends the logins that wait.
  if (!(await holdCredential(queries, userId)) || !(await login.tryOnce(queries))) return invalidChallenge();
  const right = await takeCode(deps, queries, userId, given, call.now);
  if (right) {
    await login.end(queries);
    return right;
  }
  await recordAudit(queries, call, {
    action: "session.second_step",
    outcome: "failure",
    actorId: userId,
    target: ["user", userId],
  });
  return invalidCode();
}
