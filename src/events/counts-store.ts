// What the checker of counts compares: the counts of each event with its registrations.
import type { CountCheck } from "../platform/counts.js";

export const eventCounts: readonly CountCheck[] = [
  ...(["REGISTERED", "WAITING"] as const).map((state) => {
    const column = `${state.toLowerCase()}_count`;
    return {
      name: `events.${column}`,
      sql: `select e.id, e.${column} as stored, coalesce(r.actual, 0) as actual
              from events e
              left join (select event_id, count(*) as actual from event_registrations
                          where state = 'REGISTRATION_STATE_${state}' group by event_id) r on r.event_id = e.id
             where e.${column} <> coalesce(r.actual, 0)
             order by e.id`,
    };
  }),
  {
    // Of an event that has not begun: how many wait although there is a seat for them.
    name: "events with free seats for which somebody waits",
    sql: `select id, 0 as stored, case when seats is null then waiting_count else least(waiting_count, seats - registered_count) end as actual
            from events
           where cancelled_at is null and starts_at > now() and waiting_count > 0 and (seats is null or registered_count < seats)
           order by id`,
  },
];
