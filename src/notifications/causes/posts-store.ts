// Notifications of posts and comments: an answer, for who is answered, and a mention, for those who may see the post.
import type { Queries } from "../../platform/database/database.js";
import type { StoredUpdate } from "../../platform/updates/consumer.js";
import { dueStatement, insertDue } from "../insertion-store.js";
import { namedIn } from "./mentions-store.js";

/** The kinds of updates that are taken. */
export const kindsOfPosts: readonly string[] = ["post.published", "comment.created"];

/** SQL for whether a person `u` may see the post `p`. */
const maySee = `(p.is_for_all or p.author_id = u.id or u.role in ('ROLE_TEACHER', 'ROLE_SUPER_ADMIN')
          or exists (select from post_groups pg where pg.post_id = p.id and pg.group_id = u.group_id))`;

/** SQL for a mention, in a post or in a comment of it. */
const mention = (comment: string): string =>
  `jsonb_build_object('mention', jsonb_strip_nulls(
              jsonb_build_object('post_id', p.id, 'comment_id', ${comment}, 'title', t.title))) as payload`;

const ofPosts = dueStatement(
  "notify-of-posts",
  `select u.id as user_id, 'NOTIFICATION_TYPE_MENTION' as type, ${mention("null::bigint")},
          p.author_id as actor_id, 'post.published:' || p.id as cause, 0 as rank
     from given g
     join posts p on p.id = g.subject_id and p.removed_at is null
     join post_texts t on t.post_id = p.id and t.is_current and t.text like '%@%'
    cross join lateral (${namedIn("t.text")}) named
     join users u on u.id = named.user_id and ${maySee}`,
);

// Who is answered and named in one comment is told of the answer.
const ofComments = dueStatement(
  "notify-of-comments",
  `select d.user_id, d.type, d.payload, d.actor_id, d.cause, d.rank
     from (
       select coalesce(answered.author_id, p.author_id) as user_id, p.id as post_id, 'NOTIFICATION_TYPE_POST_REPLY' as type,
              jsonb_build_object('post_reply',
                jsonb_build_object('post_id', p.id, 'comment_id', c.id, 'title', t.title)) as payload,
              c.author_id as actor_id, 'comment.created:' || c.id as cause, 0 as rank
         from given g
         join comments c on c.id = g.subject_id and c.removed_at is null
         join posts p on p.id = c.post_id and p.removed_at is null
         join post_texts t on t.post_id = p.id and t.is_current
         left join comments answered on answered.id = c.reply_to_id
       union all
       select named.user_id, p.id, 'NOTIFICATION_TYPE_MENTION', ${mention("c.id")},
              c.author_id, 'comment.created:' || c.id, 1
         from given g
         join comments c on c.id = g.subject_id and c.removed_at is null and c.text like '%@%'
         join posts p on p.id = c.post_id and p.removed_at is null
         join post_texts t on t.post_id = p.id and t.is_current
        cross join lateral (${namedIn("c.text")}) named
     ) d
     join posts p on p.id = d.post_id
     join users u on u.id = d.user_id and ${maySee}`,
);

/** Notifies those whom posts and comments answer or name. */
export async function notifyOfPosts(queries: Queries, updates: readonly StoredUpdate[]): Promise<void> {
  const of = (wanted: string) => updates.filter(({ kind }) => kind === wanted);
  await insertDue(queries, ofPosts, of("post.published"));
  await insertDue(queries, ofComments, of("comment.created"));
}
