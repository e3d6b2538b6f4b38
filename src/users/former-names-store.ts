// The SQL of names and ratings that were replaced, for lists that are ordered by them and were begun before (platform/list-moment.ts).
// The trigger users_former_names keeps them, whatever statement replaces them. Nothing is kept of somebody whose account has ended.
import { currentMoment, wasThere } from "../platform/list-moment.js";

/** SQL for a part of a `with`, which deletes what the user $1 was called and had. */
export const forgetFormerNames = "forgotten as (delete from user_former_names where user_id = $1)";

/** The milliseconds since the last change of a name or a rating. */
const age = `coalesce((select (extract(epoch from statement_timestamp() - replaced_at) * 1000)::bigint
                    from user_former_names order by id desc limit 1), 300000)`;

/** SQL for the moment of a list of users by name or rating, for its first page (platform/list-moment.ts). */
export const momentOfNames = currentMoment("(select max(id) from user_former_names)", age);

/** SQL for what a name is ordered by, as the column users.sort_key. */
export const sortKeyOf = (name: string): string =>
  `left(search_key(${name}.last_name || ' ' || ${name}.first_name), 40) collate "C"`;

/**
 * SQL for the names and ratings at a moment (user_id, first_name, last_name, rating) of those of which one was replaced since. The
 * rating is null where it is not known: it has not changed since.
 */
// What was not there has a greater id, or a transaction that was not over. The bounds without effect tell the planner that both are
// short ranges, whatever the moment is.
export const formerNames = (moment: string): string => `
     select distinct on (f.user_id) f.user_id, f.first_name, f.last_name, f.rating
       from ${moment}
       join user_former_names f
         on f.id between ${moment}.mark + 1 and ${Number.MAX_SAFE_INTEGER}
         or f.replaced_in between pg_snapshot_xmin(${moment}.snapshot) and '${2n ** 63n - 1n}'
      where not (${wasThere("f.id", "f.replaced_in", moment)})
      order by f.user_id, f.id`;
