// What is answered to those who come too late, or may not: the errors of acts on achievements.
import { ApiError } from "../errors.js";
import type { Achievement, AchievementState } from "../gen/lyceum/v1/achievement.js";

/** The error for an achievement that does not exist, or that the caller may not see. */
export function achievementNotFound(id: number): ApiError {
  return new ApiError("ACHIEVEMENT_NOT_FOUND", `Achievement with id=${id} not found`);
}

const words: Readonly<Record<AchievementState, string>> = {
  ACHIEVEMENT_STATE_UNSPECIFIED: "not known",
  ACHIEVEMENT_STATE_PENDING: "pending",
  ACHIEVEMENT_STATE_ACCEPTED: "accepted",
  ACHIEVEMENT_STATE_REJECTED: "rejected",
  ACHIEVEMENT_STATE_REVOKED: "revoked",
};

/** The state of an achievement, as a sentence has it. */
export const wordOf = (state: AchievementState): string => words[state];

/** Who was first, and that it was the caller. */
function decidedBy({ id, state, points, revoked_by_id, moderator_id }: Achievement, callerId: number): string {
  const by = revoked_by_id ?? moderator_id;
  const withPoints = state === "ACHIEVEMENT_STATE_ACCEPTED" ? ` with ${points} points` : "";
  const self = by === callerId ? ": this was done by you, and is not done again" : "";
  return `Achievement with id=${id} is ${wordOf(state)} already${withPoints}, by user with id=${by}${self}`;
}

/** The error for an act on an achievement that is decided. The detail says who was first, and that it was the caller. */
export function moderated(achievement: Achievement, callerId: number): ApiError {
  return new ApiError("ACHIEVEMENT_MODERATED", decidedBy(achievement, callerId));
}

/** The error for an achievement in a version that If-Match does not name. The detail says who was first, when it is decided. */
export function achievementChanged(achievement: Achievement, callerId: number): ApiError {
  const isDecided = achievement.state !== "ACHIEVEMENT_STATE_PENDING";
  const detail = isDecided ? decidedBy(achievement, callerId) : `Achievement with id=${achievement.id} has changed`;
  return new ApiError("PRECONDITION_FAILED", detail);
}
