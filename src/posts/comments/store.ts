// The SQL of comments: writing, reading, changing and removing them. The post is locked before its comments, and the root of a thread
// before its replies.
import type { Caller } from "../../call.js";
import type { Comment } from "../../gen/lyceum/v1/comment.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import { updatesInsert } from "../../platform/updates/updates-store.js";
import { isListed, isSeen, topicsOf } from "../visibility-store.js";

const now = "date_trunc('milliseconds', clock_timestamp())";

/** The columns of a comment `c`, named as its fields. One that was removed has no text. */
export const columns = `c.id, c.post_id, c.author_id, c.root_id, c.reply_to_id,
          case when c.removed_at is null then c.text else '' end as text, c.created_at, c.edited_at, c.removed_at, c.reply_count, c.version`;

const insertCommentRow = statement<Comment>(
  "write",
  "insert-comment",
  `with writer as materialized (
     select id from users where id = $1 and deleted_at is null for share
   ), answered as materialized (
     select c.id, c.thread_id from comments c where c.id = $5 and c.post_id = $3 and c.removed_at is null
   ), counted as (
     update posts p set comment_count = p.comment_count + 1 from writer
      where p.id = $3 and ${isListed("p")} and ${isSeen("p")} and ($5::bigint is null or exists (select from answered))
     returning p.id, p.author_id, p.is_for_all
   ), threaded as (
     update comments r set reply_count = r.reply_count + 1 from counted, answered where r.id = answered.thread_id
   ), created as (
     insert into comments (post_id, author_id, root_id, reply_to_id, text)
     select counted.id, $1, (select thread_id from answered), $5, $4 from counted
     returning *
   ), ${topicsOf("counted")}, ${updatesInsert("(select told.topic, created.id from told, created) told", {
     topic: "told.topic",
     kind: "'comment.created'",
     subjectId: "told.id",
     actorId: "$1::bigint",
     place: "told.id",
   })}
   select ${columns} from created c`,
);

/**
 * Inserts a comment, counts it and tells of it. Undefined when there is no published post that the writer may see, and when the comment
 * to answer is not on it, or removed.
 */
export async function insertComment(
  queries: Queries,
  writer: Caller,
  {
    postId,
    text,
    replyToId,
  }: { readonly postId: number; readonly text: string; readonly replyToId: number | undefined },
): Promise<Comment | undefined> {
  return queries.one(insertCommentRow, [writer.id, writer.role, postId, text, replyToId]);
}

const findCommentRow = statement<Comment>(
  "read",
  "find-comment",
  `select ${columns} from comments c join posts p on p.id = c.post_id
    where c.id = $3 and c.removed_at is null and ${isSeen("p")}`,
);

/** A comment that is not removed, on a post that the viewer may see; undefined when there is none. */
export async function findComment(queries: Queries, viewer: Caller, id: number): Promise<Comment | undefined> {
  return queries.one(findCommentRow, [viewer.id, viewer.role, id]);
}

const lockCommentRow = statement<{ removed: boolean }>(
  "pool",
  "lock-comment",
  "select removed_at is not null as removed from comments where id = $1 for no key update",
);

const findLockedCommentRow = statement<Comment>(
  "pool",
  "find-locked-comment",
  `select ${columns} from comments c where c.id = $1`,
);

/** Locks a comment that exists, whose post is locked where it is to be removed, and returns it. */
export async function lockComment(queries: Queries, id: number): Promise<Comment> {
  await queries.one(lockCommentRow, [id]);
  return (await queries.one(findLockedCommentRow, [id]))!;
}

const updateCommentRow = statement<Comment>(
  "pool",
  "update-comment",
  `with former as (
     insert into comment_texts (comment_id, number, text, written_at)
     select c.id, 1 + (select count(*) from comment_texts t where t.comment_id = c.id), c.text, coalesce(c.edited_at, c.created_at)
       from comments c where c.id = $1
   )
   update comments c set text = $2, edited_at = ${now}, version = c.version + 1 where c.id = $1
   returning ${columns}`,
);

/** Changes the text of a locked comment, and keeps the former one. */
export async function updateComment(queries: Queries, id: number, text: string): Promise<Comment> {
  return (await queries.one(updateCommentRow, [id, text]))!;
}
