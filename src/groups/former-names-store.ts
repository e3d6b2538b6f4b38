// The SQL of names that were replaced, for lists of groups that were begun before (platform/list-moment.ts). Of a group the last
// hundred are kept, for a day.
import { currentMoment, wasThere } from "../platform/list-moment.js";

/** SQL for two parts of a `with`, which keep the name of a locked group `g` that a statement is about to replace. */
export const keepFormerName = (condition: string): string => `kept as (
     insert into group_former_names (group_id, name) select g.id, g.name from groups g where ${condition}
     returning group_id
   ), dropped as (
     delete from group_former_names f using kept
      where f.group_id = kept.group_id
        and (f.replaced_at < now() - interval '1 day'
          or f.id <= (select k.id from group_former_names k
                       where k.group_id = kept.group_id order by k.id desc limit 1 offset 99))
   )`;

/** SQL for what a name is ordered by, as the column groups.sort_key. */
export const sortKeyOf = (name: string): string => `left(search_key(${name}), 40) collate "C"`;

/** The milliseconds since the last change of a name. */
const age = `coalesce((select (extract(epoch from statement_timestamp() - replaced_at) * 1000)::bigint
                    from group_former_names order by id desc limit 1), 300000)`;

/** SQL for the moment of a list of groups, for its first page. */
export const momentOfNames = currentMoment("(select max(id) from group_former_names)", age);

/** SQL for the names at a moment (group_id, name) of those that were replaced since. */
export const formerNames = (moment: string): string => `
     select distinct on (f.group_id) f.group_id, f.name
       from group_former_names f, ${moment}
      where not (${wasThere("f.id", "f.replaced_in", moment)})
      order by f.group_id, f.id`;
