// The SQL of starts that were replaced, for lists of events that were begun before (platform/list-moment.ts). Of an event the last
// hundred are kept, for a day.
import { currentMoment, wasThere } from "../platform/list-moment.js";

/** SQL for two parts of a `with`, which keep the start of a locked event `e` that a statement is about to replace. */
export const keepFormerStart = (condition: string): string => `kept as (
     insert into event_former_starts (event_id, sort_key) select e.id, e.sort_key from events e where ${condition}
     returning event_id
   ), dropped as (
     delete from event_former_starts f using kept
      where f.event_id = kept.event_id
        and (f.replaced_at < now() - interval '1 day'
          or f.id <= (select k.id from event_former_starts k
                       where k.event_id = kept.event_id order by k.id desc limit 1 offset 99))
   )`;

/** The milliseconds since the last change of a start. */
const age = `coalesce((select (extract(epoch from statement_timestamp() - replaced_at) * 1000)::bigint
                    from event_former_starts order by id desc limit 1), 300000)`;

/** SQL for the moment of a list of events, for its first page. */
export const momentOfStarts = currentMoment("(select max(id) from event_former_starts)", age);

/** SQL for the keys at a moment (event_id, sort_key) of those that were replaced since. */
export const formerStarts = (moment: string): string => `
     select distinct on (f.event_id) f.event_id, f.sort_key
       from ${moment}
       join event_former_starts f
         on f.id between ${moment}.mark + 1 and ${Number.MAX_SAFE_INTEGER}
         or f.replaced_in between pg_snapshot_xmin(${moment}.snapshot) and '${2n ** 63n - 1n}'
      where not (${wasThere("f.id", "f.replaced_in", moment)})
      order by f.event_id, f.id`;
