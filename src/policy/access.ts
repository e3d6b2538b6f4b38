// The roles that each access option of the contract admits, and the API keys that its scopes admit.
import type { Caller } from "../call.js";
import { ApiError } from "../errors.js";
import type { Access } from "../gen/lyceum/v1/option_types.js";
import type { Scope } from "../gen/lyceum/v1/scope.js";
import type { Role } from "../gen/lyceum/v1/user.js";

const everyone: readonly Role[] = ["ROLE_STUDENT", "ROLE_TEACHER", "ROLE_SUPER_ADMIN"];
const admitted: Readonly<Record<Access, readonly Role[]>> = {
  ACCESS_UNSPECIFIED: [],
  ACCESS_PUBLIC: everyone,
  ACCESS_USER: everyone,
  ACCESS_TEACHER: ["ROLE_TEACHER", "ROLE_SUPER_ADMIN"],
  ACCESS_SUPER_ADMIN: ["ROLE_SUPER_ADMIN"],
};

/** Returns the caller. Throws PERMISSION_DENIED when the access option does not admit the caller's role. */
export function requireAccess(caller: Caller, access: Access): Caller {
  if (admitted[access].includes(caller.role)) return caller;
  throw new ApiError("PERMISSION_DENIED", "This is for people with another role");
}

/**
 * Returns the caller. Throws INSUFFICIENT_SCOPE for a caller by API key unless the key has all scopes of the method, which are at least
 * one: a method without scopes, or with SCOPE_NONE, which no key has, admits no key.
 */
export function requireScopes(caller: Caller, scopes: readonly Scope[]): Caller {
  if (caller.means !== "api_key") return caller;
  const missing = scopes.filter((scope) => scope === "SCOPE_NONE" || !caller.scopes?.includes(scope));
  if (scopes.length > 0 && missing.length === 0) return caller;
  const isForNone = scopes.length === 0 || scopes.includes("SCOPE_NONE");
  const why = isForNone ? "No API key may do this: log in" : `The API key was made without ${missing.join(" and ")}`;
  throw new ApiError("INSUFFICIENT_SCOPE", why);
}

/** Returns the caller. Throws MFA_REQUIRED when the caller has to set up a second factor before they call this method. */
export function requireSecondFactor(caller: Caller, isBeforeSecondFactor: boolean): Caller {
  if (caller.mustEnrol !== true || isBeforeSecondFactor) return caller;
  throw new ApiError("MFA_REQUIRED", "Your role needs a second factor: set it up with POST /v1/auth/totp");
}
