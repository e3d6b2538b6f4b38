// A bound in time, or a moment, as a bound of seq, so that lists and statistics need no index of times, which every send would write.

/**
 * SQL for the greatest seq of a chat whose created_at satisfies the condition, such as `< $5`; 0 when there is none. A binary search: a
 * chat has every seq from 1 on, and created_at never decreases while seq grows.
 */
export function lastSeq(chatId: string, condition: string): string {
  return lastSeqWhere(chatId, `middle.created_at ${condition}`);
}

/** SQL for the greatest seq of a chat of which a condition on `middle` holds, that holds of all messages before it too; else 0. */
export function lastSeqWhere(chatId: string, condition: string): string {
  return `(with recursive halves (low, high) as (
             select 0::bigint, last_seq + 1 from chat_sequences where chat_id = ${chatId}
             union all
             select case when ${condition} then middle.seq else low end,
                    case when ${condition} then high else middle.seq end
               from halves, messages middle
              where high - low > 1 and middle.chat_id = ${chatId} and middle.seq = (low + high) / 2
           )
           select coalesce(max(low), 0) from halves)`;
}
