// What the checker compares of notifications. How many are unread is counted when it is asked for, and stored nowhere.
import type { CountCheck } from "../platform/counts.js";

/** SQL for the notifications that were told, of the time of which all updates are there, and have not exactly one update. */
export const notificationCounts: readonly CountCheck[] = [
  {
    name: "notifications.is_told",
    sql: `select n.id, 1 as stored, count(u.id) as actual
            from notifications n
            left join updates u
              on u.topic = 'user:' || n.user_id and u.kind = 'notification.created' and u.subject_id = n.id
           where n.is_told and n.created_at > now() - interval '29 days'
           group by n.id having count(u.id) <> 1
           order by n.id`,
  },
];
