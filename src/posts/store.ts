// The SQL of posts: writing, reading, publishing, changing and removing them. Lists, votes and former texts have files of their own.
import type { Caller } from "../call.js";
import type { Post } from "../gen/lyceum/v1/post.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import type { Audience } from "./audience.js";
import { groupIdsOf, isSeen } from "./visibility-store.js";

const now = "date_trunc('milliseconds', clock_timestamp())";

/** The columns of a post `p` with the current text `t`, named as its fields, for the caller $1. `text` is SQL for the text. */
export const columns = (text: string, isCut: string): string => `p.id, p.author_id, t.title, ${text} as text,
          ${isCut} as is_text_cut,
          case when p.published_at is null then 'POST_STATE_DRAFT' else 'POST_STATE_PUBLISHED' end as state,
          p.is_for_all, ${groupIdsOf("p")} as group_ids, p.is_pinned, p.created_at, p.published_at, p.edited_at, p.vote_count,
          exists (select from post_votes v where v.post_id = p.id and v.user_id = $1) as is_voted, p.comment_count, p.version,
          (select q.id from polls q where q.post_id = p.id) as poll_id`;

/** A post that is not inserted yet. */
export interface NewPost extends Audience {
  readonly authorId: number;
  readonly title: string;
  readonly text: string;
  readonly isPublished: boolean;
}

const insertPostRow = statement<{ id: number }>(
  "pool",
  "insert-post",
  `with post as (
     insert into posts (author_id, is_for_all, published_at) values ($1, $2, case when $3::boolean then ${now} end) returning id
   ), aimed as (
     insert into post_groups (post_id, group_id) select post.id, g from post, unnest($4::bigint[]) as g
   ), texts as (
     insert into post_texts (post_id, number, title, text, is_current) select post.id, 1, $5, $6, true from post
   )
   select id from post`,
);

/** Inserts a post, for groups that are locked; returns its id. */
export async function insertPost(queries: Queries, post: NewPost): Promise<number> {
  const { authorId, is_for_all, isPublished, group_ids, title, text } = post;
  return (await queries.one(insertPostRow, [authorId, is_for_all, isPublished, group_ids, title, text]))!.id;
}

const findPostRow = statement<Post>(
  "read",
  "find-post",
  `select ${columns("t.text", "false")} from posts p join post_texts t on t.post_id = p.id and t.is_current
    where p.id = $3 and ${isSeen("p")}`,
);

/** A post as the viewer sees it; undefined when there is none that they may see. */
export async function findPost(queries: Queries, viewer: Caller, id: number): Promise<Post | undefined> {
  return queries.one(findPostRow, [viewer.id, viewer.role, id]);
}

/** A post that is locked, without its text. */
export interface LockedPost extends Audience {
  readonly id: number;
  readonly author_id: number;
  readonly is_published: boolean;
  readonly is_pinned: boolean;
  readonly is_removed: boolean;
  readonly version: number;
}

const lockedColumns = `p.id, p.author_id, p.is_for_all, ${groupIdsOf("p")} as group_ids, p.published_at is not null as is_published,
          p.is_pinned, p.removed_at is not null as is_removed, p.version`;

const lockPostRow = statement<object>("pool", "lock-post", "select from posts p where p.id = $1 for no key update");

const findLockedPostRow = statement<LockedPost>(
  "pool",
  "find-locked-post",
  `select ${lockedColumns} from posts p where p.id = $3 and ${isSeen("p")}`,
);

/** Locks a post that the viewer may see against every change, votes and comments too; undefined when there is none. */
export async function lockPost(queries: Queries, viewer: Caller, id: number): Promise<LockedPost | undefined> {
  await queries.one(lockPostRow, [id]);
  // A statement of its own, after the lock: one that waits for a lock still reads the groups from before it waited.
  return queries.one(findLockedPostRow, [viewer.id, viewer.role, id]);
}

const findAnyPostRow = statement<LockedPost>(
  "pool",
  "find-any-locked-post",
  `select ${lockedColumns} from posts p where p.id = $1`,
);

