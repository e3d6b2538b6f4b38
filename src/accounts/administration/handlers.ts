// What is done to people: their names, roles and profiles, suspension, removal. Who may is decided under the locks of both.
import type { Call, Caller, Handlers } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { AccountService } from "../../gen/lyceum/v1/account.js";
import type { Role, User } from "../../gen/lyceum/v1/user.js";
import { recordAudit } from "../../platform/audit/audit.js";
import type { Queries } from "../../platform/database/database.js";
import { recordUpdates, type Update } from "../../platform/updates/updates.js";
import { findUser } from "../../users/people.js";
import { changeUser, type UserChange, type WhatChanged } from "../../users/profile/change.js";
import { readChange } from "../../users/profile/read-change.js";
import { restoreUser, suspendUser } from "../../users/standing.js";
import { lockBelow, lockOther } from "../above.js";
import { type AfterCommit, endAccount, type EndAccountStep } from "../end-account.js";
import { type InviteDeps, inviteHandlers } from "../invites/handlers.js";
import { cancelAllLinks } from "../one-time-links/links.js";
import { endSessionsOf } from "../sessions/end-sessions.js";
import type { Revocations } from "../sessions/revocations.js";
import { lockCredential } from "../store.js";
import { requireRightTo } from "./rights.js";

export interface AdministrationDeps extends InviteDeps {
  readonly revocations: Pick<Revocations, "add">;
}

/** What other parts of the server give to the handlers. */
export interface Surroundings {
  /** The words of the contract's paths, which are nobody's nick. */
  readonly routeWords: ReadonlySet<string>;
  /** Moves locked users to a group, or out of theirs. Throws GROUP_NOT_FOUND. */
  moveToGroup(queries: Queries, call: Call, userIds: readonly number[], groupId: number | undefined): Promise<void>;
  /** Claims the new avatar of a locked user, if any; runs the change that sets it; releases the one before. Throws FILE_NOT_USABLE. */
  replacingAvatar<T>(
    queries: Queries,
    caller: Caller,
    userId: number,
    fileId: number | undefined,
    change: () => Promise<T>,
  ): Promise<T>;
  /** Sets the rating of a locked user; returns the update to record, or undefined when it is so already. */
  setRating(
    queries: Queries,
    rating: { userId: number; rating: number; byUserId: number; hasNewVersion: boolean },
  ): Promise<Update | undefined>;
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
  { routeWords, moveToGroup, replacingAvatar, setRating }: Surroundings,
): Handlers<AccountService> {
  /** Ends the sessions of a user, and keeps others from beginning until the transaction ends. */
  const endSessions = async (queries: Queries, id: number): Promise<AfterCommit> => {
    await lockCredential(queries, id);
    return endSessionsOf(deps.revocations, queries, id);
  };

  return {
    ...inviteHandlers(deps, endSteps),

    async updateUser({ user_id, ...request }, call) {
      const { group_id, rating, ...fields } = request;
      const { avatar_file_id } = fields;
      const change = readChange(fields, routeWords);
      return changing(call, user_id, async (queries) => {
        const user = await lockOther(queries, call.user, user_id);
        requireRightTo(request, user, call.user);
        if (!call.precondition.permitsVersion(user.version)) throw userHasChanged();
        const act = async (): Promise<WhatChanged | undefined> => {
          const changed = await changeUser(queries, user_id, change);
          // After what is unique, so that no group is locked while another transaction has the nick.
          if (group_id !== undefined) await moveToGroup(queries, call, [user_id], group_id || undefined);
          return changed;
        };
        const changed = await (avatar_file_id === undefined
          ? act()
          : replacingAvatar(queries, call.user, user_id, avatar_file_id || undefined, act));
        const acts = changed ? actsOf(changed, change, user_id === call.user.id) : [];
        for (const action of acts) await recordAudit(queries, call, { action, target: ["user", user_id] });
        const work = changed?.has_new_role ? await endSessions(queries, user_id) : undefined;
        const given = { userId: user_id, byUserId: call.user.id, hasNewVersion: changed !== undefined };
        const told = rating === undefined ? undefined : await setRating(queries, { ...given, rating });
        if (told) await recordAudit(queries, call, { action: "user.set_rating", target: ["user", user_id] });
        const changes = { topic: "school", kind: "user.changed", subjectId: user_id } as const;
        if (changed || told) await recordUpdates(queries, call.user.id, told ? [changes, told] : [changes]);
        return work;
      });
    },

    async deleteUser({ user_id }, call) {
      await endAccount(call.database, { id: user_id, actorId: call.user.id }, endSteps, async (queries) => {
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
        await recordUpdates(queries, call.user.id, [{ topic: "staff", kind: "user.suspended", subjectId: user_id }]);
        await cancelAllLinks(queries, user_id);
        return endSessions(queries, user_id);
      });
    },

    async restoreUser({ user_id }, call) {
      return changing(call, user_id, async (queries) => {
        await lockBelow(queries, call.user, user_id);
        await restoreUser(queries, user_id);
        await recordAudit(queries, call, { action: "user.restore", target: ["user", user_id] });
        await recordUpdates(queries, call.user.id, [{ topic: "staff", kind: "user.restored", subjectId: user_id }]);
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

/** What is recorded of a change. What people say of themselves is not. */
function actsOf(changed: WhatChanged, { role }: UserChange, isOwn: boolean): `user.${string}`[] {
  const { is_renamed, has_new_class, is_edited, has_new_role } = changed;
  return [
    ...(is_renamed ? (["user.rename"] as const) : []),
    ...(has_new_class ? (["user.set_class"] as const) : []),
    ...(is_edited && !isOwn ? (["user.edit_profile"] as const) : []),
    ...(has_new_role ? ([`user.make_${roleNames[role!]}`] as const) : []),
  ];
}

function userHasChanged(): ApiError {
  return new ApiError("PRECONDITION_FAILED", "The person has changed");
}
