// How a send that is sent again is recognized. Knows no SQL.
import { hash } from "node:crypto";
import { ApiError } from "../../errors.js";
import { isUniqueViolation } from "../../platform/database/database.js";
import type { BatchMessage } from "../../gen/lyceum/v1/message.js";
import { clientMessageIds, type Draft } from "./store.js";

/**
 * What the content of a send is recognized by: 32 bytes over its text and the message that it answers, as first sent, since
 * the message may be edited later. Undefined without a client_message_id: nobody will ask.
 */
export function requestHash({ text, client_message_id, reply_to_id }: BatchMessage): Buffer | undefined {
  return client_message_id === undefined ? undefined : hash("sha256", `${reply_to_id ?? ""} ${text}`, "buffer");
}

/** The refusal of a client_message_id that was used for something else. */
export function clientMessageIdReused(): ApiError {
  return new ApiError(
    "CLIENT_MESSAGE_ID_REUSED",
    "This client_message_id was used before in this chat, with other content",
  );
}

/**
 * The drafts of a batch with each client_message_id once: a double is the same message. Undefined when one
 * client_message_id stands beside different contents.
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
 * Runs a send anew each time it has lost the race for a client_message_id: the winner has committed by then, and is
 * found. It cannot lose more often than it has client_message_ids, which is `most`.
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