/** The same of a post that exists, whoever may see it, and whether it was removed or not. */
export async function lockAnyPost(queries: Queries, id: number): Promise<LockedPost> {
  await queries.one(lockPostRow, [id]);
  return (await queries.one(findAnyPostRow, [id]))!;
}

/** What to change of a post. What is absent stays. */
export interface PostChange {
  readonly title?: string | undefined;
  readonly text?: string | undefined;
  readonly audience?: Audience | undefined;
}

const findTextRow = statement<{ title: string; text: string }>(
  "pool",
  "find-post-text",
  "select title, text from post_texts where post_id = $1 and is_current",
);

const replaceTextRow = statement<object>(
  "pool",
  "replace-draft-text",
  `update post_texts set title = $2, text = $3, written_at = ${now} where post_id = $1 and is_current`,
);

const endTextRow = statement<object>(
  "pool",
  "end-post-text",
  "update post_texts set is_current = false where post_id = $1 and is_current",
);

const addTextRow = statement<object>(
  "pool",
  "add-post-text",
  `insert into post_texts (post_id, number, title, text, is_current)
   select $1, 1 + max(number), $2, $3, true from post_texts where post_id = $1`,
);

const updateAudienceRows = statement<object>(
  "pool",
  "update-post-audience",
  `with dropped as (delete from post_groups where post_id = $1 and group_id <> all ($2::bigint[]))
   insert into post_groups (post_id, group_id) select $1, g from unnest($2::bigint[]) as g on conflict do nothing`,
);

const updatePostRow = statement<object>(
  "pool",
  "update-post",
  `update posts
      set is_for_all = $2, version = version + 1,
          edited_at = case when $3::boolean and published_at is not null then ${now} else edited_at end
    where id = $1`,
);

/**
 * Changes a locked post, for groups that are locked; false when everything is equal already, which changes nothing. The text of a
 * published post becomes a former one, that of a draft is replaced.
 */
export async function updatePost(queries: Queries, post: LockedPost, change: PostChange): Promise<boolean> {
  const current = (await queries.one(findTextRow, [post.id]))!;
  const { title = current.title, text = current.text, audience = post } = change;
  const isRewritten = title !== current.title || text !== current.text;
  const isAimed = String([audience.is_for_all, audience.group_ids]) !== String([post.is_for_all, post.group_ids]);
  if (!isRewritten && !isAimed) return false;
  if (isRewritten && post.is_published) {
    await queries.one(endTextRow, [post.id]);
    await queries.one(addTextRow, [post.id, title, text]);
  } else if (isRewritten) await queries.one(replaceTextRow, [post.id, title, text]);
  if (isAimed) await queries.one(updateAudienceRows, [post.id, audience.group_ids]);
  await queries.one(updatePostRow, [post.id, audience.is_for_all, isRewritten]);
  return true;
}

const publishPostRow = statement<object>(
  "pool",
  "publish-post",
  `update posts set published_at = ${now}, version = version + 1 where id = $1 and published_at is null`,
);

/** Publishes a locked draft. */
export async function publishPost(queries: Queries, id: number): Promise<void> {
  await queries.one(publishPostRow, [id]);
}

const pinPostRow = statement<object>(
  "pool",
  "pin-post",
  "update posts set is_pinned = $2, version = version + 1 where id = $1",
);

/** Pins a locked, published post, or takes the pin from it. */
export async function pinPost(queries: Queries, id: number, isPinned: boolean): Promise<void> {
  await queries.one(pinPostRow, [id, isPinned]);
}

const deleteDraftRow = statement<object>(
  "pool",
  "delete-draft",
  "delete from posts where id = $1 and published_at is null",
);

/** Deletes a locked draft. */
export async function deleteDraft(queries: Queries, id: number): Promise<void> {
  await queries.one(deleteDraftRow, [id]);
}

const deleteDraftRows = statement<object>(
  "pool",
  "delete-drafts-of-user",
  "delete from posts where author_id = $1 and published_at is null",
);

/** Deletes the drafts of a locked user. */
export async function deleteDrafts(queries: Queries, userId: number): Promise<void> {
  await queries.one(deleteDraftRows, [userId]);
}
