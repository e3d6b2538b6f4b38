// Notifications of messages: who is named in one, and is a member of its chat.
import type { Queries } from "../../platform/database/database.js";
import type { StoredUpdate } from "../../platform/updates/consumer.js";
import { dueStatement, insertDue } from "../insertion-store.js";
import { namedIn } from "./mentions-store.js";

/** The kinds of updates that are taken. */
export const kindsOfMessages: readonly string[] = ["message.sent"];

const mentionsInMessages = dueStatement(
  "notify-of-messages",
  `select named.user_id, 'NOTIFICATION_TYPE_MENTION' as type,
          jsonb_build_object('mention',
            jsonb_build_object('chat_id', m.chat_id, 'message_id', m.id, 'title', coalesce(c.title, ''))) as payload,
          m.sender_id as actor_id, 'message.sent:' || m.id as cause, 0 as rank
     from given g
     join messages m on m.id = g.subject_id and m.text like '%@%'
     join chats c on c.id = m.chat_id
    cross join lateral (${namedIn("m.text")}) named
     join chat_members member on member.chat_id = m.chat_id and member.user_id = named.user_id`,
);

/** Notifies those whom messages name. */
export async function notifyOfMessages(queries: Queries, updates: readonly StoredUpdate[]): Promise<void> {
  await insertDue(queries, mentionsInMessages, updates);
}
