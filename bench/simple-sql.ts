// The statements of a bare server on the tables of Lyceum: the least that lists and stores a message for a member. A send has no
// retries that are recognized, and no check of the message that it replies to.
const columns = `id, chat_id, seq, sender_id, text, created_at, edited_at, deleted_at, reply_to_id, client_message_id, version, attachments`;

export const simpleList = `
  select ${columns} from messages
   where chat_id = $1 and seq < $3 and exists (select from chat_members where chat_id = $1 and user_id = $2)
   order by seq desc limit $4`;

export const simpleSend = `
  with next as (
    update chat_sequences
       set last_seq = last_seq + 1, message_count = message_count + 1,
           last_message_at = greatest(last_message_at, date_trunc('milliseconds', clock_timestamp()))
     where chat_id = $1 and exists (select from chat_members where chat_id = $1 and user_id = $2)
    returning last_seq, last_message_at
  )
  insert into messages (chat_id, sender_id, text, client_message_id, reply_to_id, request_hash, seq, created_at)
  select $1, $2, $3, $4, $5::bigint, $6::bytea, last_seq, last_message_at from next
  returning ${columns}`;
