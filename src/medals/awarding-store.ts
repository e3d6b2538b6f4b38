// The SQL that awards medals by their rules, to many people at once.
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import { updatesInsert } from "../platform/updates/updates-store.js";

/** SQL for the rows (user_id, counter, highest) of people, who are rows `id` of `people`. */
const reached = (people: string): string => `
   select p.id as user_id, 'MEDAL_COUNTER_POINTS' as counter,
          (select max(total) from points where user_id = p.id) as highest from ${people} p
   union all
   select c.user_id, c.counter, c.highest from ${people} p join user_counters c on c.user_id = p.id`;

const awardRows = statement<{ id: number }>(
  "pool",
  "award-medals",
  // The lock keeps accounts from ending meanwhile. Whatever was lost again, the highest that was reached counts.
  `with people as materialized (
     select id from users where id = any($1::bigint[]) and deleted_at is null order by id for share
   ), reached as (${reached("people")}
   ), awarded as (
     insert into user_medals (user_id, medal_id)
     select r.user_id, m.id from reached r join medals m on m.counter = r.counter and m.threshold <= r.highest
      order by r.user_id, m.id
     on conflict do nothing
     returning id, user_id
   ), ${updatesInsert("awarded", {
     topic: "'user:' || user_id",
     kind: "'medal.awarded'",
     subjectId: "id",
     actorId: "null::bigint",
     place: "id",
   })}
   select id from awarded`,
);

/** Awards to each of the people the medals that are due to them and that they have never had by rule; returns how many it awarded. */
export async function awardMedals(queries: Queries, userIds: readonly number[]): Promise<number> {
  return (await queries.many(awardRows, [userIds])).length;
}
