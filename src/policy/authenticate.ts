// Authentication and access: the caller of a method, and whether its options `access` and `scope` admit the caller.
import type { Accounts } from "../accounts/open.js";
import { anonymous, type Caller } from "../call.js";
import type { EngineDeps } from "../contract/serve.js";
import { requireAccess, requireScopes, requireSecondFactor } from "./access.js";

/**
 * The caller of a request; `anonymous` on public methods. Throws UNAUTHENTICATED, INVALID_TOKEN, PERMISSION_DENIED when the
 * method does not admit the caller's role, INSUFFICIENT_SCOPE when it does not admit their API key, and MFA_REQUIRED when the caller
 * has to set up a second factor first. Records the user's id for the access log.
 */
export function authentication({
  authenticate,
  authenticateKey,
}: Pick<Accounts, "authenticate" | "authenticateKey">): EngineDeps<Caller>["authenticate"] {
  return (ctx, { access, scopes, beforeSecondFactor }) => {
    if (access === "ACCESS_PUBLIC") return anonymous;
    const admit = (caller: Caller): Caller => {
      ctx.state.context.userId = caller.id;
      return requireSecondFactor(requireScopes(requireAccess(caller, access), scopes), beforeSecondFactor);
    };
    const { headers } = ctx.req;
    const caller = authenticateKey(headers) ?? authenticate(headers.authorization);
    return caller instanceof Promise ? caller.then(admit) : admit(caller);
  };
}
