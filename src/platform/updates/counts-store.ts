// What the checker of counts compares: the last pts of each topic with its updates, which have no gap.
import type { CountCheck } from "../counts.js";

export const updateCounts: readonly CountCheck[] = [
  {
    name: "update_topics.pts",
    // The oldest updates of a topic may be deleted, all of them too.
    sql: `select t.topic as id, t.pts as stored, coalesce(u.last, t.pts) as actual
            from update_topics t
            left join (select topic, max(pts) as last, max(pts) - min(pts) + 1 - count(*) as missing from updates group by topic) u
                   on u.topic = t.topic
           where u.last <> t.pts or u.missing <> 0
          union all
          select u.topic, null, max(u.pts) from updates u
           where not exists (select from update_topics t where t.topic = u.topic) group by u.topic
           order by id`,
  },
];
