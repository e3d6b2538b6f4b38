// What follows a right password: the tokens of a session, or, where the account has an authenticator app, a challenge.
import type { Call } from "../call.js";
import type { Tokens } from "../gen/lyceum/v1/auth.js";
import { issueChallenge } from "./login-challenges/challenges.js";
import { hasAuthenticatorApp } from "./second-factor/second-factor.js";
import { beginSession, type SessionDeps, type SessionWishes } from "./sessions/begin-session.js";
import type { DeviceTokens } from "./sessions/device-tokens.js";
import { type Credential, holdCredential } from "./store.js";

/** A login whose password was right. */
export interface RightPassword extends SessionWishes {
  /** The credential that the password was compared with. */
  readonly credential: Credential;
  /** The address that was logged in with. */
  readonly email: string;
  /** The device token of the login, where it is one of this account. */
  readonly deviceToken?: string | undefined;
}

/**
 * Completes a login, or begins its second step. Undefined when the account has ended, or has another password by now. Throws
 * MFA_REQUIRED when a second factor was due.
 */
export async function completeLogin(
  deps: SessionDeps & { readonly deviceTokens: DeviceTokens },
  call: Call,
  { credential: { user_id: userId, generation }, email, deviceToken, deviceName = "", cookie = false }: RightPassword,
): Promise<Tokens | undefined> {
  const { database } = call;
  // A passkey answers no challenge of a password's login: who has one alone logs in with it, or by password.
  if (await hasAuthenticatorApp(database, userId)) {
    const mfa_challenge = await database.transaction(async (queries) =>
      (await holdCredential(queries, userId, generation))
        ? issueChallenge(queries, userId, { deviceName, cookie })
        : undefined,
    );
    return mfa_challenge === undefined ? undefined : { mfa_challenge };
  }
  const tokens = await beginSession(deps, call, {
    userId,
    by: "password",
    deviceName,
    cookie,
    passwordGeneration: generation,
  });
  return tokens && { ...tokens, device_token: deviceToken ?? deps.deviceTokens.issue(email) };
}
