// Accounts and logins: registering, logging in and out, refreshing tokens, and ending the account.
import type { Call, Caller, Handlers } from "../call.js";
import { canonicalEmail } from "../contract/validation/email.js";
import { ApiError } from "../errors.js";
import type { AuthService, Tokens } from "../gen/lyceum/v1/auth.js";
import { findUser } from "../users/people.js";
import type { AccessTokens } from "./sessions/access-tokens.js";
import { invalidCredentials, invalidRefreshToken, invalidToken } from "./challenge.js";
import { createAccount } from "./create-account.js";
import { endAccount, type EndAccountStep } from "./end-account.js";
import type { PasswordClient, Passwords } from "./passwords.js";
import type { DeviceTokens } from "./sessions/device-tokens.js";
import type { RefreshTokens } from "./sessions/refresh-tokens.js";
import type { Revocations } from "./sessions/revocations.js";
import * as sessions from "./sessions/store.js";
import { findCredential } from "./store.js";

/** The dependencies of the handlers. */
export interface AuthDeps {
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly deviceTokens: DeviceTokens;
  readonly revocations: Pick<Revocations, "add">;
  readonly passwords: Passwords;
  readonly registration: "open" | "closed";
  readonly refreshTokenDays: number;
}

/** The handlers of AuthService. `endSteps` are the steps that end an account. */
export function authHandlers(deps: AuthDeps, endSteps: readonly EndAccountStep[]): Handlers<AuthService> {
  const { accessTokens, refreshTokens, deviceTokens, revocations, passwords, refreshTokenDays } = deps;

  async function tokens(caller: Caller, generation: number): Promise<Tokens> {
    return {
      access_token: await accessTokens.issue(caller),
      refresh_token: refreshTokens.write({ sessionId: caller.sessionId, generation }),
      token_type: "bearer",
      expires_in: accessTokens.seconds,
    };
  }

  return {
    async register(request, call) {
      if (deps.registration === "closed")
        throw new ApiError("REGISTRATION_CLOSED", "This server makes no accounts by itself; ask its operator");
      const account = { ...request, role: "ROLE_STUDENT" } as const;
      return createAccount(call.database, passwords, account, passwordClient(call, request.email));
    },

    async login({ email, password, device_token }, call) {
      const { database } = call;
      const isKnown = deviceTokens.read(device_token, email) !== undefined;
      const credential = await findCredential(database, canonicalEmail(email));
      // Also for an unknown address: the time must not reveal whether an account exists.
      const matches = await passwords.matches(password, credential?.password_hash, {
        ...passwordClient(call, email),
        isKnown,
      });
      if (!credential || !matches) throw invalidCredentials();
      const { user_id: id } = credential;
      const session = await sessions.insertSession(database, id, refreshTokenDays);
      // The account has ended while the password was compared.
      if (!session) throw invalidCredentials();
      return {
        ...(await tokens({ id, role: session.role, sessionId: session.id }, 1)),
        device_token: isKnown ? device_token : deviceTokens.issue(email),
      };
    },

    async refresh({ refresh_token }, { database, log, client }) {
      const place = refreshTokens.read(refresh_token);
      const rotation = place && (await sessions.rotateSession(database, place, refreshTokenDays));
      if (!place || !rotation) throw invalidRefreshToken();
      const { user_id: id, role, generation, is_revoked } = rotation;
      if (is_revoked) {
        revocations.add(place.sessionId);
        const { address, userAgent } = client;
        const line = { user_id: id, address, user_agent: userAgent };
        log.warn(line, "A refresh token was used twice; its session has ended");
        throw invalidRefreshToken();
      }
      return tokens({ id, role, sessionId: place.sessionId }, generation);
    },

    async logout(_request, { database, user, headers }) {
      await sessions.revokeSession(database, user.sessionId);
      revocations.add(user.sessionId);
      clearBrowserCache(headers);
      return {};
    },

    async getMe(_request, { database, user }) {
      const me = await findUser(database, user, user.id);
      // The account has ended and the token has not expired.
      if (!me) throw invalidToken();
      return me;
    },

    async deleteMe(_request, { database, user, precondition, headers }) {
      await endAccount(database, user, endSteps, precondition);
      clearBrowserCache(headers);
      return {};
    },
  };
}

/** A browser's cache holds what was read with an ETag in the session that has ended (W3C Clear Site Data). */
function clearBrowserCache(headers: Call["headers"]): void {
  headers.add("Clear-Site-Data", '"cache"');
}

function passwordClient({ client, signal }: Call, email: string): PasswordClient {
  return { address: client.address, account: canonicalEmail(email), signal };
}
