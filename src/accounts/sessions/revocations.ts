// The revoked sessions whose access tokens may not have expired yet: a small set in memory, the same in every process.
import type { Logger } from "pino";
import type { Database, DatabaseServer, Listener } from "../../platform/database/database.js";
import { listRevoked, revocationChannel } from "./store.js";

export interface Revocations {
  /** Whether the session is revoked. */
  has(sessionId: string): boolean;
  /** Makes a revocation known to this process at once; the other processes are notified by the database. */
  add(sessionId: string): void;
  /** Stops listening. */
  close(): Promise<void>;
}

export interface RevocationOptions {
  readonly database: Database;
  readonly listen: DatabaseServer["listen"];
  /** The lifetime of an access token; a revoked session is remembered as long, and a little longer. */
  readonly accessTokenSeconds: number;
  readonly log: Logger;
  /** Milliseconds since 1970; Date.now when absent. */
  readonly now?: () => number;
}

/** For clocks that differ, and for tokens issued just before the revocation. */
const graceSeconds = 60;

/**
 * Loads the revoked sessions and listens for further revocations, by whatever process. After the listening connection
 * was lost and made again, the revoked sessions are loaded again. Rejects with DATABASE_UNAVAILABLE.
 */
export async function watchRevocations(options: RevocationOptions): Promise<Revocations> {
  const { database, listen, log, now = Date.now } = options;
  const seconds = options.accessTokenSeconds + graceSeconds;
  // From session to the moment when it can be forgotten. Insertion order is the order of these moments.
  const revoked = new Map<string, number>();

  const add = (sessionId: string): void => {
    for (const [id, until] of revoked) {
      if (until > now()) break;
      revoked.delete(id);
    }
    revoked.delete(sessionId);
    revoked.set(sessionId, now() + seconds * 1000);
  };
  const load = async (): Promise<void> => {
    for (const id of await listRevoked(database, seconds)) add(id);
  };
  const reload = (): void => {
    load().catch((error: unknown) => log.error({ err: error }, "Revoked sessions could not be loaded"));
  };

  // Listening starts before loading, so that no revocation is missed between the two.
  const listener: Listener = await listen(revocationChannel, add, reload);
  await load();
  return { has: (sessionId) => revoked.has(sessionId), add, close: () => listener.close() };
}
