// Authentication and access: the caller of a method, and whether its access option admits the caller.
import type { Authenticate } from "../accounts/sessions/authenticate.js";
import { anonymous, type Caller } from "../call.js";
import type { EngineDeps } from "../contract/serve.js";
import { requireAccess } from "./access.js";

/**
 * The caller of a request; `anonymous` on public methods. Throws UNAUTHENTICATED, INVALID_TOKEN, and PERMISSION_DENIED
 * when the method does not admit the caller's role. Records the user's id for the access log.
 */
export function authentication(authenticate: Authenticate): EngineDeps<Caller>["authenticate"] {
  return (ctx, { access }) => {
    if (access === "ACCESS_PUBLIC") return anonymous;
    const admit = (caller: Caller): Caller => {
      ctx.state.context.userId = caller.id;
      return requireAccess(caller, access);
    };
    const caller = authenticate(ctx.req.headers.authorization);
    return caller instanceof Promise ? caller.then(admit) : admit(caller);
  };
}
