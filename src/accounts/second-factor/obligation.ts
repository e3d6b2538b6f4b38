// Who needs a second factor: people with the roles that the operator names. For some days after they first log in as such, they may
// log in without one, and can only set it up; then they are refused.
import { ApiError } from "../../errors.js";
import type { Role, User } from "../../gen/lyceum/v1/user.js";
import type { Queries } from "../../platform/database/database.js";
import { beginObligation, findObligation } from "./obligation-store.js";
import { hasSecondFactor } from "./second-factor.js";

export interface MfaPolicy {
  /** Whether any role needs a second factor. */
  readonly isOn: boolean;
  /** Whether people with this role need a second factor. */
  isRequired(role: Role): boolean;
  /** Whether this user needs a second factor and has none. Without a query for a role that needs none. */
  isMissing(queries: Queries, user: Pick<User, "id" | "role">): Promise<boolean>;
  /**
   * Whether a session of this user can do nothing but set up a second factor. Begins their days, where they have not begun; throws
   * MFA_REQUIRED when these are over. Without a query for a role that needs none.
   */
  mustEnrol(queries: Queries, user: Pick<User, "id" | "role">): Promise<boolean>;
  /** Until when somebody without a second factor may log in; undefined when their days have not begun. */
  dueAt(queries: Queries, userId: number): Promise<string | undefined>;
}

/** Makes the policy: the roles that need a second factor, and the days that people have to set it up. */
export function createMfaPolicy(roles: readonly Role[], days: number): MfaPolicy {
  const isMissing: MfaPolicy["isMissing"] = async (queries, { id, role }) =>
    roles.includes(role) && !(await hasSecondFactor(queries, id));
  return {
    isMissing,
    isOn: roles.length > 0,
    isRequired: (role) => roles.includes(role),
    async mustEnrol(queries, user) {
      if (!(await isMissing(queries, user))) return false;
      const { is_overdue } = await beginObligation(queries, user.id, days);
      if (is_overdue) throw overdue();
      return true;
    },
    async dueAt(queries, userId) {
      return (await findObligation(queries, userId, days))?.due_at;
    },
  };
}

function overdue(): ApiError {
  return new ApiError(
    "MFA_REQUIRED",
    "The time to set up a second factor is over: ask a super admin, or the operator, for more",
  );
}
