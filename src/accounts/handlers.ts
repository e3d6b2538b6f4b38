// Accounts and logins: registering, logging in and out, refreshing tokens, and ending the account.
import type { Call, Caller, Handlers } from "../call.js";
import { canonicalEmail } from "../contract/validation/email.js";
import { ApiError } from "../errors.js";
import type { AuthService } from "../gen/lyceum/v1/auth.js";
import { recordAudit } from "../platform/audit/audit.js";
import type { RefusedTries } from "../platform/audit/refused-tries.js";
import type { Mailer } from "../platform/mail/mailer.js";
import { findUser } from "../users/people.js";
import { invalidCredentials, invalidToken } from "./challenge.js";
import { completeLogin } from "./complete-login.js";
import { createAccount } from "./create-account.js";
import { confirmIdentity } from "./confirm-identity.js";
import { endAccount, type EndAccountStep, endsOwn } from "./end-account.js";
import { requireUncommonPassword } from "./passwords/common-passwords.js";
import type { PasswordDeps } from "./passwords/handlers.js";
import type { PasswordClient } from "./passwords/passwords.js";
import { renewInBackground } from "./passwords/renew-hash.js";
import type { SecondFactorDeps } from "./second-factor/handlers.js";
import { refreshSession } from "./sessions/refresh-session.js";
import * as sessions from "./sessions/store.js";
import { findCredential } from "./store.js";

/** The dependencies of the handlers. */
export interface AuthDeps extends SecondFactorDeps, PasswordDeps {
  readonly refusedTries: Pick<RefusedTries, "record">;
  readonly mailer: Mailer;
  readonly registration: "open" | "closed";
}

/** The handlers of AuthService. `endSteps` are the steps that end an account. */
export function authHandlers(deps: AuthDeps, endSteps: readonly EndAccountStep[]): Handlers<AuthService> {
  const { cookie: sessionCookie, deviceTokens, revocations, passwords } = deps;

  /** A browser's cache holds what was read with an ETag in the session that has ended (W3C Clear Site Data). */
  function forget({ means }: Caller, headers: Call["headers"]): void {
    headers.add("Clear-Site-Data", '"cache"');
    if (means === "cookie") sessionCookie.clear(headers);
  }

  return {
    async register(request, call) {
      if (deps.registration === "closed")
        throw new ApiError("REGISTRATION_CLOSED", "This server makes no accounts by itself; ask its operator");
      const { email, password, first_name, last_name } = request;
      await requireUncommonPassword("password", password, {
        email,
        names: [first_name, last_name],
        appName: deps.appName,
      });
      const account = { ...request, role: "ROLE_STUDENT" } as const;
      return createAccount(call.database, passwords, account, passwordClient(call, request.email), call);
    },

    async login({ email, password, device_token, device_name, cookie }, call) {
      const isKnown = deviceTokens.read(device_token, email) !== undefined;
      const credential = await findCredential(call.database, canonicalEmail(email));
      // Also for an unknown address: the time must not reveal whether an account exists.
      const asker = { ...passwordClient(call, email), isKnown };
      const { matches, isOutdated } = await passwords.compare(password, credential?.password_hash, asker);
      if (!credential || !matches) {
        // Of an address without an account nothing is kept: some people type their password there.
        deps.refusedTries.record(call, {
          action: "session.begin_with_password",
          ...(credential && { target: ["user", credential.user_id] }),
        });
        throw invalidCredentials();
      }
      const deviceToken = isKnown ? device_token : undefined;
      const wishes = { deviceName: device_name, cookie };
      const tokens = await completeLogin(deps, call, { credential, email, deviceToken, ...wishes });
      // The account has ended, or the password was changed, while it was compared.
      if (!tokens) throw invalidCredentials();
      if (isOutdated) renewInBackground(deps, call, credential, password, asker);
      return tokens;
    },

    async refresh({ refresh_token }, call) {
      return (await refreshSession(deps, call, refresh_token)).tokens;
    },

    async logout(_request, call) {
      const { database, user, headers } = call;
      await sessions.revokeSession(database, user.sessionId, call);
      revocations.add(user.sessionId);
      forget(user, headers);
      return {};
    },

    async getMe(_request, { database, user }) {
      const me = await findUser(database, user, user.id);
      // The account has ended and the token has not expired.
      if (!me) throw invalidToken();
      return me;
    },

    async deleteMe({ password }, call) {
      const { database, user, precondition, headers } = call;
      await confirmIdentity(deps, call, { password }, "user.delete");
      const permit = endsOwn(user, precondition);
      await endAccount(database, { id: user.id, actorId: user.id }, endSteps, async (queries) => {
        await permit(queries);
        await recordAudit(queries, call, { action: "user.delete", target: ["user", user.id] });
      });
      forget(user, headers);
      return {};
    },
  };
}

function passwordClient({ client, signal }: Call, email: string): PasswordClient {
  return { address: client.address, account: canonicalEmail(email), signal };
}
