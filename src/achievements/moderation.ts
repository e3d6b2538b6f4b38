// Decisions of staff about achievements: accept, reject, revoke. The SQL lets one of them be the first; the others are told who was.
import { lockOthers } from "../accounts/above.js";
import type { Call } from "../call.js";
import { ApiError } from "../errors.js";
import type { Achievement } from "../gen/lyceum/v1/achievement.js";
import { recordAudit } from "../platform/audit/audit.js";
import type { Queries } from "../platform/database/database.js";
import type { Update } from "../platform/updates/updates.js";
import { recordUpdates } from "../platform/updates/updates.js";
import { addPoints } from "../points/ledger.js";
import { achievementChanged, achievementNotFound, moderated, wordOf } from "./refusals.js";
import { type Act, decide } from "./moderation-store.js";
import { findAchievement } from "./store.js";

const kinds = {
  accept: "achievement.accepted",
  reject: "achievement.rejected",
  revoke: "achievement.revoked",
} as const;

/** How the points of the person change. */
const amountOf = (act: Act, { points = 0 }: Achievement): number =>
  act === "accept" ? points : act === "revoke" ? -points : 0;

/**
 * Decides about an achievement of another person, with the points and the record of it in one transaction: `value` is the points, or
 * the reason. Throws ACHIEVEMENT_NOT_FOUND, OWN_ACHIEVEMENT, ACHIEVEMENT_MODERATED when somebody was first, ACHIEVEMENT_NOT_ACCEPTED,
 * PRECONDITION_FAILED, and INVALID_TOKEN as lockCaller of accounts/above.ts does.
 */
export async function moderate(call: Call, act: Act, id: number, value: number | string): Promise<Achievement> {
  const { user, database, precondition } = call;
  return database.transaction(async (queries) => {
    const found = await requireAchievement(queries, call, id);
    const ownerId = found.user_id;
    if (ownerId === user.id)
      throw new ApiError("OWN_ACHIEVEMENT", "This achievement is your own: somebody else decides about it");
    // Who comes late locks nobody.
    const late = refusalOf(call, act, found);
    if (late) throw late;
    // People are locked before everything else, in the order of ids: also whose points will change.
    await lockOthers(queries, user, [ownerId]);
    const decided = await decide(queries, act, user, id, precondition.versions, value);
    if (!decided)
      throw refusalOf(call, act, await requireAchievement(queries, call, id)) ?? new Error("nobody has decided");
    await recordAudit(queries, call, { action: `achievement.${act}`, target: ["achievement", id] });
    const updates = (["staff", `user:${ownerId}`] as const).map((topic): Update => ({
      topic,
      kind: kinds[act],
      subjectId: id,
    }));
    const amount = amountOf(act, decided);
    if (amount === 0) await recordUpdates(queries, user.id, updates);
    else
      await addPoints(
        queries,
        { userId: ownerId, amount, reason: "achievement", sourceId: id, byUserId: user.id },
        updates,
      );
    return decided;
  });
}

/** The achievement as it is now, after whoever was first, for whom a decision has waited. */
async function requireAchievement(queries: Queries, { user }: Call, id: number): Promise<Achievement> {
  const found = await findAchievement(queries, id, user);
  if (!found) throw achievementNotFound(id);
  return found;
}

/** Why a decision takes no effect; undefined when it may. */
function refusalOf({ user, precondition }: Call, act: Act, found: Achievement): ApiError | undefined {
  const { id, state, version } = found;
  if (!precondition.permitsVersion(version)) return achievementChanged(found, user.id);
  if (state === (act === "revoke" ? "ACHIEVEMENT_STATE_ACCEPTED" : "ACHIEVEMENT_STATE_PENDING")) return undefined;
  if (act === "revoke" && state !== "ACHIEVEMENT_STATE_REVOKED")
    return new ApiError(
      "ACHIEVEMENT_NOT_ACCEPTED",
      `Achievement with id=${id} is ${wordOf(state)}, and was not accepted`,
    );
  return moderated(found, user.id);
}
