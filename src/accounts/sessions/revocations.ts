// The sessions that ended while their access tokens may still be good: a small set in memory, the same in every process.
import type { Logger } from "pino";
import type { Database, DatabaseServer, Listener } from "../../platform/database/database.js";
import { listRevoked, revocationChannel } from "../store.js";

export interface Revocations {
  /** Whether the session has ended. */
  has(sessionId: string): boolean;
  /** Ends it for this process at once; the others hear of it from the database. */
  add(sessionId: string): void;
  close(): Promise<void>;
}

export interface RevocationOptions {
  readonly database: Database;
  readonly listen: DatabaseServer["listen"];
  /** How long an access token is good; an ended session is remembered as long, and a little longer. */
  readonly accessTokenSeconds: number;
  readonly log: Logger;
  /** Milliseconds since 1970; Date.now when absent. */
  readonly now?: () => number;
}

/** For clocks that are apart, and for what was under way. */
const graceSeconds = 60;

/**
 * Loads the ended sessions and keeps up with those that end from now on, in whatever process.
 * When the connection that hears of them breaks, what was missed is loaded on its return.
 */
export async function watchRevocations(options: RevocationOptions): Promise<Revocations> {
  const { database, listen, log, now = Date.now } = options;
  const seconds = options.accessTokenSeconds + graceSeconds;
  // From session to the moment it may be forgotten; the oldest first, since all are remembered equally long.
  const ended = new Map<string, number>();

  const add = (sessionId: string): void => {
    for (const [id, until] of ended) {
      if (until > now()) break;
      ended.delete(id);
    }
    ended.delete(sessionId);
    ended.set(sessionId, now() + seconds * 1000);
  };
  const load = async (): Promise<void> => {
    for (const { id } of await listRevoked(database, seconds)) add(id);
  };
  const reload = (): void => {
    load().catch((error: unknown) => log.error({ err: error }, "Ended sessions could not be loaded"));
  };

  // Listening comes before loading, so that nothing falls between the two.
  const listener: Listener = await listen(revocationChannel, add, reload);
  await load();
  return { has: (sessionId) => ended.has(sessionId), add, close: () => listener.close() };
}
