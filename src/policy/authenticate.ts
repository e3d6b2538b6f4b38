// Authentication and access: the caller of a method, and whether its options `access` and `scope` admit the caller.
import type { Accounts } from "../accounts/open.js";
import type { CookieRequest } from "../accounts/sessions/authenticate-cookie.js";
import { anonymous, type Caller } from "../call.js";
import type { RequestScope } from "../contract/http/request-context.js";
import type { EngineDeps } from "../contract/served.js";
import type { Method } from "../contract/model/method.js";
import { requireAccess, requireScopes, requireSecondFactor } from "./access.js";

/** The ways in which a request shows who its caller is. */
export interface Credentials extends Pick<Accounts, "authenticate" | "authenticateKey" | "authenticateCookie"> {
  /** The call of a request whose caller is not known yet. */
  readonly callOf: (ctx: RequestScope) => CookieRequest["call"];
}

/**
 * The caller of a request; `anonymous` on public methods. An API key or an Authorization header wins over a cookie, also when it is not
 * valid. Throws UNAUTHENTICATED, INVALID_TOKEN, CROSS_SITE_REQUEST, PERMISSION_DENIED when the method does not admit the caller's role,
 * INSUFFICIENT_SCOPE when it does not admit their API key, and MFA_REQUIRED when the caller has to set up a second factor first.
 * Records the user's id for the access log.
 */
export function authentication(credentials: Credentials): EngineDeps<Caller>["authenticate"] {
  const { authenticate, authenticateKey, authenticateCookie, callOf } = credentials;

  function callerOf(ctx: RequestScope, { verb }: Method): Caller | Promise<Caller> {
    const { headers } = ctx.req;
    const ofKey = authenticateKey(headers);
    if (ofKey) return ofKey;
    const { authorization, cookie } = headers;
    if (authorization !== undefined || cookie === undefined) return authenticate(authorization);
    return authenticateCookie({
      cookie,
      isUnsafe: verb !== "GET",
      isAnswered: ctx.res.headersSent,
      call: callOf(ctx),
    });
  }

  return (ctx, method) => {
    if (method.access === "ACCESS_PUBLIC") return anonymous;
    const caller = callerOf(ctx, method);
    return caller instanceof Promise ? caller.then((known) => admit(ctx, known, method)) : admit(ctx, caller, method);
  };
}

/** The caller, where the method admits them. Throws as `authentication` does of one who is known. */
export const admit: EngineDeps<Caller>["admit"] = (ctx, caller, { access, scopes, beforeSecondFactor }) => {
  ctx.state.context.userId = caller.id;
  return requireSecondFactor(requireScopes(requireAccess(caller, access), scopes), beforeSecondFactor);
};
