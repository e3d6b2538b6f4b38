// What the checker of counts compares: the points of achievements with the ledger.
import type { CountCheck } from "../platform/counts.js";

/** SQL for the rows that differ: the id, what is stored and what it should be. None when all is right. */
export const achievementCounts: readonly CountCheck[] = [
  {
    name: "achievements.points",
    // Each accepted one has its points in the ledger once; of each revoked one they are given and taken back; of others there are none.
    sql: `select coalesce(a.id, p.source_id) as id, coalesce(a.given, 0) as stored, coalesce(p.given, 0) as actual
            from (select id, user_id, points as given, case state when 'ACHIEVEMENT_STATE_REVOKED' then points else 0 end as taken
                    from achievements where points is not null) a
            full join (select source_id, min(user_id) as user_id,
                              coalesce(sum(amount) filter (where amount > 0), 0)::bigint as given,
                              coalesce(-sum(amount) filter (where amount < 0), 0)::bigint as taken
                         from points where reason = 'POINTS_REASON_ACHIEVEMENT' group by source_id) p on p.source_id = a.id
           where (a.user_id, a.given, a.taken) is distinct from (p.user_id, p.given, p.taken)
           order by 1`,
  },
];
