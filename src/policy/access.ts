// The roles that each access option of the contract admits.
import type { Caller } from "../call.js";
import { ApiError } from "../errors.js";
import type { Access } from "../gen/lyceum/v1/option_types.js";
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
