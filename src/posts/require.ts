// The post that a request is about, and the errors where it is not to be had.
import type { Caller } from "../call.js";
import { ApiError } from "../errors.js";
import type { Post } from "../gen/lyceum/v1/post.js";
import type { Queries } from "../platform/database/database.js";
import { findPost } from "./store.js";

/** The error for a post that the caller may not see. */
export function postNotFound(id: number): ApiError {
  return new ApiError("POST_NOT_FOUND", `Post with id=${id} not found`);
}

/** The error for what is done to published posts alone. */
export function notPublished(id: number): ApiError {
  return new ApiError("POST_NOT_PUBLISHED", `Post with id=${id} is a draft`);
}

/** A post that the viewer may see. Throws POST_NOT_FOUND. */
export async function requirePost(queries: Queries, viewer: Caller, id: number): Promise<Post> {
  const post = await findPost(queries, viewer, id);
  if (!post) throw postNotFound(id);
  return post;
}
