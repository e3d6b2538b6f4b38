// Messages: sending, listing, reading, editing and deleting them, and the error of each refusal.
import type { Call, Handlers } from "../../call.js";
import { chatNotFound, isOwner, requireMember } from "../members/membership.js";
import type { Precondition } from "../../contract/http/preconditions.js";
import { ApiError } from "../../errors.js";
import type { Empty } from "../../gen/google/protobuf/empty.js";
import type { BatchMessage, ListMessagesRequest, Message, MessageService } from "../../gen/lyceum/v1/message.js";
import type { Queries } from "../../platform/database/database.js";
import { type Limits, pageOf, readPage } from "../../platform/page.js";
import { includedPeople } from "../../users/people.js";
import { deleteWithFiles, insertWithFiles, requireContent } from "./attachments.js";
import { listMessages } from "./listing-store.js";
import { clientMessageIdReused, distinctDrafts, requestHash, winning } from "./sending.js";
import * as store from "./store.js";

/** The handlers of MessageService. `limits` are those of a page of messages. */
export function messageHandlers(limits: Limits): Handlers<MessageService> {
  return {
    async sendMessage(request, call) {
      requireContent([request]);
      if (request.file_ids.length > 0) return (await sendTogether(request.chat_id, [request], call))[0]!;
      const { user, database } = call;
      const hash = requestHash(request);
      const sent = await store.insertMessage(database, user.id, request, hash);
      if (sent) return sent;
      const earlier = hash && (await store.findSentMessage(database, user.id, request, hash));
      if (!earlier) throw await whyNotSent(request.chat_id, [request], call);
      if (earlier.is_reused) throw clientMessageIdReused();
      return earlier;
    },

    async batchSendMessages({ chat_id, messages: items }, call) {
      requireContent(items, "messages");
      return { messages: await sendTogether(chat_id, items, call) };
    },

    async listMessages(request, { user, database }) {
      const { chat_id } = request;
      const isOldestFirst = request.sort === "created_at";
      const page = readPage(request, { scope: scopeOf(request), key: [0], limits, isOldestFirst });
      const rows = await listMessages(database, chat_id, user.id, page, request);
      // No rows: either nothing matches, or the caller is not a member.
      if (rows.length === 0) await requireMember(database, chat_id, user.id);
      const { rows: messages, next_page_token } = pageOf(rows, page, ({ seq }) => [seq]);
      const ids = messages.map(({ sender_id }) => sender_id);
      return { messages, next_page_token, people: await includedPeople(database, user, request, ids) };
    },

    async getMessage({ message_id }, { user, database }) {
      return requireMessage(database, message_id, user.id);
    },

    async updateMessage({ message_id, text }, { user, database, precondition }) {
      for (;;) {
        const updated = await store.updateMessage(database, message_id, user.id, text, precondition.versions);
        if (updated) return updated;
        const { sender_id, version, attachments } = await requireMessage(database, message_id, user.id);
        if (sender_id !== user.id) throw notYours(message_id);
        requireVersion(message_id, version, precondition);
        if (text !== undefined) requireContent([{ text, file_ids: attachments ?? [] }]);
        // The caller became a member again between the two statements.
      }
    },

    async deleteMessage({ message_id }, call): Promise<Empty> {
      const { user, database, precondition } = call;
      const isSuperAdmin = user.role === "ROLE_SUPER_ADMIN";
      const deletion = { id: message_id, call, asAnyone: isSuperAdmin, versions: precondition.versions };
      for (let hasFiles = false; ;) {
        if (await deleteWithFiles(database, deletion, hasFiles)) return {};
        const message = await requireMessage(database, message_id, user.id, isSuperAdmin);
        const isMine = isSuperAdmin || message.sender_id === user.id;
        if (!isMine && !(await isOwner(database, message.chat_id, user.id))) throw notYours(message_id);
        requireVersion(message_id, message.version, precondition);
        hasFiles = (message.attachments ?? []).length > 0;
        // It has files, or the caller became a member again, or an owner, between the two statements.
      }
    },
  };
}

/** Sends all of the messages or none; returns one for each item, in the order of the items. */
async function sendTogether(chatId: number, items: readonly BatchMessage[], call: Call): Promise<Message[]> {
  const { user, database } = call;
  const drafts = distinctDrafts(items);
  if (!drafts) {
    await requireMember(database, chatId, user.id);
    throw clientMessageIdReused();
  }
  const rows = await winning(drafts.length, () => insertWithFiles(database, chatId, user.id, drafts));
  if (rows.some((row) => row.is_reused)) throw clientMessageIdReused();
  if (rows.length < drafts.length) throw await whyNotSent(chatId, drafts, call);
  return inOrderOf(items, rows);
}

/** A message that is not deleted and that the user may see; `asOutsider` in any chat. Throws MESSAGE_NOT_FOUND. */
async function requireMessage(queries: Queries, id: number, userId: number, asOutsider = false): Promise<Message> {
  const message = await store.findMessage(queries, id, userId, asOutsider);
  if (!message) throw messageNotFound(id);
  return message;
}

function messageNotFound(id: number): ApiError {
  return new ApiError("MESSAGE_NOT_FOUND", `Message with id=${id} not found`);
}

/** The list and the filters that a page token belongs to. */
function scopeOf(request: ListMessagesRequest): unknown[] {
  const { chat_id, sort, sender_id, exclude_sender_id, created_after, created_before, query } = request;
  const { after_seq } = request;
  return [
    "messages",
    chat_id,
    sort === "created_at",
    sender_id,
    exclude_sender_id,
    created_after,
    created_before,
    query || undefined,
    after_seq,
  ];
}

/** The messages of the response to a batch: one for each item, including repeated items and replays. */
function inOrderOf(items: readonly BatchMessage[], rows: readonly store.SentMessage[]): Message[] {
  const byKey = new Map(rows.map((row) => [row.client_message_id, row]));
  const unnamed = rows.filter((row) => row.client_message_id === undefined).values();
  return items.map(({ client_message_id: key }) => (key === undefined ? unnamed.next().value! : byKey.get(key)!));
}

/** The error for a send that inserted nothing. */
async function whyNotSent(
  chatId: number,
  items: readonly BatchMessage[],
  { user, database }: Pick<Call, "user" | "database">,
): Promise<ApiError> {
  await requireMember(database, chatId, user.id);
  const replies = items.flatMap(({ reply_to_id }) => reply_to_id ?? []);
  const missing = await store.findMissingReply(database, chatId, replies);
  return missing === undefined ? chatNotFound(chatId) : messageNotFound(missing);
}

function notYours(id: number): ApiError {
  return new ApiError("PERMISSION_DENIED", `Message with id=${id} is someone else's`);
}

/** Throws PRECONDITION_FAILED when this version may not be changed. */
function requireVersion(id: number, version: number, precondition: Precondition): void {
  if (!precondition.permitsVersion(version))
    throw new ApiError("PRECONDITION_FAILED", `Message with id=${id} has changed`);
}
