// The SQL of lists of comments, and of what they said before. Their places never change.
import type { Caller } from "../../call.js";
import type { Comment, CommentVersion, ListCommentsRequest } from "../../gen/lyceum/v1/comment.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import type { KeysetPage } from "../../platform/page.js";
import { isSeen } from "../visibility-store.js";
import { columns } from "./store.js";

/** A comment in a list, with the id of the one that its thread begins with, or its own. */
export type ListedComment = Comment & { readonly thread_id: number };

const list = (name: string, condition: string) =>
  statement<ListedComment>(
    "pool",
    name,
    `select ${columns}, c.thread_id from comments c
      where c.post_id = $3 and exists (select from posts p where p.id = $3 and ${isSeen("p")})
        and (c.thread_id, c.id) > ($4, $5) and (c.removed_at is null or c.reply_count > 0)${condition}
      order by c.thread_id, c.id limit $6 offset $7`,
  );

const listCommentRows = list("list-comments", "");
const listThreadRows = list("list-comments-of-thread", " and c.thread_id = $8");

/**
 * The comments of a post that the viewer may see, the oldest thread first, or of one thread. `page.after` is a thread_id and an id. One that was
 * removed is there as long as it has replies.
 */
export async function listComments(
  queries: Queries,
  viewer: Caller,
  { post_id, root_id }: Pick<ListCommentsRequest, "post_id" | "root_id">,
  { after, limit, skip }: KeysetPage,
): Promise<ListedComment[]> {
  const values = [viewer.id, viewer.role, post_id, ...(after ?? [0, 0]), limit, skip];
  return root_id === undefined
    ? queries.many(listCommentRows, values)
    : queries.many(listThreadRows, [...values, root_id]);
}

const listVersionRows = statement<CommentVersion>(
  "pool",
  "list-comment-versions",
  `select t.number, t.text, t.written_at, c.author_id from comments c join comment_texts t on t.comment_id = c.id
    where c.id = $1 and t.number > $2
    order by t.number limit $3 offset $4`,
);

/** What a comment that may be seen said before, the oldest first. `page.after` is a number. */
export async function listVersions(
  queries: Queries,
  commentId: number,
  { after, limit, skip }: KeysetPage,
): Promise<CommentVersion[]> {
  return queries.many(listVersionRows, [commentId, ...(after ?? [0]), limit, skip]);
}
