// Authenticates a request: from its Authorization header to the caller. Runs on every request that needs a login.
import type { Caller } from "../../call.js";
import type { AccessTokens, VerifiedToken } from "./access-tokens.js";
import { invalidToken, unauthenticated } from "../challenge.js";
import type { Revocations } from "./revocations.js";

/**
 * The caller of an Authorization header; a promise only when the token has to be verified, or its session looked up, first. Throws
 * UNAUTHENTICATED without a bearer token, and INVALID_TOKEN when the token is not valid, its session has ended or its role is no
 * longer the user's; the next token of the session has the new role. Throws DATABASE_UNAVAILABLE when that cannot be known.
 */
export type Authenticate = (authorizationHeader: string | undefined) => Caller | Promise<Caller>;

export interface AuthenticatorOptions {
  readonly accessTokens: AccessTokens;
  /** What has been revoked. */
  readonly revocations: Pick<Revocations, "isRevoked">;
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

  function requireLive({ caller, keyId, expiresAt }: VerifiedToken): Caller | Promise<Caller> {
    if (expiresAt <= now() || !accessTokens.hasKey(keyId)) throw invalidToken();
    const isRevoked = revocations.isRevoked(caller);
    return isRevoked instanceof Promise ? isRevoked.then(admit) : admit(isRevoked);

    function admit(isOver: boolean): Caller {
      if (isOver) throw invalidToken();
      return caller;
    }
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
