// The comment that a request is about, and the error where it is not to be had.
import type { Caller } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { Comment } from "../../gen/lyceum/v1/comment.js";
import type { Queries } from "../../platform/database/database.js";
import { findComment } from "./store.js";

/** The error for a comment that the caller may not see. */
export function commentNotFound(id: number): ApiError {
  return new ApiError("COMMENT_NOT_FOUND", `Comment with id=${id} not found`);
}

/** A comment that is not removed, on a post that the viewer may see. Throws COMMENT_NOT_FOUND. */
export async function requireComment(queries: Queries, viewer: Caller, id: number): Promise<Comment> {
  const comment = await findComment(queries, viewer, id);
  if (!comment) throw commentNotFound(id);
  return comment;
}
