// The SQL of the statistics of a chat.
import type { ChatStats } from "../../gen/lyceum/v1/chat.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import { lastSeq } from "../messages/seq-at-time-store.js";
import type { Span } from "./span.js";

const findChatStatsRow = statement<ChatStats>(
  "pool",
  "find-chat-stats",
  `with counted as materialized (
     select sender_id, created_at, (created_at at time zone $5)::date as day
       from messages
      where chat_id = $1 and deleted_at is null
        and exists (select from chat_members where chat_id = $1 and user_id = $2)
        and ($3::date is null or seq > ${lastSeq("$1", "< $3::date::timestamp at time zone $5")})
        and ($4::date is null or seq <= ${lastSeq("$1", "< ($4::date + 1)::timestamp at time zone $5")})
   )
   select me.chat_id, totals.*, days.days, members.members
     from chat_members me,
          lateral (
            select count(*) as message_count, min(created_at) as first_message_at, max(created_at) as last_message_at
              from counted
          ) totals,
          lateral (
            select coalesce(json_agg(json_build_object('date', to_char(day, 'YYYY-MM-DD'), 'message_count', messages)
                                     order by day), '[]') as days
              from (select day, count(*) as messages from counted group by day) by_day
          ) days,
          lateral (
            select coalesce(json_agg(json_build_object('user_id', id, 'first_name', first_name, 'last_name', last_name,
                                                       'message_count', messages)
                                     order by messages desc, id), '[]') as members
              from (select sender_id, count(*) as messages from counted group by sender_id) by_sender
              join users on users.id = sender_id
          ) members
    where me.chat_id = $1 and me.user_id = $2`,
);

/** The statistics of a chat's messages in a span of days; undefined when the user is not a member. */
export async function findChatStats(
  queries: Queries,
  chatId: number,
  userId: number,
  { startDate, endDate, timeZone }: Span,
): Promise<ChatStats | undefined> {
  return queries.one(findChatStatsRow, [chatId, userId, startDate, endDate, timeZone]);
}
