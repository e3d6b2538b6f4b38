// The SQL of messages and of the sequence of each chat. Permission is checked within each statement: one that is not
// permitted returns no row, and the handler then finds out why. Locks are taken in the order given in services.ts.
import type { BatchMessage, Message, SendMessageRequest } from "../../gen/lyceum/v1/message.js";
import type { Versions } from "../../contract/http/preconditions.js";
import { isUniqueViolation, type Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import { updateInsert, updatesInsert } from "../../platform/updates/updates-store.js";

/** The columns of a message `m`, named as its fields. */
export const columns = `m.id, m.chat_id, m.seq, m.sender_id, m.text, m.created_at, m.edited_at, m.deleted_at,
          m.reply_to_id, m.client_message_id, m.version, m.attachments`;

/** The unique index that lets only one of two concurrent sends with one client_message_id succeed. */
export const clientMessageIds = "messages_client_message_id";

/** The parts of a WITH that tell the members of the chat what was done to the message that is the row of `source`. */
export const told = (kind: string, source: string, actorId = `${source}.sender_id`): string =>
  updateInsert(source, {
    topic: `'chat:' || ${source}.chat_id`,
    kind: `'message.${kind}'`,
    subjectId: `${source}.id`,
    actorId,
  });

/** A message as a send finds or makes it. */
export interface SentMessage extends Message {
  /** It was sent before. */
  readonly is_replay: boolean;
  /** It was sent before, with the same client_message_id and other content. */
  readonly is_reused: boolean;
}

/** A message that is not sent yet, with the hash of its content (sending.ts). */
export type Draft = BatchMessage & { readonly request_hash: Buffer | undefined };

const insertSequenceRow = statement<object>(
  "pool",
  "insert-chat-sequence",
  "insert into chat_sequences (chat_id) values ($1)",
);

/** Inserts the sequence of a new chat. */
export async function insertSequence(queries: Queries, chatId: number): Promise<void> {
  await queries.one(insertSequenceRow, [chatId]);
}

// Takes the next places of a chat, for both statements that send. Postgres evaluates clock_timestamp() again after it
// has waited for the row lock, so created_at never decreases while seq grows.
const takesPlaces = (howMany: string): string => `
     update chat_sequences s
        set last_seq = s.last_seq + ${howMany},
            message_count = s.message_count + ${howMany},
            last_message_at = greatest(s.last_message_at, date_trunc('milliseconds', clock_timestamp()))
      where s.chat_id = $1
        and exists (select from chat_members where chat_id = $1 and user_id = $2)`;

const insertMessageRow = statement<Message>(
  "write",
  "insert-message",
  `with next as (${takesPlaces("1")}
        and ($5::bigint is null or exists (select from messages where id = $5 and chat_id = $1 and deleted_at is null))
     returning s.last_seq, s.last_message_at
   ), m as (
     insert into messages as m (chat_id, sender_id, text, client_message_id, reply_to_id, request_hash, seq, created_at)
     select $1, $2, $3, $4, $5, $6::bytea, last_seq, last_message_at from next
     returning ${columns}
   ), ${told("sent", "m")}
   select * from m`,
);

/**
 * Takes the chat's next seq and inserts a message with it, in one statement. Undefined, and no seq is taken, when the sender is not
 * a member, when the message to reply to does not exist, and when the client_message_id was used before (findSentMessage).
 */
export async function insertMessage(
  queries: Queries,
  senderId: number,
  request: SendMessageRequest,
  requestHash: Buffer | undefined,
): Promise<Message | undefined> {
  const { chat_id, text, client_message_id, reply_to_id } = request;
  const values = [chat_id, senderId, text, client_message_id, reply_to_id, requestHash];
  try {
    return await queries.one(insertMessageRow, values);
  } catch (error) {
    // A retry is rare: nothing is looked up before it is known to be one.
    if (isUniqueViolation(error, clientMessageIds)) return undefined;
    throw error;
  }
}

const findSentMessageRow = statement<SentMessage>(
  "read",
  "find-sent-message",
  `select ${columns}, true as is_replay, m.request_hash <> $4 as is_reused from messages m
    where m.chat_id = $1 and m.sender_id = $2 and m.client_message_id = $3
      and exists (select from chat_members where chat_id = $1 and user_id = $2)`,
);

/** The message that was sent with this client_message_id; undefined when there is none, or the sender is not a member any more. */
export async function findSentMessage(
  queries: Queries,
  senderId: number,
  { chat_id, client_message_id }: SendMessageRequest,
  requestHash: Buffer | undefined,
): Promise<SentMessage | undefined> {
  return queries.one(findSentMessageRow, [chat_id, senderId, client_message_id, requestHash]);
}

const insertMessageRows = statement<SentMessage>(
  "pool",
  "insert-messages",
  `with items as (
     select * from unnest($3::text[], $4::text[], $5::bigint[], $6::bytea[]) with ordinality
                as item (text, client_message_id, reply_to_id, request_hash, place)
   ), earlier as (
     select m.*, m.request_hash <> i.request_hash as is_reused
       from items i join messages m on m.chat_id = $1 and m.sender_id = $2 and m.client_message_id = i.client_message_id
   ), fresh as (
     select i.*, row_number() over (order by i.place) as rank
       from items i
      where not exists (select from earlier e where e.client_message_id = i.client_message_id)
   ), next as (${takesPlaces("(select count(*) from fresh)")}
        and exists (select from fresh)
        and not exists (select from earlier where is_reused)
        and not exists (
          select from fresh f
           where f.reply_to_id is not null
             and not exists (select from messages where id = f.reply_to_id and chat_id = $1 and deleted_at is null)
        )
     returning s.last_seq - (select count(*) from fresh) as seq_before, s.last_message_at
   ), sent as (
     insert into messages (chat_id, sender_id, text, client_message_id, reply_to_id, request_hash, seq, created_at)
     select $1, $2, f.text, f.client_message_id, f.reply_to_id, f.request_hash, seq_before + f.rank, last_message_at
       from next, fresh f
     returning *
   ), ${updatesInsert("sent", {
     topic: "'chat:' || sent.chat_id",
     kind: "'message.sent'",
     subjectId: "sent.id",
     actorId: "sent.sender_id",
     place: "sent.seq",
   })}
   select ${columns}, false as is_replay, false as is_reused from sent m
   union all
   select ${columns}, true, m.is_reused from earlier m
    where exists (select from chat_members where chat_id = $1 and user_id = $2)
    order by is_replay, seq`,
);

/**
 * Inserts all drafts, whose client_message_ids are distinct, with consecutive seqs, or none of them. Returns the new
 * messages in the order of seq, then the earlier messages of drafts that were sent before. Inserts none, and returns
 * fewer rows than drafts or rows with `is_reused`, when the sender is not a member, a message to reply to does not
 * exist, or a client_message_id was used with other content. Of two concurrent calls with one client_message_id one fails on
 * `clientMessageIds`, and takes no seq.
 */
export async function insertMessages(
  queries: Queries,
  chatId: number,
  senderId: number,
  drafts: readonly Draft[],
): Promise<SentMessage[]> {
  return queries.many(insertMessageRows, [
    chatId,
    senderId,
    drafts.map(({ text }) => text),
    drafts.map(({ client_message_id }) => client_message_id ?? null),
    drafts.map(({ reply_to_id }) => reply_to_id ?? null),
    drafts.map(({ request_hash }) => request_hash ?? null),
  ]);
}

const findMissingReplyRow = statement<{ id: number }>(
  "read",
  "find-missing-reply",
  `select reply.id from unnest($2::bigint[]) with ordinality as reply (id, place)
    where not exists (select from messages m where m.id = reply.id and m.chat_id = $1 and m.deleted_at is null)
    order by place limit 1`,
);

/** The first of the ids that is not an undeleted message of the chat; undefined when all are. */
export async function findMissingReply(
  queries: Queries,
  chatId: number,
  ids: readonly number[],
): Promise<number | undefined> {
  return (await queries.one(findMissingReplyRow, [chatId, ids]))?.id;
}

const isSeen = "exists (select from chat_members c where c.chat_id = m.chat_id and c.user_id = $2)";

const findMessageRow = statement<Message>(
  "read",
  "find-message",
  `select ${columns} from messages m where m.id = $1 and m.deleted_at is null and (${isSeen} or $3::boolean)`,
);

/**
 * An undeleted message of a chat of the user; undefined when there is none. `asOutsider` finds messages of other chats
 * too.
 */
export async function findMessage(
  queries: Queries,
  id: number,
  userId: number,
  asOutsider = false,
): Promise<Message | undefined> {
  return queries.one(findMessageRow, [id, userId, asOutsider]);
}

const updateMessageRow = statement<Message>(
  "write",
  "update-message",
  // An edit that waits for another one may find the version of before it raised although it changes nothing: that is told too.
  `with before as (select version from messages where id = $1), m as (
     update messages m
        set text = coalesce($3, m.text),
            edited_at = case when $3 <> m.text then date_trunc('milliseconds', clock_timestamp()) else m.edited_at end,
            version = case when $3 <> m.text then m.version + 1 else m.version end
      where m.id = $1 and m.sender_id = $2 and m.deleted_at is null and ${isSeen}
        and (m.version = any($4::bigint[])) <> $5
        and ($3 is distinct from '' or m.attachments is not null)
     returning ${columns}
   ), changed as (select m.* from m, before where m.version <> before.version), ${told("edited", "changed")}
   select * from m`,
);

/**
 * Changes the text of the user's own message; an absent or equal text changes nothing. Undefined when the message does
 * not exist, has another sender, or is not in one of the `versions`, and when an empty text would leave nothing of it.
 */
export async function updateMessage(
  queries: Queries,
  id: number,
  userId: number,
  text: string | undefined,
  versions: Versions,
): Promise<Message | undefined> {
  return queries.one(updateMessageRow, [id, userId, text, versions.named, versions.areExcluded]);
}
