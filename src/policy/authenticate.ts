// Authentication and access: the caller of a method, and whether its options `access` and `scope` admit the caller.
import type { Accounts } from "../accounts/open.js";
import type { CookieRequest } from "../accounts/sessions/authenticate-cookie.js";
import { anonymous, type Caller } from "../call.js";
import type { KoaContext } from "../contract/http/request-context.js";
import type { EngineDeps } from "../contract/serve.js";
import type { Method } from "../contract/model/method.js";
import { requireAccess, requireScopes, requireSecondFactor } from "./access.js";

/** The ways in which a request shows who its caller is. */
export interface Credentials extends Pick<Accounts, "authenticate" | "authenticateKey" | "authenticateCookie"> {
  /** The call of a request whose caller is not known yet. */
  readonly callOf: (ctx: KoaContext) => CookieRequest["call"];
}

/**
 * The caller of a request; `anonymous` on public methods. An API key or an Authorization header wins over a cookie, also when it is not
 * valid. Throws UNAUTHENTICATED, INVALID_TOKEN, CROSS_SITE_REQUEST, PERMISSION_DENIED when the method does not admit the caller's role,
 * INSUFFICIENT_SCOPE when it does not admit their API key, and MFA_REQUIRED when the caller has to set up a second factor first.
 * Records the user's id for the access log.
 */
export function authentication(credentials: Credentials): EngineDeps<Caller>["authenticate"] {
  const { authenticate, authenticateKey, authenticateCookie, callOf } = credentials;

  function callerOf(ctx: KoaContext, { verb }: Method): Caller | Promise<Caller> {
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
    const { access, scopes, beforeSecondFactor } = method;
    if (access === "ACCESS_PUBLIC") return anonymous;
    const admit = (caller: Caller): Caller => {
      ctx.state.context.userId = caller.id;
      return requireSecondFactor(requireScopes(requireAccess(caller, access), scopes), beforeSecondFactor);
    };
    const caller = callerOf(ctx, method);
    return caller instanceof Promise ? caller.then(admit) : admit(caller);
  };
}
