// Authenticates a request: from its Authorization header to the caller. Runs on every request that needs a login.
import type { Caller } from "../../call.js";
import type { AccessTokens, VerifiedToken } from "./access-tokens.js";
import { invalidToken, unauthenticated } from "../challenge.js";

/**
 * The caller of an Authorization header; a promise only when the token has to be verified first. Throws UNAUTHENTICATED
 * without a bearer token, and INVALID_TOKEN when the token is not valid. The role is the one at the moment when the
 * token was issued: a changed role takes effect with the next token. The end of the account revokes its sessions and
 * takes effect at once.
 */
export type Authenticate = (authorizationHeader: string | undefined) => Caller | Promise<Caller>;

export interface AuthenticatorOptions {
  readonly accessTokens: AccessTokens;
  /** The revoked sessions. */
  readonly revocations: { has(sessionId: string): boolean };
  /** How many verified tokens are remembered; 10,000 when absent. */
  readonly remembered?: number;
  /** Milliseconds since 1970; Date.now when absent. */
  readonly now?: () => number;
}

/**
 * Makes an authenticator that verifies a token once, caches it until it expires, and checks its revocation each time.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticate {
  const { accessTokens, revocations, remembered = 10_000, now = Date.now } = options;
  // The key is the whole header, so that a cached token needs no new string.
  const known = new Map<string, VerifiedToken>();

  function requireLive({ caller, expiresAt }: VerifiedToken): Caller {
    if (expiresAt <= now() || revocations.has(caller.sessionId)) throw invalidToken();
    return caller;
  }

  async function verify(header: string): Promise<Caller> {
    const token = /^bearer +(.*)$/i.exec(header)?.[1];
    if (token === undefined) throw unauthenticated();
    const verified = await accessTokens.verify(token);
    if (!verified) throw invalidToken();
    // Evicts the oldest entry; if it is still in use, it costs one more verification.
    if (known.size >= remembered) known.delete(known.keys().next().value!);
    known.set(header, verified);
    return requireLive(verified);
  }

  return (header) => {
    if (header === undefined) throw unauthenticated();
    const verified = known.get(header);
    if (!verified) return verify(header);
    if (verified.expiresAt <= now()) known.delete(header);
    return requireLive(verified);
  };
}
