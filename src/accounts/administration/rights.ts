// Which fields of a person who may change.
import type { Caller } from "../../call.js";
import type { UpdateUserRequest } from "../../gen/lyceum/v1/account.js";
import { isAbove, type Standing } from "../../users/standing.js";
import { notAbove } from "../above.js";

/** What everybody changes of themselves. */
const own: readonly string[] = ["nick", "avatar_file_id", "profile"] satisfies (keyof UpdateUserRequest)[];

/** Throws PERMISSION_DENIED unless the caller may change each field that the request names. */
export function requireRightTo(
  request: Omit<UpdateUserRequest, "user_id">,
  { id, role }: Pick<Standing, "id" | "role">,
  caller: Caller,
): void {
  const isOwn = id === caller.id;
  const isSuperAdmin = caller.role === "ROLE_SUPER_ADMIN";
  if (!isOwn && !isAbove(caller.role, role)) throw notAbove();
  const named = Object.entries(request).flatMap(([field, value]) => (value === undefined ? [] : [field]));
  if (named.includes("role")) {
    if (isOwn) throw notAbove("Nobody changes their own role");
    if (!isSuperAdmin) throw notAbove("Roles are given by super admins");
  }
  const denied = isOwn && !isSuperAdmin ? named.find((field) => !own.includes(field)) : undefined;
  if (denied !== undefined) throw notAbove(`Of you this is changed by those above you: ${denied}`);
}
