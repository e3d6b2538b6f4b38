// The SQL of what posts said before.
import type { PostVersion } from "../gen/lyceum/v1/post.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import type { KeysetPage } from "../platform/page.js";

const listVersionRows = statement<PostVersion>(
  "pool",
  "list-post-versions",
  `select t.number, t.title, t.text, t.written_at, p.author_id
     from posts p join post_texts t on t.post_id = p.id
    where p.id = $1 and not t.is_current and t.number > $2
    order by t.number limit $3 offset $4`,
);

/** What a post that may be seen said before, the oldest first. `page.after` is a number. */
export async function listVersions(
  queries: Queries,
  postId: number,
  { after, limit, skip }: KeysetPage,
): Promise<PostVersion[]> {
  return queries.many(listVersionRows, [postId, ...(after ?? [0]), limit, skip]);
}
