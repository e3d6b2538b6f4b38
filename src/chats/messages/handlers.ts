// Messages that people send into chats: what may be done with them, and what is said when it may not.
import type { Call, Handlers } from "../../call.js";
import { chatNotFound, isOwner, requireMember } from "../members/membership.js";
import { ApiError } from "../../errors.js";
import type { Empty } from "../../gen/google/protobuf/empty.js";
import type { BatchMessage, ListMessagesRequest, Message, MessageService } from "../../gen/lyceum/v1/message.js";
import type { Queries } from "../../platform/database/database.js";
import { type Limits, pageOf, pageSize, pageStart } from "../../platform/page.js";
import { listMessages } from "./listing-store.js";
import { clientMessageIdReused, distinctDrafts, requestHash, winning } from "./sending.js";
import * as store from "./store.js";

/** The handlers of messages. `limits` are those of a page of messages. */
export function messageHandlers(limits: Limits): Handlers<MessageService> {
  return {
    async sendMessage(request, { user, database }) {
      const hash = requestHash(request);
      const sent = await winning(1, () => store.insertMessage(database, user.id, request, hash));
      if (!sent) throw await whyNotSent(request.chat_id, [request], { user, database });
      if (sent.is_reused) throw clientMessageIdReused();
      return sent;
    },

    async batchSendMessages({ chat_id, messages: items }, { user, database }) {
      const drafts = distinctDrafts(items);
      if (!drafts) {
        await requireMember(database, chat_id, user.id);
        throw clientMessageIdReused();
      }
      const rows = await winning(drafts.length, () => store.insertMessages(database, chat_id, user.id, drafts));
      if (rows.some((row) => row.is_reused)) throw clientMessageIdReused();
      if (rows.length < drafts.length) throw await whyNotSent(chat_id, drafts, { user, database });
      return { messages: inOrderOf(items, rows) };
    },

    async listMessages(request, { user, database }) {
      const { chat_id, skip } = request;
      const scope = scopeOf(request);
      const [from] = pageStart(request, scope, [0]) ?? [];
      const size = pageSize(request, limits);
      const stretch = {
        from: from as number | undefined,
        isOldestFirst: request.sort === "created_at",
        skip,
        rows: size + 1,
      };
      const rows = await listMessages(database, chat_id, user.id, stretch, request);
      // An empty chat and one of strangers look alike up to here.
      if (rows.length === 0) await requireMember(database, chat_id, user.id);
      const page = pageOf(rows, size, scope, ({ seq }) => [seq]);
      return { messages: page.rows, next_page_token: page.next_page_token };
    },

    async getMessage({ message_id }, { user, database }) {
      return requireMessage(database, message_id, user.id);
    },

    async updateMessage({ message_id, text }, { user, database, ifMatch }) {
      for (;;) {
        const updated = await store.updateMessage(database, message_id, user.id, text, ifMatch);
        if (updated) return updated;
        const { sender_id, version } = await requireMessage(database, message_id, user.id);
        if (sender_id !== user.id) throw notYours(message_id);
        requireVersion(message_id, version, ifMatch);
        // The caller has come back into the chat in between.
      }
    },

    async deleteMessage({ message_id }, { user, database, ifMatch }): Promise<Empty> {
      const isSuperAdmin = user.role === "ROLE_SUPER_ADMIN";
      for (;;) {
        if (await store.deleteMessage(database, message_id, user.id, isSuperAdmin, ifMatch)) return {};
        const { sender_id, chat_id, version } = await requireMessage(database, message_id, user.id, isSuperAdmin);
        const isAllowed = isSuperAdmin || sender_id === user.id || (await isOwner(database, chat_id, user.id));
        if (!isAllowed) throw notYours(message_id);
        requireVersion(message_id, version, ifMatch);
        // The caller has come back into the chat, or come to own it, in between.
      }
    },
  };
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

/** What a page token is bound to. */
function scopeOf(request: ListMessagesRequest): unknown[] {
  const { chat_id, sort, sender_id, exclude_sender_id, created_after, created_before, query } = request;
  return [
    "messages",
    chat_id,
    sort === "created_at",
    sender_id,
    exclude_sender_id,
    created_after,
    created_before,
    query || undefined,
  ];
}

/** The messages that a batch is answered with: one for each item, doubles and replays among them. */
function inOrderOf(items: readonly BatchMessage[], rows: readonly store.SentMessage[]): Message[] {
  const byKey = new Map(rows.map((row) => [row.client_message_id, row]));
  const unnamed = rows.filter((row) => row.client_message_id === undefined).values();
  return items.map(({ client_message_id: key }) => (key === undefined ? unnamed.next().value! : byKey.get(key)!));
}

/** The reason for which nothing was sent. */
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

/** Throws PRECONDITION_FAILED when If-Match names other versions than this one. */
function requireVersion(id: number, version: number, ifMatch: readonly number[] | undefined): void {
  if (ifMatch && !ifMatch.includes(version))
    throw new ApiError("PRECONDITION_FAILED", `Message with id=${id} has changed`);
}
