// Who is above whom, and what is done to a user by others: invite, suspension, points. Each act is a step of a transaction that
// has locked the user.
import type { Role } from "../gen/lyceum/v1/user.js";

export {
  acceptInvite,
  addToRating,
  type Invited,
  inviteUser,
  lockUsersToChange,
  restoreUser,
  type Standing,
  suspendUser,
} from "./standing-store.js";

/** Whether somebody with one role is above others with another one: super admins above all, teachers above students. */
export function isAbove(role: Role, other: Role): boolean {
  return role === "ROLE_SUPER_ADMIN" || (role === "ROLE_TEACHER" && other === "ROLE_STUDENT");
}
