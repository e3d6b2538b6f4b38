// Why an access token is refused before it expires: its session was revoked, or its user has another role now. What has changed
// recently is a small set in memory, the same in every process; while it may be out of date, the database is asked.
//
// The promise: a second after a logout was answered, or a role was changed, no process accepts the token, whatever happens to
// the network; while everything works it takes as long as a notification. A process that cannot know asks the database for each
// token, and answers 503 when that fails.
import type { Caller } from "../../call.js";
import type { Role } from "../../gen/lyceum/v1/user.js";
import type { Database, DatabaseServer } from "../../platform/database/database.js";
import { RecentMap } from "../../platform/recent-map.js";
import { isLive, listChangedRoles, listRevoked, revocationChannel, roleChannel } from "./store.js";

export interface Revocations {
  /**
   * Whether the access tokens of this session with this role are refused. A promise, which rejects with DATABASE_UNAVAILABLE, where
   * the database has to be asked: while this process may have missed something, and for a role that was changed.
   */
  isRevoked(caller: Caller): boolean | Promise<boolean>;
  /** Makes a revocation known to this process at once; the other processes are notified by the database. */
  add(sessionId: string): void;
  /** Stops listening. */
  close(): Promise<void>;
}

export interface RevocationOptions {
  readonly database: Database;
  readonly listen: DatabaseServer["listen"];
  /** The lifetime of an access token; a change is remembered as long, and a little longer. */
  readonly accessTokenSeconds: number;
  /** Milliseconds since 1970; Date.now when absent. */
  readonly now?: () => number;
}

/** For clocks that differ, and for tokens issued just before the change. */
const graceSeconds = 60;

/** Loads what has changed recently, and listens for further changes, by whatever process. Rejects with DATABASE_UNAVAILABLE. */
export async function watchRevocations(options: RevocationOptions): Promise<Revocations> {
  const { database, listen, now = Date.now } = options;
  const seconds = options.accessTokenSeconds + graceSeconds;
  const revoked = new RecentMap<string, true>(seconds * 1000, now);
  const roles = new RecentMap<number, Role>(seconds * 1000, now);

  const add = (sessionId: string): void => revoked.set(sessionId, true);
  const ofSessions = await listen(revocationChannel, add, async () => {
    for (const id of await listRevoked(database, seconds)) add(id);
  });
  const ofRoles = await listen(
    roleChannel,
    (payload) => {
      const [id, role] = payload.split(" ");
      roles.set(Number(id), role as Role);
    },
    async () => {
      for (const { id, role } of await listChangedRoles(database, seconds)) roles.set(id, role);
    },
  );

  return {
    isRevoked(caller) {
      if (revoked.get(caller.sessionId)) return true;
      // A token with another role may be older than the change that is known here, or newer.
      const hasKnownRole = (roles.get(caller.id) ?? caller.role) === caller.role;
      if (hasKnownRole && ofSessions.isCurrent && ofRoles.isCurrent) return false;
      return isLive(database, caller).then((live) => !live);
    },
    add,
    async close() {
      await Promise.all([ofSessions.close(), ofRoles.close()]);
    },
  };
}
