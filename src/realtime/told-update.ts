// An update as it is told: with the message that it is about, or without it for who may not read messages.
import type { Caller } from "../call.js";
import type { Message } from "../gen/lyceum/v1/message.js";
import type { Update } from "../gen/lyceum/v1/realtime.js";
import type { Queries } from "../platform/database/database.js";
import type { StoredUpdate } from "../platform/updates/consumer.js";
import { listMessages } from "./messages-store.js";
import { chatOf } from "./topics.js";

/** Updates in both forms, of the same length. */
export interface Told {
  readonly whole: readonly Update[];
  readonly withoutMessages: readonly Update[];
}

/** The kinds of updates that are told with their message. */
const ofMessages: ReadonlySet<string> = new Set(["message.sent", "message.edited", "message.deleted"]);

/** The updates as they are told, with one query when messages are among them. */
export async function tell(queries: Queries, updates: readonly StoredUpdate[]): Promise<Told> {
  const ids = updates.filter(({ kind }) => ofMessages.has(kind)).map(({ subject_id }) => subject_id);
  const messages = await listMessages(queries, ids);
  const withoutMessages = updates.map(({ created_at, ...update }): Update => ({
    ...update,
    happened_at: created_at,
    message: undefined,
  }));
  if (messages.size === 0) return { whole: withoutMessages, withoutMessages };
  return { whole: withoutMessages.map((update) => withMessage(update, messages)), withoutMessages };
}

/** A message is told in the topic of its own chat alone. */
function withMessage(update: Update, messages: ReadonlyMap<number, Message>): Update {
  const message = ofMessages.has(update.kind) ? messages.get(update.subject_id) : undefined;
  return message && message.chat_id === chatOf(update.topic) ? { ...update, message } : update;
}

/** Whether updates are told to a caller with the messages that they are about. */
export function hasMessages({ means, scopes }: Pick<Caller, "means" | "scopes">): boolean {
  return means !== "api_key" || scopes?.includes("SCOPE_MESSAGES_READ") === true;
}
