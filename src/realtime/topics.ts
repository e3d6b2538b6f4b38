// Topics as clients name them: whose updates can be followed, and which of them need a question to the database again and again.
import type { TopicStart } from "../gen/lyceum/v1/realtime.js";

/** A place in a topic; without a pts what happens from now on is meant. */
export interface Position {
  readonly topic: string;
  readonly pts: number | undefined;
}

/** So many updates of one topic are told to who has missed them; beyond that, what is known of the topic is to be read anew. */
export const mostMissed = 500;

/** Where a topic begins for who has a position in it. `oldest` is the first pts that is kept. */
export function startOf({ topic, pts }: Position, newest: number, oldest: number): TopicStart {
  if (pts === undefined) return { topic, pts: newest, is_too_long: false };
  const isWhole = pts <= newest && newest - pts <= mostMissed && (pts === newest || pts + 1 >= oldest);
  return { topic, pts: isWhole ? pts : newest, is_too_long: !isWhole };
}

/**
 * Whether the right to a topic can be lost while the caller stays who they are: a session ends with its role and its account, so a person's
 * own topic and that of the school need no further question.
 */
export function isAskedAgain(topic: string): boolean {
  return topic.startsWith("chat:") || topic.startsWith("group:");
}

/** The id of the chat whose topic it is; undefined for another topic. */
export function chatOf(topic: string): number | undefined {
  return topic.startsWith("chat:") ? Number(topic.slice("chat:".length)) : undefined;
}

/** Later positions of a topic take the place of earlier ones. */
export function lastOfEach(positions: readonly Position[]): Position[] {
  return [...new Map(positions.map((position) => [position.topic, position])).values()];
}
