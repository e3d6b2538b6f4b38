// From an Authorization header to the caller: the one thing that happens on every request that needs a login.
import type { Caller } from "../../call.js";
import type { AccessTokens, VerifiedToken } from "./access-tokens.js";
import { invalidToken, unauthenticated } from "../challenge.js";

/**
 * The caller that an Authorization header speaks for. Throws UNAUTHENTICATED when there is no bearer token at all, and
 * INVALID_TOKEN when there is one that is not good. At once for a token that was seen before; else by a promise.
 * The role is the one of the moment the token was issued: a change is felt when it expires. The end of the account ends its
 * sessions, and is felt at once.
 */
export type Authenticate = (authorizationHeader: string | undefined) => Caller | Promise<Caller>;

export interface AuthenticatorOptions {
  readonly accessTokens: AccessTokens;
  /** The sessions that have ended. */
  readonly revocations: { has(sessionId: string): boolean };
  /** How many verified tokens are remembered; 10,000 when absent. */
  readonly remembered?: number;
  /** Milliseconds since 1970; Date.now when absent. */
  readonly now?: () => number;
}

/** Makes an authenticator that verifies a token once, remembers it until it expires, and asks for revocation each time. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticate {
  const { accessTokens, revocations, remembered = 10_000, now = Date.now } = options;
  // By the whole header, so that a request on the hot path costs no string of its own.
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
    // The oldest goes first; if it is still in use, it costs one verification to come back.
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
