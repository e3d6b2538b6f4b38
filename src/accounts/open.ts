// Builds the parts of accounts from the settings and the database.
import type { Logger } from "pino";
import { recordRefusedTries, type RefusedTries } from "../platform/audit/refused-tries.js";
import type { Role } from "../gen/lyceum/v1/user.js";
import type { DatabaseServer } from "../platform/database/database.js";
import { type AuthenticateKey, keyAuthenticator, type KnownKeys, watchKeys } from "./api-keys/known-keys.js";
import { createAccessTokens } from "./sessions/access-tokens.js";
import { type AuthenticateCookie, createCookieAuthenticator } from "./sessions/authenticate-cookie.js";
import { type Authenticate, createAuthenticator } from "./sessions/authenticate.js";
import { createDeviceTokens } from "./sessions/device-tokens.js";
import type { AuthDeps } from "./handlers.js";
import { createBackground } from "../platform/background.js";
import type { Mailer } from "../platform/mail/mailer.js";
import { createPasswords } from "./passwords/passwords.js";
import { createMfaPolicy } from "./second-factor/obligation.js";
import { createRecoveryCodes } from "./second-factor/recovery-codes.js";
import { createSecretBox } from "./second-factor/secret-box.js";
import { createRefreshTokens } from "./sessions/refresh-tokens.js";
import { createSessionCookie } from "./sessions/session-cookie.js";
import { watchSigningKeys } from "./signing-keys/signing-keys.js";
import { type Revocations, watchRevocations } from "./sessions/revocations.js";

export interface AccountSettings {
  /** At least 32 bytes. A changed key invalidates all tokens. */
  readonly secretKey: string;
  readonly accessTokenMinutes: number;
  readonly refreshTokenDays: number;
  readonly sessionDays: number;
  readonly registration: "open" | "closed";
  /** bcrypt's cost. */
  readonly passwordCost: number;
  /** The roles that need a second factor, and the days that people with them have to set it up. */
  readonly mfaRoles: readonly Role[];
  readonly mfaGraceDays: number;
  readonly appName: string;
  /** The origin of the server for people. */
  readonly publicUrl: string;
}

export interface Accounts extends AuthDeps {
  readonly revocations: Revocations;
  readonly authenticate: Authenticate;
  readonly knownKeys: KnownKeys;
  readonly authenticateKey: AuthenticateKey;
  readonly authenticateCookie: AuthenticateCookie;
  readonly refusedTries: RefusedTries;
  /** Stops listening, writes what is counted and what is still to be written, and ends the password threads. To be called before the database is closed. */
  close(): Promise<void>;
}

/** What accounts are opened on. */
export interface AccountParts {
  readonly server: Pick<DatabaseServer, "database" | "listen">;
  readonly mailer: Mailer;
  readonly log: Logger;
}

/** Opens accounts: loads the signing keys and the revoked sessions, and listens for further ones. Needs a migrated database. */
export async function openAccounts(
  { server: { database, listen }, mailer, log }: AccountParts,
  settings: AccountSettings,
): Promise<Accounts> {
  const { secretKey, accessTokenMinutes, refreshTokenDays, sessionDays } = settings;
  const { registration, passwordCost, appName, publicUrl } = settings;
  const signingKeys = await watchSigningKeys({ database, listen }, secretKey);
  const accessTokens = createAccessTokens({ keys: signingKeys, minutes: accessTokenMinutes });
  const accessTokenSeconds = accessTokens.seconds;
  const revocations = await watchRevocations({ database, listen, accessTokenSeconds });
  const mfaPolicy = createMfaPolicy(settings.mfaRoles, settings.mfaGraceDays);
  const knownKeys = await watchKeys({ database, listen, isFactorMissing: mfaPolicy.isMissing });
  const passwords = createPasswords({ cost: passwordCost });
  const background = createBackground();
  const refusedTries = recordRefusedTries({ database, log });
  const authenticate = createAuthenticator({ accessTokens, revocations });
  const refreshTokens = createRefreshTokens(signingKeys);
  const cookie = createSessionCookie({ publicUrl, refreshTokenDays });
  const sessions = { accessTokens, refreshTokens, refreshTokenDays, sessionDays, cookie, mfaPolicy, revocations };
  return {
    ...sessions,
    deviceTokens: createDeviceTokens(secretKey),
    secretBox: createSecretBox(secretKey),
    recoveryCodes: createRecoveryCodes(secretKey),
    passwords,
    refusedTries,
    mailer,
    background,
    appName,
    publicUrl,
    registration,
    knownKeys,
    authenticate,
    authenticateKey: keyAuthenticator(knownKeys),
    authenticateCookie: createCookieAuthenticator({ ...sessions, authenticate }),
    async close() {
      const parts = [signingKeys, revocations, knownKeys, passwords, refusedTries, background];
      await Promise.all(parts.map((part) => part.close()));
    },
  };
}
