// What the checker of counts compares: ratings with the ledger, and the ledger with itself.
import type { CountCheck } from "../platform/counts.js";

export const pointCounts: readonly CountCheck[] = [
  {
    name: "users.rating",
    sql: `select u.id, u.rating as stored, coalesce(p.sum, 0)::bigint as actual
            from users u left join (select user_id, sum(amount) from points group by user_id) p on p.user_id = u.id
           where u.rating <> coalesce(p.sum, 0) order by u.id`,
  },
  {
    name: "points.total",
    sql: `select id, total as stored, actual
            from (select id, total, sum(amount) over (partition by user_id order by id)::bigint as actual from points) p
           where total <> actual order by id`,
  },
];
