// What the checker of counts compares: the sequence of each chat with its messages.
import type { CountCheck } from "../platform/counts.js";

export const chatCounts: readonly CountCheck[] = [
  {
    name: "chat_sequences.last_seq",
    // A chat that is being deleted has lost a part of its messages.
    sql: `select s.chat_id as id, s.last_seq as stored, coalesce(m.last, 0) as actual
            from chat_sequences s
            left join (select chat_id, max(seq) as last, count(*) as count from messages group by chat_id) m on m.chat_id = s.chat_id
           where exists (select from chat_members c where c.chat_id = s.chat_id)
             and (s.last_seq <> coalesce(m.last, 0) or s.last_seq <> coalesce(m.count, 0))
           order by s.chat_id`,
  },
  {
    name: "chat_sequences.message_count",
    sql: `select s.chat_id as id, s.message_count as stored, coalesce(m.count, 0) as actual
            from chat_sequences s
            left join (select chat_id, count(*) as count from messages where deleted_at is null group by chat_id) m on m.chat_id = s.chat_id
           where exists (select from chat_members c where c.chat_id = s.chat_id) and s.message_count <> coalesce(m.count, 0)
           order by s.chat_id`,
  },
];
