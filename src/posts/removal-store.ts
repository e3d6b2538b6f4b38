// The SQL of removing posts and comments, which are kept, and of resolving the reports of them.
import type { ReportState } from "../gen/lyceum/v1/report.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

const now = "date_trunc('milliseconds', clock_timestamp())";

const removePostRow = statement<object>(
  "pool",
  "remove-post",
  `update posts set removed_at = ${now}, removed_by_id = $2, version = version + 1 where id = $1`,
);

/** Removes a locked, published post: nobody sees it any more, and it is kept. */
export async function removePost(queries: Queries, id: number, byId: number): Promise<void> {
  await queries.one(removePostRow, [id, byId]);
}

const removeCommentRow = statement<object>(
  "pool",
  "remove-comment",
  `with counted as (
     update posts p set comment_count = p.comment_count - 1 where p.id = (select post_id from comments where id = $1)
   ), threaded as (
     update comments r set reply_count = r.reply_count - 1 where r.id = (select root_id from comments where id = $1)
   )
   update comments c set removed_at = ${now}, removed_by_id = $2, version = c.version + 1 where c.id = $1`,
);

/** Removes a locked comment that is not removed, whose post is locked: its text is kept, and nobody sees it any more. */
export async function removeComment(queries: Queries, id: number, byId: number): Promise<void> {
  await queries.one(removeCommentRow, [id, byId]);
}

/** A post with all comments on it, a post alone, or a comment. */
export interface ReportedThing {
  readonly postId: number;
  readonly commentId?: number | undefined;
  /** Whether the comments of the post are meant too. */
  readonly withComments?: boolean;
}

/** A decision. */
export interface Resolution {
  readonly state: Exclude<ReportState, "REPORT_STATE_OPEN">;
  readonly byId: number;
  readonly note: string;
}

const resolveReportRows = statement<{ id: number }>(
  "pool",
  "resolve-reports",
  `update post_reports r
      set state = $4, resolved_at = date_trunc('milliseconds', clock_timestamp()), resolved_by_id = $5, note = $6
    where r.post_id = $1 and ($3::boolean or coalesce(r.comment_id, 0) = coalesce($2::bigint, 0)) and r.state = 'REPORT_STATE_OPEN'
   returning r.id`,
);

/** Resolves the open reports of a thing whose post is locked; returns their ids. */
export async function resolveReports(
  queries: Queries,
  { postId, commentId, withComments = false }: ReportedThing,
  { state, byId, note }: Resolution,
): Promise<number[]> {
  const rows = await queries.many(resolveReportRows, [postId, commentId, withComments, state, byId, note]);
  return rows.map(({ id }) => id);
}
