// The SQL of numbers of achievements, counted when they are asked for.
import type { AchievementCount } from "../gen/lyceum/v1/achievement.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import { isVisible, type Viewer } from "./store.js";

const count = (condition: string): string => `
   select a.state, a.kind, count(*)::integer as count,
          coalesce(sum(a.points) filter (where a.state = 'ACHIEVEMENT_STATE_ACCEPTED'), 0)::bigint as points
     from achievements a
    where ${condition}
    group by a.state, a.kind
    order by array_position(array['ACHIEVEMENT_STATE_PENDING', 'ACHIEVEMENT_STATE_ACCEPTED', 'ACHIEVEMENT_STATE_REJECTED'], a.state),
             a.kind = 'ACHIEVEMENT_KIND_EVENT'`;

const ofUser = statement<AchievementCount>(
  "read",
  "count-achievements-of-user",
  count(`a.user_id = $3::bigint and ${isVisible}`),
);

/** The numbers of those of a person that the viewer may see, by state and kind. */
export async function countOfUser(queries: Queries, viewer: Viewer, userId: number): Promise<AchievementCount[]> {
  return queries.many(ofUser, [viewer.id, viewer.role, userId]);
}

const ofSchool = statement<AchievementCount>(
  "pool",
  "count-achievements",
  count(`($1::bigint is null or a.user_id in (select id from users where group_id = $1))
      and ($2::timestamptz is null or a.created_at > $2) and ($3::timestamptz is null or a.created_at < $3)`),
);

/** Of which achievements; what is undefined does not matter. */
export interface StatsFilter {
  readonly group_id?: number | undefined;
  readonly created_after?: string | undefined;
  readonly created_before?: string | undefined;
}

/** The same of the school. */
export async function countAll(
  queries: Queries,
  { group_id, created_after, created_before }: StatsFilter,
): Promise<AchievementCount[]> {
  return queries.many(ofSchool, [group_id, created_after, created_before]);
}
