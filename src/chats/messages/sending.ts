// Recognizes a send that is repeated with the same client_message_id. Knows no SQL.
import { hash } from "node:crypto";
import { ApiError } from "../../errors.js";
import { isUniqueViolation } from "../../platform/database/database.js";
import type { BatchMessage } from "../../gen/lyceum/v1/message.js";
import { clientMessageIds, type Draft } from "./store.js";

/**
 * A SHA-256 hash of the content of a send: the text, the message that it replies to, and the files. It is stored with the message,
 * whose text may be edited later. Undefined without a client_message_id, since such a send is never recognized.
 */
export function requestHash({ text, client_message_id, reply_to_id, file_ids }: BatchMessage): Buffer | undefined {
  if (client_message_id === undefined) return undefined;
  // No text has a NUL. Without files the hash is that of the versions that knew none.
  const files = file_ids.length > 0 ? `\0${file_ids.join(" ")}` : "";
  return hash("sha256", `${reply_to_id ?? ""} ${text}${files}`, "buffer");
}

/** The error for a client_message_id that was used before with other content. */
export function clientMessageIdReused(): ApiError {
  return new ApiError(
    "CLIENT_MESSAGE_ID_REUSED",
    "This client_message_id was used before in this chat, with other content",
  );
}

/**
 * The drafts of a batch, each client_message_id once: items with the same one are one message. Undefined when items
 * with the same client_message_id have different content.
 */
export function distinctDrafts(items: readonly BatchMessage[]): Draft[] | undefined {
  const drafts: Draft[] = [];
  const byKey = new Map<string, Draft>();
  for (const item of items) {
    const draft = { ...item, request_hash: requestHash(item) };
    const double = item.client_message_id === undefined ? undefined : byKey.get(item.client_message_id);
    if (double && !double.request_hash!.equals(draft.request_hash!)) return undefined;
    if (double) continue;
    drafts.push(draft);
    if (item.client_message_id !== undefined) byKey.set(item.client_message_id, draft);
  }
  return drafts;
}

/**
 * Runs a batch again each time a concurrent send has inserted the same client_message_id first: that one is committed by
 * then, and is found. This can happen once for each client_message_id, at most `most` times.
 */
export async function winning<T>(most: number, send: () => Promise<T>): Promise<T> {
  for (let lost = 0; ; lost++) {
    try {
      return await send();
    } catch (error) {
      if (lost === most || !isUniqueViolation(error, clientMessageIds)) throw error;
    }
  }
}
