// Accounts and logins: registering, logging in and out, refreshing tokens, and ending the account.
import type { Call, Handlers } from "../call.js";
import { canonicalEmail } from "../contract/validation/email.js";
import { ApiError } from "../errors.js";
import type { AuthService } from "../gen/lyceum/v1/auth.js";
import { recordAudit } from "../platform/audit/audit.js";
import type { RefusedTries } from "../platform/audit/refused-tries.js";
import type { Queries } from "../platform/database/database.js";
import { findUser } from "../users/people.js";
import { invalidCredentials, invalidRefreshToken, invalidToken } from "./challenge.js";
import { completeLogin } from "./complete-login.js";
import { createAccount } from "./create-account.js";
import { endAccount, type EndAccountStep } from "./end-account.js";
import type { PasswordClient } from "./passwords/passwords.js";
import type { SecondFactorDeps } from "./second-factor/handlers.js";
import { tokensOf } from "./sessions/begin-session.js";
import type { RefreshTokenPlace } from "./sessions/refresh-tokens.js";
import * as sessions from "./sessions/store.js";
import { findCredential } from "./store.js";

/** The dependencies of the handlers. */
export interface AuthDeps extends SecondFactorDeps {
  readonly refusedTries: Pick<RefusedTries, "record">;
  readonly registration: "open" | "closed";
}

/** The handlers of AuthService. `endSteps` are the steps that end an account. */
export function authHandlers(deps: AuthDeps, endSteps: readonly EndAccountStep[]): Handlers<AuthService> {
  const { refreshTokens, deviceTokens, revocations, passwords, refreshTokenDays } = deps;

  /** Where a second factor may be due, the token is used up only when it is not. */
  function rotate(call: Call, place: RefreshTokenPlace) {
    const within = async (queries: Queries) => {
      const rotation = await sessions.rotateSession(queries, place, refreshTokenDays, call);
      if (!rotation || rotation.is_revoked) return rotation && { ...rotation, mustEnrol: false };
      const user = { id: rotation.user_id, role: rotation.role };
      return { ...rotation, mustEnrol: await deps.mfaPolicy.mustEnrol(queries, user) };
    };
    return deps.mfaPolicy.isOn ? call.database.transaction(within) : within(call.database);
  }

  return {
    async register(request, call) {
      if (deps.registration === "closed")
        throw new ApiError("REGISTRATION_CLOSED", "This server makes no accounts by itself; ask its operator");
      const account = { ...request, role: "ROLE_STUDENT" } as const;
      return createAccount(call.database, passwords, account, passwordClient(call, request.email), call);
    },

    async login({ email, password, device_token, device_name }, call) {
      const isKnown = deviceTokens.read(device_token, email) !== undefined;
      const credential = await findCredential(call.database, canonicalEmail(email));
      // Also for an unknown address: the time must not reveal whether an account exists.
      const matches = await passwords.matches(password, credential?.password_hash, {
        ...passwordClient(call, email),
        isKnown,
      });
      if (!credential || !matches) {
        // Of an address without an account nothing is kept: some people type their password there.
        deps.refusedTries.record(call, {
          action: "session.begin_with_password",
          ...(credential && { target: ["user", credential.user_id] }),
        });
        throw invalidCredentials();
      }
      const deviceToken = isKnown ? device_token : undefined;
      const tokens = await completeLogin(deps, call, { credential, email, deviceToken, deviceName: device_name });
      // The account has ended, or the password was changed, while it was compared.
      if (!tokens) throw invalidCredentials();
      return tokens;
    },

    async refresh({ refresh_token }, call) {
      const { log, client } = call;
      const place = await refreshTokens.read(refresh_token);
      const rotation = place && (await rotate(call, place));
      if (!place || !rotation) throw invalidRefreshToken();
      const { user_id: id, role, generation, is_revoked, mustEnrol } = rotation;
      if (is_revoked) {
        revocations.add(place.sessionId);
        const { address, userAgent } = client;
        const line = { user_id: id, address, user_agent: userAgent };
        log.warn(line, "A refresh token was used twice; its session has ended");
        throw invalidRefreshToken();
      }
      return tokensOf(deps, { id, role, sessionId: place.sessionId, means: "bearer", mustEnrol }, generation);
    },

    async logout(_request, call) {
      const { database, user, headers } = call;
      await sessions.revokeSession(database, user.sessionId, call);
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

    async deleteMe(_request, call) {
      const { database, user, precondition, headers } = call;
      const record: EndAccountStep = (queries, { id }) =>
        recordAudit(queries, call, { action: "account.delete", target: ["user", id] });
      await endAccount(database, user, [...endSteps, record], precondition);
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
