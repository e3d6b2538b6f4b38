// Authenticates a request by the cookie of a session. Its access token is renewed on the way, whatever the request asks for.
import type { Call, Caller } from "../../call.js";
import { ApiError } from "../../errors.js";
import { crossSiteRequest, endedSession, unauthenticated } from "../challenge.js";
import type { Authenticate } from "./authenticate.js";
import { refreshSession, type RefreshCall, type RefreshDeps } from "./refresh-session.js";

/** A request that has a Cookie header and no credentials in another one. */
export interface CookieRequest {
  readonly cookie: string;
  /** Whether it may change something, by its verb. */
  readonly isUnsafe: boolean;
  /** Whether the head of the answer was sent, as that of a stream: then no cookie can be set, so no token is exchanged. */
  readonly isAnswered: boolean;
  readonly call: RefreshCall & Pick<Call, "headers">;
}

/**
 * The caller of a request by its cookie. When the access token is not valid, the refresh token is exchanged, and the answer sets the
 * cookie anew. Throws UNAUTHENTICATED without the cookie of a session, CROSS_SITE_REQUEST for a change that a page of another origin may
 * have sent, and INVALID_TOKEN when the session has ended; that answer removes the cookie.
 */
export type AuthenticateCookie = (request: CookieRequest) => Promise<Caller>;

export interface CookieAuthenticatorOptions extends RefreshDeps {
  /** Finds the caller of an Authorization header. */
  readonly authenticate: Authenticate;
}

/** Makes the authenticator. */
export function createCookieAuthenticator(options: CookieAuthenticatorOptions): AuthenticateCookie {
  const { authenticate, cookie } = options;

  async function callerOf(accessToken: string): Promise<Caller | undefined> {
    try {
      return await authenticate(`Bearer ${accessToken}`);
    } catch (error) {
      if (isReason(error, "INVALID_TOKEN")) return undefined;
      throw error;
    }
  }

  async function renewed({ call, isAnswered }: CookieRequest, refreshToken: string): Promise<Caller> {
    if (isAnswered) throw endedSession();
    try {
      const { caller, tokens } = await refreshSession(options, call, refreshToken);
      cookie.set(call.headers, tokens);
      return caller;
    } catch (error) {
      if (!isReason(error, "INVALID_REFRESH_TOKEN")) throw error;
      cookie.clear(call.headers);
      throw endedSession();
    }
  }

  return async (request) => {
    const held = cookie.read(request.cookie);
    if (!held) throw unauthenticated();
    if (request.isUnsafe && request.call.client.isCrossSite) throw crossSiteRequest();
    const known = await callerOf(held.accessToken);
    // Who has to set up a second factor may have done so: the next token says it.
    const caller = known && known.mustEnrol !== true ? known : await renewed(request, held.refreshToken);
    return { ...caller, means: "cookie" };
  };
}

function isReason(error: unknown, reason: string): boolean {
  return error instanceof ApiError && error.reason === reason;
}
