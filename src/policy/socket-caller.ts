// Who opens a web socket: the caller of a ticket, an API key, an access token or the cookie of a session, and whether they may stay.
import type { Accounts } from "../accounts/open.js";
import { crossSiteRequest, invalidToken } from "../accounts/challenge.js";
import type { CookieRequest } from "../accounts/sessions/authenticate-cookie.js";
import type { Caller } from "../call.js";
import type { Database } from "../platform/database/database.js";
import { callerOfTicket } from "../realtime/tickets.js";
import { requireScopes, requireSecondFactor } from "./access.js";

interface CredentialHeaders {
  readonly authorization?: string | undefined;
  readonly cookie?: string | undefined;
  readonly "x-api-key"?: string | string[] | undefined;
}

export interface SocketRequest {
  readonly headers: CredentialHeaders;
  readonly ticket: string | undefined;
  readonly call: CookieRequest["call"];
}

export interface SocketCaller {
  readonly caller: Caller;
  /** Throws INVALID_TOKEN when the session has ended, the key was revoked, or the role has changed; DATABASE_UNAVAILABLE while that is not known. */
  readonly requireLive: () => void | Promise<void>;
}

/** Authenticates the requests for sockets. Throws as the authentication of a method that needs a login and SCOPE_REALTIME. */
export function socketCallers(
  accounts: Pick<Accounts, "authenticate" | "authenticateKey" | "authenticateCookie" | "revocations">,
  database: Database,
): (request: SocketRequest) => Promise<SocketCaller> {
  const { authenticate, authenticateKey, authenticateCookie, revocations } = accounts;

  /** The token itself may expire: a socket ends with its session. */
  function requireSession(caller: Caller): void | Promise<void> {
    const refuse = (isOver: boolean): void => {
      if (isOver) throw invalidToken();
    };
    const isRevoked = revocations.isRevoked(caller);
    return isRevoked instanceof Promise ? isRevoked.then(refuse) : refuse(isRevoked);
  }

  function requireKey(headers: CredentialHeaders, opened: Caller): void | Promise<void> {
    const compare = ({ role, mustEnrol }: Caller): void => {
      if (role !== opened.role || mustEnrol) throw invalidToken();
    };
    const known = authenticateKey(headers)!;
    return known instanceof Promise ? known.then(compare) : compare(known);
  }

  async function callerOf({ headers, ticket, call }: SocketRequest): Promise<Caller> {
    if (ticket !== undefined) {
      const caller = await callerOfTicket(database, ticket);
      if (!caller) throw invalidToken();
      await requireSession(caller);
      return caller;
    }
    const ofKey = authenticateKey(headers);
    if (ofKey) return ofKey;
    const { authorization, cookie } = headers;
    if (authorization !== undefined || cookie === undefined) return authenticate(authorization);
    if (call.client.isCrossSite) throw crossSiteRequest();
    // The answer of an upgrade sets no cookie, so no token is exchanged.
    return authenticateCookie({ cookie, isUnsafe: true, isAnswered: true, call });
  }

  return async (request) => {
    const caller = requireSecondFactor(requireScopes(await callerOf(request), ["SCOPE_REALTIME"]), false);
    const { "x-api-key": key, authorization } = request.headers;
    const headers = {
      ...(key !== undefined && { "x-api-key": key }),
      ...(authorization !== undefined && { authorization }),
    };
    const isByKey = caller.means === "api_key";
    return { caller, requireLive: () => (isByKey ? requireKey(headers, caller) : requireSession(caller)) };
  };
}
