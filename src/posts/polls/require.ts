// The poll that a request is about, and what a request may ask of it.
import type { Call, Caller } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { CreatePollRequest, VoteInPollRequest } from "../../gen/lyceum/v1/poll.js";
import type { Queries } from "../../platform/database/database.js";
import { type LockedPost, lockPost } from "../store.js";
import { findPoll, lockPoll, type NewPoll, type SeenPoll } from "./store.js";
import type { Choice } from "./votes-store.js";

function pollNotFound(id: number): ApiError {
  return new ApiError("POLL_NOT_FOUND", `Poll with id=${id} not found`);
}

/** The error for what is done to open polls alone. */
export function pollClosed(id: number): ApiError {
  return new ApiError("POLL_CLOSED", `Poll with id=${id} is closed`);
}

/** A poll that the viewer may see. Throws POLL_NOT_FOUND. */
export async function requirePoll(queries: Queries, viewer: Caller, id: number): Promise<SeenPoll> {
  const poll = await findPoll(queries, viewer, id);
  if (!poll) throw pollNotFound(id);
  return poll;
}

/** Throws POLL_NOT_FOUND, and PERMISSION_DENIED when the viewer is not shown the results of a poll. */
export async function requireResults(queries: Queries, viewer: Caller, id: number): Promise<void> {
  if (!(await requirePoll(queries, viewer, id)).are_results_shown)
    throw new ApiError("PERMISSION_DENIED", `The results of the poll with id=${id} are not shown yet`);
}

/** A poll that the viewer manages: of their own post, or as one of the staff. Throws POLL_NOT_FOUND and PERMISSION_DENIED. */
export async function requireManaged(queries: Queries, viewer: Caller, id: number): Promise<SeenPoll> {
  const poll = await requirePoll(queries, viewer, id);
  if (!poll.is_managed) throw new ApiError("PERMISSION_DENIED", `The post of the poll with id=${id} is someone else's`);
  return poll;
}

/** Locks a poll that the caller manages, with its post, in a transaction that has locked the caller. Throws as requireManaged does. */
export async function lockManaged(
  queries: Queries,
  user: Caller,
  id: number,
): Promise<{ post: LockedPost; poll: SeenPoll }> {
  const { post_id } = await requireManaged(queries, user, id);
  const post = await lockPost(queries, user, post_id);
  if (!post) throw pollNotFound(id);
  await lockPoll(queries, id);
  // Again, after the locks: it may have been deleted meanwhile, or changed.
  const poll = await requireManaged(queries, user, id);
  return { post, poll };
}

/** Throws PRECONDITION_FAILED when a locked poll may not be changed in its version. */
export function requireVersion({ precondition }: Pick<Call, "precondition">, { id, version }: SeenPoll): void {
  if (!precondition.permitsVersion(version))
    throw new ApiError("PRECONDITION_FAILED", `Poll with id=${id} has changed`);
}

/** The poll that a request asks for. Throws POLL_MISMATCH where the options do not fit its kind, and the choices not the options. */
export function askedPoll(asked: CreatePollRequest, authorId: number): NewPoll {
  const { kind, options } = asked;
  const count = options.length;
  if (kind === "POLL_KIND_OPEN") {
    if (count > 0) throw broken("options", "must be empty when a text is asked for");
    return { ...asked, authorId, min_choices: 0, max_choices: 0 };
  }
  if (count < 2) throw broken("options", "must have at least 2 items");
  if (kind === "POLL_KIND_SINGLE") return { ...asked, authorId, min_choices: 1, max_choices: 1 };
  const { min_choices = 1, max_choices = count } = asked;
  if (max_choices > count) throw broken("max_choices", "must be at most the number of options");
  if (min_choices > max_choices) throw broken("min_choices", "must be at most max_choices");
  return { ...asked, authorId, min_choices, max_choices };
}

/** What a request votes for. Throws POLL_MISMATCH where the poll does not take that. */
export function askedChoice({ options, answer }: VoteInPollRequest, poll: SeenPoll): Choice {
  const { min_choices, max_choices } = poll;
  const isText = poll.kind === "POLL_KIND_OPEN";
  if (isText !== (answer !== undefined))
    throw broken("answer", isText ? "is what this poll asks for" : "is not what this poll asks for");
  const count = options.length;
  if (count < min_choices || count > max_choices || options.some((number) => number > poll.options.length))
    throw broken("options", `must be ${numberOf(poll)} of the poll's options`);
  return { options: options.toSorted((a, b) => a - b), answer };
}

const numberOf = ({ min_choices, max_choices }: SeenPoll): string =>
  min_choices === max_choices ? String(min_choices) : `${min_choices} to ${max_choices}`;

function broken(field: string, message: string): ApiError {
  const violations = [{ field, pointer: `/${field}`, rule: "", message }];
  return new ApiError("POLL_MISMATCH", `${field} ${message}`, { violations });
}
