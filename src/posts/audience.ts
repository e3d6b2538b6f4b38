// Whom a post is for: who may choose it, and who is told of what happens to it.
import type { Caller } from "../call.js";
import { ApiError } from "../errors.js";
import type { Queries } from "../platform/database/database.js";
import type { Topic, Update, UpdateKind } from "../platform/updates/updates.js";
import { findOwnGroup, lockGroups } from "./audience-store.js";

/** Everybody, or the people of groups; with no groups the staff alone. The author is always one of them. */
export interface Audience {
  readonly is_for_all: boolean;
  /** In the order of ids; empty when it is for all. */
  readonly group_ids: readonly number[];
}

/** The audience that a request asks for; undefined when it does not say. */
export function askedAudience(asked: {
  readonly is_for_all?: boolean | undefined;
  readonly group_ids: readonly number[];
}): Audience | undefined {
  const { is_for_all, group_ids } = asked;
  if (is_for_all === undefined && group_ids.length === 0) return undefined;
  return is_for_all
    ? { is_for_all, group_ids: [] }
    : { is_for_all: false, group_ids: group_ids.toSorted((a, b) => a - b) };
}

/** Whether a person is of the staff: a teacher or a super admin. */
export const isStaff = ({ role }: Pick<Caller, "role">): boolean => role !== "ROLE_STUDENT";

/**
 * Locks the groups of an audience against deletion, as a step of a transaction that has locked the caller. Throws PERMISSION_DENIED when
 * the caller, a student, may not write for it, and GROUP_NOT_FOUND.
 */
export async function requireAudience(
  queries: Queries,
  caller: Caller,
  { is_for_all, group_ids }: Audience,
): Promise<void> {
  if (!isStaff(caller)) {
    const own = group_ids.length > 0 ? await findOwnGroup(queries, caller.id) : undefined;
    if (is_for_all || group_ids.some((id) => id !== own))
      throw new ApiError("PERMISSION_DENIED", "A student writes for their own group, or for the staff alone");
  }
  if (group_ids.length === 0) return;
  const found = new Set(await lockGroups(queries, group_ids));
  const missing = group_ids.find((id) => !found.has(id));
  if (missing !== undefined) throw new ApiError("GROUP_NOT_FOUND", `Group with id=${missing} not found`);
}

/** What is told of a post. */
interface Told extends Audience {
  readonly id: number;
  readonly author_id: number;
}

/** Updates about a post, or about `subjectId`, one for each topic of its audience and, when it has changed, of the one before. */
export function updatesOf(kind: UpdateKind, post: Told, { before = post, subjectId = post.id } = {}): Update[] {
  const topics = new Set([before, post].flatMap((each) => topicsOf(each, post.author_id)));
  return [...topics].map((topic) => ({ topic, kind, subjectId }));
}

function topicsOf({ is_for_all, group_ids }: Audience, authorId: number): Topic[] {
  if (is_for_all) return ["school"];
  return group_ids.length > 0 ? group_ids.map((id): Topic => `group:${id}`) : ["staff", `user:${authorId}`];
}
