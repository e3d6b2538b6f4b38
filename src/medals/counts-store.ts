// What the checker of counts compares: the medals of each person with those that are due by rule.
import type { CountCheck } from "../platform/counts.js";

/** People whose updates the consumer has yet to take: nobody can say what is due to them. */
const awaited = `
   select u.topic from updates u
    where u.kind in ('points.changed', 'counter.changed', 'medal.revoked')
      and u.id > coalesce((select last_id from update_consumers where name = 'medals'), 0)
   union all
   select topic from failed_updates where consumer = 'medals'`;

export const medalCounts: readonly CountCheck[] = [
  {
    name: "user_medals",
    // One that was revoked is a row, too.
    sql: `select r.user_id as id, count(h.user_id) as stored, count(*) as actual
            from (select user_id, 'MEDAL_COUNTER_POINTS' as counter, max(total) as highest from points group by user_id
                  union all select user_id, counter, highest from user_counters) r
            join medals m on m.counter = r.counter and m.threshold <= r.highest
            left join (select distinct user_id, medal_id from user_medals) h on h.user_id = r.user_id and h.medal_id = m.id
           where 'user:' || r.user_id not in (${awaited})
           group by r.user_id having count(h.user_id) <> count(*)
           order by r.user_id`,
  },
  {
    name: "user_medals.of_one_kind",
    sql: `select user_id as id, count(*) as stored, count(distinct medal_id) as actual
            from user_medals group by user_id having count(*) <> count(distinct medal_id) order by user_id`,
  },
];
