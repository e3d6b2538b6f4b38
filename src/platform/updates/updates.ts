// Updates: what happened in the system, for whom it concerns. Knows no domain: a topic and a kind are names.
import type { Queries } from "../database/database.js";
import { insertUpdates } from "./updates-store.js";

/**
 * Whom an update is for: the members of a chat, one person alone, the people of a group, everybody in the school, or its staff. It is
 * no right to see anything: whoever reads about a thing is asked again whether they may see it.
 */
export type Topic = `chat:${number}` | `user:${number}` | `group:${number}` | "school" | "staff";

/** What happened, as `thing.act`: `message.sent`. */
export type UpdateKind = `${string}.${string}`;

export interface Update {
  readonly topic: Topic;
  readonly kind: UpdateKind;
  /** The id of what it happened to. */
  readonly subjectId: number;
}

/**
 * Records updates in the transaction of their act, each as the next of its topic: there is one for each act that happened, and none
 * for one that was rolled back. They are written as the last of the transaction, since their topics are locked from then until it
 * ends. `actorId` is who did it, absent for the system.
 */
export async function recordUpdates(
  queries: Queries,
  actorId: number | undefined,
  updates: readonly Update[],
): Promise<void> {
  if (updates.length === 0) return;
  const rows = updates.map(({ topic, kind, subjectId }) => ({ topic, kind, subject_id: subjectId, actor_id: actorId }));
  if (queries.last) queries.last.add(insertUpdates, rows);
  else await insertUpdates(queries, rows);
}
