// The SQL of the leaderboard: students by rating, and their ranks.
import type { Caller } from "../call.js";
import type { LeaderboardPlace, User } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { type Statement, statement } from "../platform/database/statement.js";
import { readMoment, requireMoment } from "../platform/list-moment.js";
import type { KeysetPage } from "../platform/page.js";
import { formerNames, momentOfNames, sortKeyOf } from "./former-names-store.js";
import { columns } from "./store.js";

/** Whose places are shown. What is absent chooses everybody. */
export interface BoardFilter {
  readonly schoolClass?: number | undefined;
  readonly groupId?: number | undefined;
}

/** A person on the board at the moment of its first page, and the moment. */
export type RankedUser = User & {
  readonly rank: number;
  /** The rating at the moment, times -1. */
  readonly key: number;
  readonly sort_key: string;
  /** How many are on this page and those before, up to this row. */
  readonly position: number;
  readonly moment: string;
};

/** A page of the board, and the place of the viewer on all of it. */
export interface BoardPage {
  readonly rows: RankedUser[];
  /** Undefined when the viewer is not on it, and of later pages, since it is of the moment too. */
  readonly own: LeaderboardPlace | undefined;
}

/** Who is on the board: the condition of the indexes users_board. */
const isOnBoard = (user: string): string =>
  `${user}.role = 'ROLE_STUDENT' and ${user}.deleted_at is null and ${user}.suspended_at is null and ${user}.invited_at is null`;

const statements = new Map<string, Statement<Partial<RankedUser>>>();

function boardStatement(filter: BoardFilter, { after, skip }: KeysetPage): Statement<Partial<RankedUser>> {
  const { groupId, schoolClass } = filter;
  const name = [
    "list-leaderboard",
    groupId !== undefined && "group",
    schoolClass !== undefined && "class",
    after && "next",
    skip > 0 && "skip",
  ]
    .filter(Boolean)
    .join("-");
  const known = statements.get(name);
  if (known) return known;

  let last = after ? 9 : skip > 0 ? 4 : 3;
  const conditions = [
    groupId !== undefined && `group_id = $${++last}`,
    schoolClass !== undefined && `school_class = $${++last}`,
  ].filter((condition) => condition !== false);
  const chosen = (user: string): string =>
    isOnBoard(user) + conditions.map((condition) => ` and ${user}.${condition}`).join("");
  const made = statement<Partial<RankedUser>>("pool", name, after ? nextPage(chosen) : firstPage(chosen, skip > 0));
  statements.set(name, made);
  return made;
}

// One row without a user when the page is empty. The inner limit is a constant: the planner then expects few rows in a generic plan too.
const firstPage = (chosen: (user: string) => string, skips: boolean): string => `
   select page.*, own.rank as own_rank, own.rating as own_rating, ${momentOfNames} as moment
     from (select) one
     left join (
       select me.rating, 1 + (select count(*) from users u where ${chosen("u")} and -u.rating < -me.rating) as rank
         from users me where me.id = $1 and ${chosen("me")}
     ) own on true
     left join (
       select ${columns}, b.key, b.sort_key, b.rank, b.position
         from (select u.id, -u.rating as key, u.sort_key, rank() over (order by -u.rating) as rank,
                      row_number() over (order by -u.rating, u.sort_key, u.id) as position
                 from users u where ${chosen("u")}
                order by -u.rating, u.sort_key, u.id ${skips ? "limit $3 offset $4" : "limit 101"}) b
        cross join lateral (select * from users where id = b.id offset 0) u
        order by b.position limit $3
     ) page on true
    order by page.position`;

// Those of whom nothing has changed since the moment come by the index, and the others beside them, each looked up as in
// listing-store.ts.
const nextPage = (chosen: (user: string) => string): string => `
   with moment as materialized (${readMoment("$8")}),
        moved as materialized (${formerNames("moment")})
   select u.*, $8::text as moment,
          case when u.key = $3 then $7::bigint else $6 + rank() over (order by u.key) end as rank,
          $6 + row_number() over (order by u.key, u.sort_key, u.id) as position
     from (
       select * from (
         (select ${columns}, -u.rating as key, u.sort_key
            from users u
           where ${chosen("u")} and (-u.rating, u.sort_key, u.id) > ($3, $4, $5) and u.id not in (select user_id from moved)
           order by -u.rating, u.sort_key, u.id limit 101)
          union all
         (select ${columns}, -coalesce(moved.rating, u.rating) as key, ${sortKeyOf("moved")} as sort_key
            from moved cross join lateral (select * from users where id = moved.user_id offset 0) u
           where ${chosen("u")}
             and (-coalesce(moved.rating, u.rating), ${sortKeyOf("moved")}, u.id) > ($3, $4, $5))
       ) u
        order by u.key, u.sort_key, u.id limit $9
     ) u
    order by u.key, u.sort_key, u.id`;

/**
 * The students whom the filter chooses, the highest rating first, then by name. `page.after` is a key, a sort_key, an id, a position, a
 * rank and a moment: order, ratings and ranks are those of the moment, and who is on the board is as now. `page.limit` is at most 101.
 * Throws INVALID_PAGE_TOKEN over what is no moment.
 */
export async function listLeaderboard(
  queries: Queries,
  viewer: Caller,
  filter: BoardFilter,
  page: KeysetPage,
): Promise<BoardPage> {
  requireMoment(page);
  const { after, limit, skip } = page;
  const filters = [filter.groupId, filter.schoolClass].filter((value) => value !== undefined);
  const place = after ? [...after, limit] : [limit, ...(skip > 0 ? [skip] : [])];
  const found = await queries.many(boardStatement(filter, page), [viewer.id, viewer.role, ...place, ...filters]);
  const [first] = found as { own_rank?: number; own_rating?: number }[];
  const own = first?.own_rank === undefined ? undefined : { rank: first.own_rank, rating: first.own_rating! };
  return { rows: found.filter((row): row is RankedUser => row.id !== undefined), own };
}
