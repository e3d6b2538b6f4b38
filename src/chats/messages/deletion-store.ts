// The SQL that deletes one message: it keeps its place, without a text.
import type { Versions } from "../../contract/http/preconditions.js";
import { type AuditedCall, auditValues } from "../../platform/audit/audit.js";
import { auditInsert } from "../../platform/audit/audit-store.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import { told } from "./store.js";

interface Deleted {
  /** The files that the message had. */
  readonly file_ids: readonly number[];
}

/** A message that is to be deleted, and what its deletion depends on. */
export interface Deletion {
  readonly id: number;
  readonly call: AuditedCall;
  /** Whether the caller may delete the messages of everybody in every chat. */
  readonly asAnyone: boolean;
  readonly versions: Versions;
}

const deletion = (group: "write" | "pool", name: string, attachments: "null" | "not null") =>
  statement<Deleted>(
    group,
    name,
    // The sequence is locked first, as by a send. Of two concurrent deletes the second finds deleted_at set when it
    // reaches the message, and does not change the count.
    `with sequence as materialized (
     select s.chat_id from chat_sequences s
      where s.chat_id = (select chat_id from messages where id = $1)
        and ($3::boolean or exists (select from chat_members c where c.chat_id = s.chat_id and c.user_id = $2))
        for no key update
   ), deleted as (
     update messages m
        set text = '', attachments = null,
            deleted_at = date_trunc('milliseconds', clock_timestamp()), version = m.version + 1
       from sequence
      where m.id = $1 and m.chat_id = sequence.chat_id and m.deleted_at is null and m.attachments is ${attachments}
        and (m.version = any($4::bigint[])) <> $5
        and ($3::boolean or exists (
              select from chat_members c
               where c.chat_id = m.chat_id and c.user_id = $2 and (m.sender_id = $2 or c.role = 'CHAT_ROLE_OWNER')
            ))
     returning m.id, m.chat_id, m.sender_id
   ), recorded as (
     ${auditInsert("deleted where sender_id <> $2", 6)}
   ), counted as (
     update chat_sequences s set message_count = s.message_count - 1 from deleted where s.chat_id = deleted.chat_id
   ), ${told("deleted", "deleted", "$2::bigint")}
   select array(select file_id from message_attachments where message_id = $1) as file_ids from deleted`,
  );

const deleteMessageRow = deletion("write", "delete-message", "null");
const deleteMessageWithFilesRow = deletion("pool", "delete-message-with-files", "not null");

function valuesOf({ id, call, asAnyone, versions }: Deletion): unknown[] {
  const act = auditValues(call, { action: "message.delete", target: ["message", id] });
  return [id, call.user.id, asAnyone, versions.named, versions.areExcluded, ...act];
}

/**
 * Deletes a message without files: removes its text and keeps its seq. Permitted to its sender and to the owners of the chat, and
 * with `asAnyone` to every user; of a message of another user it is recorded. False when that is not so, the message does not exist
 * or has files, or it is not in one of the `versions`.
 */
export async function deleteMessage(queries: Queries, deletion: Deletion): Promise<boolean> {
  return (await queries.one(deleteMessageRow, valuesOf(deletion))) !== undefined;
}

/** The same for a message with files. Returns their ids, for which the caller releases them in the same transaction; or undefined. */
export async function deleteMessageWithFiles(
  queries: Queries,
  deletion: Deletion,
): Promise<readonly number[] | undefined> {
  return (await queries.one(deleteMessageWithFilesRow, valuesOf(deletion)))?.file_ids;
}
