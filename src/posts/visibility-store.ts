// The SQL of who may see a post: permission is decided in each statement. The caller is $1, and their role $2.

/** SQL for the group of the caller; null for none. */
const ownGroup = "(select group_id from users where id = $1)";

/** SQL for whether the caller may see a post. */
export const isSeen = (post: string): string => `${post}.removed_at is null and (${post}.author_id = $1
       or (${post}.published_at is not null
           and ($2::text <> 'ROLE_STUDENT' or ${post}.is_for_all
                or exists (select from post_groups a where a.post_id = ${post}.id and a.group_id = ${ownGroup}))))`;

/** SQL for whether a post is in lists: the condition of their indexes. */
export const isListed = (post: string): string => `${post}.published_at is not null and ${post}.removed_at is null`;

/** SQL for the groups that a post is for, in the order of ids. */
export const groupIdsOf = (post: string): string =>
  `array(select a.group_id from post_groups a where a.post_id = ${post}.id order by a.group_id)`;

/**
 * SQL for a part of a `with`: in `told` whom updates about posts are for (topic, post_id). `posts` has their ids, authors, and whether
 * they are for all.
 */
export const topicsOf = (posts: string): string => `told as (
     select 'school' as topic, p.id as post_id from ${posts} p where p.is_for_all
      union all
     select 'group:' || a.group_id, a.post_id from ${posts} p join post_groups a on a.post_id = p.id where not p.is_for_all
      union all
     select t.topic, p.id from ${posts} p cross join lateral (values ('staff'), ('user:' || p.author_id)) as t (topic)
      where not p.is_for_all and not exists (select from post_groups a where a.post_id = p.id)
   )`;
