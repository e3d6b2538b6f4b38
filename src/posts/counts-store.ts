// What is counted in rows of posts and comments, and the SQL that counts it again.

import type { CountCheck } from "../platform/counts.js";

export const postCounts: readonly CountCheck[] = [
  {
    name: "posts.vote_count",
    sql: `select p.id, p.vote_count as stored, coalesce(v.actual, 0) as actual
            from posts p
            left join (select post_id, count(*) as actual from post_votes group by post_id) v on v.post_id = p.id
           where p.vote_count <> coalesce(v.actual, 0)`,
  },
  {
    name: "posts.comment_count",
    sql: `select p.id, p.comment_count as stored, coalesce(c.actual, 0) as actual
            from posts p
            left join (select post_id, count(*) as actual from comments where removed_at is null group by post_id) c
              on c.post_id = p.id
           where p.comment_count <> coalesce(c.actual, 0)`,
  },
  {
    name: "comments.reply_count",
    sql: `select r.id, r.reply_count as stored, coalesce(c.actual, 0) as actual
            from comments r
            left join (select root_id, count(*) as actual from comments where removed_at is null and root_id is not null
                        group by root_id) c on c.root_id = r.id
           where r.reply_count <> coalesce(c.actual, 0)`,
  },
  {
    name: "polls.voter_count",
    sql: `select p.id, p.voter_count as stored, coalesce(v.actual, 0) as actual
            from polls p
            left join (select poll_id, count(*) as actual from poll_votes group by poll_id) v on v.poll_id = p.id
           where p.voter_count <> coalesce(v.actual, 0)`,
  },
  {
    name: "polls.option_counts",
    sql: `select p.id, p.option_counts[o.number] as stored, coalesce(v.actual, 0) as actual
            from polls p
            cross join generate_subscripts(p.option_counts, 1) as o (number)
            left join (select poll_id, c.number, count(*) as actual from poll_votes, unnest(options) as c (number)
                        group by poll_id, c.number) v on v.poll_id = p.id and v.number = o.number
           where p.option_counts[o.number] <> coalesce(v.actual, 0)`,
  },
];
