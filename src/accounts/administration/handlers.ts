// What is done to the accounts of others: names and roles, suspension, removal. Who may is decided under the locks of both.
import type { Call, Handlers } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { AccountService } from "../../gen/lyceum/v1/account.js";
import type { Role, User } from "../../gen/lyceum/v1/user.js";
import { recordAudit } from "../../platform/audit/audit.js";
import type { Queries } from "../../platform/database/database.js";
import { findUser } from "../../users/people.js";
import { isAbove, restoreUser, suspendUser, updateUser } from "../../users/standing.js";
import { lockBelow, lockOther, notAbove } from "../above.js";
import { type AfterCommit, endAccount, type EndAccountStep } from "../end-account.js";
import { type InviteDeps, inviteHandlers } from "../invites/handlers.js";
import { endLinks } from "../one-time-links/links.js";
import { endSessionsOf } from "../sessions/end-sessions.js";
import type { Revocations } from "../sessions/revocations.js";
import { lockCredential } from "../store.js";

export interface AdministrationDeps extends InviteDeps {
  readonly revocations: Pick<Revocations, "add">;
}

const roleNames: Readonly<Record<Role, string>> = {
  ROLE_STUDENT: "student",
  ROLE_TEACHER: "teacher",
  ROLE_SUPER_ADMIN: "super_admin",
};

/** The handlers of AccountService. `endSteps` are the steps that end an account. */
export function accountHandlers(
  deps: AdministrationDeps,
  endSteps: readonly EndAccountStep[],
): Handlers<AccountService> {
  /** Ends the sessions of a user, and keeps others from beginning until the transaction ends. */
  const endSessions = async (queries: Queries, id: number): Promise<AfterCommit> => {
    await lockCredential(queries, id);
    return endSessionsOf(deps.revocations, queries, id);
  };

  return {
    ...inviteHandlers(deps, endSteps),

    async updateUser({ user_id, ...change }, call) {
      return changing(call, user_id, async (queries) => {
        const user = await lockOther(queries, call.user, user_id);
        requireRightTo(change, user, call);
        if (!call.precondition.permitsVersion(user.version)) throw userHasChanged();
        await updateUser(queries, user_id, change);
        const { first_name, last_name, role = user.role } = change;
        const target = ["user", user_id] as const;
        if (first_name !== undefined || last_name !== undefined)
          await recordAudit(queries, call, { action: "user.rename", target });
        if (role === user.role) return;
        await recordAudit(queries, call, { action: `user.make_${roleNames[role]}`, target });
        return endSessions(queries, user_id);
      });
    },

    async deleteUser({ user_id }, call) {
      await endAccount(call.database, { id: user_id }, endSteps, async (queries) => {
        const { version } = await lockBelow(queries, call.user, user_id);
        if (!call.precondition.permitsVersion(version)) throw userHasChanged();
        await recordAudit(queries, call, { action: "user.delete", target: ["user", user_id] });
      });
      return {};
    },

    async suspendUser({ user_id, reason }, call) {
      return changing(call, user_id, async (queries) => {
        await lockBelow(queries, call.user, user_id);
        await suspendUser(queries, user_id, reason);
        await recordAudit(queries, call, { action: "user.suspend", target: ["user", user_id] });
        await endLinks(queries, { id: user_id });
        return endSessions(queries, user_id);
      });
    },

    async restoreUser({ user_id }, call) {
      return changing(call, user_id, async (queries) => {
        await lockBelow(queries, call.user, user_id);
        await restoreUser(queries, user_id);
        await recordAudit(queries, call, { action: "user.restore", target: ["user", user_id] });
      });
    },
  };
}

/** Runs an act in a transaction, and the work that it returned after the commit; returns the user as the caller sees them then. */
async function changing(
  { database, user }: Call,
  id: number,
  act: (queries: Queries) => Promise<AfterCommit | void>,
): Promise<User> {
  const { changed, work } = await database.transaction(async (queries) => {
    const work = await act(queries);
    return { changed: (await findUser(queries, user, id))!, work };
  });
  await work?.(database);
  return changed;
}

/** Throws PERMISSION_DENIED unless the caller may change each field that the request names. */
function requireRightTo(
  { first_name, last_name, role }: { first_name?: string; last_name?: string; role?: Role },
  { id, role: present }: { readonly id: number; readonly role: Role },
  { user: caller }: Call,
): void {
  const isOwn = id === caller.id;
  const isSuperAdmin = caller.role === "ROLE_SUPER_ADMIN";
  if (!isOwn && !isAbove(caller.role, present)) throw notAbove();
  if ((first_name !== undefined || last_name !== undefined) && isOwn && !isSuperAdmin)
    throw notAbove("Your name is changed by those above you");
  if (role === undefined) return;
  if (isOwn) throw notAbove("Nobody changes their own role");
  if (!isSuperAdmin) throw notAbove("Roles are given by super admins");
}

function userHasChanged(): ApiError {
  return new ApiError("PRECONDITION_FAILED", "The person has changed");
}
