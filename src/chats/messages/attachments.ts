// The files of messages: claimed in the transaction of the send, released in that of the deletion.
import { ApiError } from "../../errors.js";
import { claimFiles, releaseFiles } from "../../files/claims.js";
import type { Database, Queries } from "../../platform/database/database.js";
import { attachFiles } from "./attachments-store.js";
import { deleteMessage, deleteMessageWithFiles, type Deletion } from "./deletion-store.js";
import { type Draft, insertMessages, type SentMessage } from "./store.js";

/** As insertMessages, with the files of the drafts. Throws FILE_NOT_USABLE, and then nothing is sent. */
export async function insertWithFiles(
  database: Database,
  chatId: number,
  senderId: number,
  drafts: readonly Draft[],
): Promise<SentMessage[]> {
  if (drafts.every(({ file_ids }) => file_ids.length === 0)) return insertMessages(database, chatId, senderId, drafts);
  return database.transaction(async (queries) => {
    const rows = await insertMessages(queries, chatId, senderId, drafts);
    // Nothing was sent, and it is not this that the caller is told of.
    if (rows.length < drafts.length || rows.some(({ is_reused }) => is_reused)) return rows;
    return withFiles(queries, senderId, drafts, rows);
  });
}

/** The rows of a send, of which those that are new have the files of their drafts. */
async function withFiles(
  queries: Queries,
  ownerId: number,
  drafts: readonly Draft[],
  rows: readonly SentMessage[],
): Promise<SentMessage[]> {
  const replays = new Set(rows.flatMap((row) => (row.is_replay ? row.client_message_id! : [])));
  const fresh = drafts.filter(({ client_message_id: key }) => key === undefined || !replays.has(key));
  const fileIds = fresh.flatMap(({ file_ids }) => file_ids);
  const files = await claimFiles(queries, { ownerId, fileIds, purpose: "FILE_PURPOSE_ATTACHMENT" });
  let taken = 0;
  // Rows are in the order of the request, the replays last.
  const sent = fresh.map(({ file_ids }, at) => ({
    messageId: rows[at]!.id,
    files: files.slice(taken, (taken += file_ids.length)),
  }));
  const attached = await attachFiles(
    queries,
    sent.filter(({ files }) => files.length > 0),
  );
  const byId = new Map(attached.map((message) => [message.id, message]));
  return rows.map((row) => ({ ...row, ...byId.get(row.id) }));
}

/** Deletes a message of either kind; a message with files with them. False as deleteMessage. */
export async function deleteWithFiles(database: Database, deletion: Deletion, hasFiles: boolean): Promise<boolean> {
  if (!hasFiles) return deleteMessage(database, deletion);
  return database.transaction(async (queries) => {
    const fileIds = await deleteMessageWithFiles(queries, deletion);
    await releaseFiles(queries, fileIds ?? []);
    return fileIds !== undefined;
  });
}

/** What a message would show. */
type Content = { readonly text: string; readonly file_ids: readonly unknown[] };

/**
 * Throws INVALID_FIELDS when a message would have neither a text nor files: all of these in a batch, whose messages are those of the
 * list `within` the request.
 */
export function requireContent(contents: readonly Content[], within = ""): void {
  const message = "must have at least 1 character where there are no files";
  const violations = contents.flatMap(({ text, file_ids }, at) => {
    if (text !== "" || file_ids.length > 0) return [];
    const [field, pointer] = within === "" ? ["text", "/text"] : [`${within}[${at}].text`, `/${within}/${at}/text`];
    return [{ field, pointer, rule: "string.min_len", message }];
  });
  if (violations.length > 0) throw new ApiError("INVALID_FIELDS", `${violations[0]!.field} ${message}`, { violations });
}
