// Opens what tells people what happens: the hub of those who follow topics, and who is connected and writing.
import type { Logger } from "pino";
import type { Database } from "../platform/database/database.js";
import type { Signals } from "../platform/signals/signals.js";
import type { Feed } from "../platform/updates/feed/feed.js";
import { Hub } from "./hub.js";
import { Presence } from "./presence/presence.js";
import { Typing } from "./presence/typing.js";

export interface RealtimeParts {
  readonly database: Database;
  readonly signals: Signals;
  readonly feed: Feed;
  readonly log: Logger;
  /** Whether people can see of each other that they are connected and writing. */
  readonly hasPresence: boolean;
}

export interface Realtime {
  readonly hub: Hub;
  /** Undefined where the operator has switched them off. */
  readonly presence: Presence | undefined;
  readonly typing: Typing | undefined;
  /** To be called when no socket is open any more. */
  close(): Promise<void>;
}

/** Opens it. */
export function openRealtime({ database, signals, feed, log, hasPresence }: RealtimeParts): Realtime {
  const hub = new Hub({ feed, database, log });
  const presence = hasPresence ? new Presence({ database, signals, log }) : undefined;
  const typing = hasPresence ? new Typing({ hub, database, signals }) : undefined;
  return {
    hub,
    presence,
    typing,
    async close() {
      typing?.close();
      await presence?.close();
      hub.close();
    },
  };
}
