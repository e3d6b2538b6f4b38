// The SQL of what posts were ordered by, for lists that were begun before (platform/list-moment.ts). The trigger posts_former_keys
// keeps it, whatever statement replaces it.
import { currentMoment, wasThere } from "../platform/list-moment.js";

/** The milliseconds since the last change of a key. */
const age = `coalesce((select (extract(epoch from statement_timestamp() - replaced_at) * 1000)::bigint
                    from post_former_keys order by id desc limit 1), 300000)`;

/** SQL for the moment of a list of posts, for its first page. */
export const momentOfPosts = currentMoment("(select max(id) from post_former_keys)", age);

/** SQL for what posts were ordered by at a moment (post_id, is_pinned, vote_count), of those of which that was replaced since. */
// As in users/former-names-store.ts: the bounds without effect tell the planner that both are short ranges, whatever the moment is.
export const formerKeys = (moment: string): string => `
     select distinct on (f.post_id) f.post_id, f.is_pinned, f.vote_count
       from ${moment}
       join post_former_keys f
         on f.id between ${moment}.mark + 1 and ${Number.MAX_SAFE_INTEGER}
         or f.replaced_in between pg_snapshot_xmin(${moment}.snapshot) and '${2n ** 63n - 1n}'
      where not (${wasThere("f.id", "f.replaced_in", moment)})
      order by f.post_id, f.id`;
