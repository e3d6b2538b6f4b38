// The methods of what happens: tickets, the long poll, the stream, and what a person shows of themselves.
import { setTimeout as delay } from "node:timers/promises";
import type { Call, Handlers } from "../call.js";
import { ApiError } from "../errors.js";
import type { RealtimeService } from "../gen/lyceum/v1/realtime.js";
import { mostTopics, readCursor } from "./cursor.js";
import type { Hub } from "./hub.js";
import { hasMessages } from "./told-update.js";
import { makeTicket } from "./tickets.js";
import { findSettings, upsertSettings } from "./settings-store.js";
import type { Position } from "./topics.js";
import type { Presence } from "./presence/presence.js";
import type { Typing } from "./presence/typing.js";
import { UpdateStream } from "./update-stream.js";

export interface RealtimeDeps {
  readonly hub: Hub;
  /** Undefined where the operator has switched them off. */
  readonly presence: Presence | undefined;
  readonly typing: Typing | undefined;
  /** Aborted when this server stops: nobody waits any more, and goes on at another server. */
  readonly closing: AbortSignal;
}

/** While a request waits for updates, its caller is asked about so often, in milliseconds. */
const liveMs = 500;

/** The handlers of RealtimeService. */
export function realtimeHandlers({ hub, presence, closing }: RealtimeDeps): Handlers<RealtimeService> {
  async function begin(call: Call, positions: readonly Position[] | undefined): Promise<UpdateStream> {
    const stream = new UpdateStream({ hub, userId: call.user.id, hasMessages: hasMessages(call.user) });
    try {
      await stream.begin(positions, mostTopics);
    } catch (error) {
      stream.end();
      throw error;
    }
    return stream;
  }

  return {
    createRealtimeTicket: (_request, { user, database }) => makeTicket(database, user),

    async listUpdates({ topics, cursor, wait_seconds }, call) {
      if (closing.aborted && wait_seconds > 0)
        throw new ApiError("SHUTTING_DOWN", "The server is stopping", { retryAfterSeconds: 1 });
      const stream = await begin(call, positionsOf(topics, cursor));
      try {
        await untilNews(stream, call, 1000 * wait_seconds, closing);
        return stream.take();
      } finally {
        stream.end();
      }
    },

    async streamUpdates({ topics, cursor }, call) {
      return begin(call, positionsOf(topics, cursor));
    },

    getRealtimeSettings: (_request, { user, database }) => findSettings(database, user.id),

    async updateRealtimeSettings(request, { user, database }) {
      const settings = await upsertSettings(database, user.id, request);
      presence?.changed(user.id);
      return settings;
    },
  };
}

/** The positions that a request names; undefined for all of the caller's own topics. Throws CURSOR_INVALID. */
function positionsOf(topics: readonly string[], cursor: string): Position[] | undefined {
  const known = readCursor(cursor);
  const added = topics.filter((topic) => !known.some((position) => position.topic === topic));
  const positions = [...known, ...added.map((topic) => ({ topic, pts: undefined }))];
  if (positions.length > mostTopics)
    throw new ApiError("CURSOR_INVALID", `The cursor and the topics are more than ${mostTopics} together`);
  return positions.length > 0 ? positions : undefined;
}

/** Waits for something to tell, for at most so long and until the server stops, while the caller may hear it. */
async function untilNews(
  stream: UpdateStream,
  { signal, requireLive }: Call,
  ms: number,
  closing: AbortSignal,
): Promise<void> {
  const end = performance.now() + ms;
  const news = stream.untilNews();
  while (!stream.hasNews) {
    const left = end - performance.now();
    if (left <= 0 || closing.aborted) return;
    const later = delay(Math.min(left, liveMs), undefined, { ref: false, signal: closing });
    await Promise.race([news, later.catch(() => undefined)]);
    signal.throwIfAborted();
    await requireLive();
  }
}
