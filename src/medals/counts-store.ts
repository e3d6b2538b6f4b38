// What the checker compares when the consumers have taken every update: medals that are due with those that were awarded.

/** SQL for the people who have reached a threshold and have never had its medal: the id, their medals and those that are due. */
export const medalCounts: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: "user_medals",
    sql: `select r.user_id as id, count(h.id) as stored, count(*) as actual
            from (select user_id, 'MEDAL_COUNTER_POINTS' as counter, max(total) as highest from points group by user_id
                  union all select user_id, counter, highest from user_counters) r
            join medals m on m.counter = r.counter and m.threshold <= r.highest
            left join (select distinct on (user_id, medal_id) * from user_medals) h
              on h.user_id = r.user_id and h.medal_id = m.id
           group by r.user_id having count(h.id) <> count(*)
          union all
          select user_id, count(*), count(distinct medal_id) from user_medals
           group by user_id having count(*) <> count(distinct medal_id)`,
  },
];
