// API keys as credentials: from a key to its caller. A key that was seen costs no query, until something about its owner or their
// keys changes, of which every process is notified.
//
// A change is known to all processes as soon as one of access tokens is (sessions/revocations.ts). A process that cannot know asks the
// database for each request, and answers 503 when that fails.
import type { Caller } from "../../call.js";
import type { Database, DatabaseServer, Queries } from "../../platform/database/database.js";
import { invalidKey, twoCredentials } from "../challenge.js";
import { hashOfKey, isKey } from "./key-text.js";
import { createLastUses } from "./last-uses.js";
import { type KeyHeaders, presentedKey } from "./presented-key.js";
import { findLiveKey, keysChannel, updateLastUses } from "./store.js";

/** The caller of a request that presents an API key; undefined where it presents none. Throws as KnownKeys.callerOf, and for two keys. */
export type AuthenticateKey = (headers: KeyHeaders) => Caller | Promise<Caller> | undefined;

export interface KnownKeys {
  /**
   * The caller of a key: its owner, with the role that they have now; a promise where the database has to be asked. Throws
   * INVALID_TOKEN when it is no key, unknown, expired or revoked, or its owner may not use it now, and DATABASE_UNAVAILABLE when that
   * cannot be known.
   */
  callerOf(key: string): Caller | Promise<Caller>;
  /** Forgets the keys of a user: what they may do has changed. The other processes are notified by the database. */
  forget(userId: number): void;
  /** Writes when keys were last used, and stops listening. */
  close(): Promise<void>;
}

export interface KnownKeysOptions {
  readonly database: Database;
  readonly listen: DatabaseServer["listen"];
  /** Whether an owner needs a second factor and has none: their keys are then as their sessions. */
  readonly isFactorMissing: (queries: Queries, owner: Pick<Caller, "id" | "role">) => Promise<boolean>;
  /** How many keys are remembered; 10,000 when absent. */
  readonly remembered?: number;
  /** Milliseconds since 1970; Date.now when absent. */
  readonly now?: () => number;
}

interface KnownKey {
  readonly id: number;
  readonly caller: Caller;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Listens for changes. Rejects with DATABASE_UNAVAILABLE. */
export async function watchKeys(options: KnownKeysOptions): Promise<KnownKeys> {
  const { database, listen, isFactorMissing, remembered = 10_000, now = Date.now } = options;
  const known = new Map<string, KnownKey>();
  /** The look-ups under way, so that a key that many requests bring at once is looked up once. */
  const asked = new Map<string, Promise<Caller>>();
  const lastUses = createLastUses({ write: (uses) => updateLastUses(database, uses), now });

  /** What is being looked up may be of before a change: it is the answer to those who asked before, and is not kept. */
  const forget = (userId: number): void => {
    asked.clear();
    for (const [key, { caller }] of known) if (caller.id === userId) known.delete(key);
  };
  const changes = await listen(
    keysChannel,
    (payload) => forget(Number(payload)),
    async () => {
      asked.clear();
      known.clear();
    },
  );

  function lookUp(key: string): Promise<Caller> {
    const found = asked.get(key);
    if (found) return found;
    const looking: Promise<Caller> = find(key, () => asked.get(key) === looking).finally(() => {
      if (asked.get(key) === looking) asked.delete(key);
    });
    asked.set(key, looking);
    return looking;
  }

  async function find(key: string, isToBeKept: () => boolean): Promise<Caller> {
    const row = await findLiveKey(database, hashOfKey(key));
    if (!row) {
      if (isToBeKept()) known.delete(key);
      throw invalidKey();
    }
    const { id, user_id, role, scopes, expires_at } = row;
    const mustEnrol = await isFactorMissing(database, { id: user_id, role });
    const caller: Caller = Object.freeze({
      id: user_id,
      role,
      sessionId: "",
      means: "api_key",
      apiKeyId: id,
      scopes: Object.freeze(scopes),
      ...(mustEnrol && { mustEnrol }),
    });
    if (isToBeKept()) {
      // Evicts the oldest entry; if it is still in use, it costs one more query.
      if (known.size >= remembered) known.delete(known.keys().next().value!);
      known.set(key, { id, caller, expiresAt: Date.parse(expires_at) });
    }
    lastUses.note(id);
    return caller;
  }

  return {
    callerOf(key) {
      const entry = known.get(key);
      if (entry && changes.isCurrent) {
        if (entry.expiresAt <= now()) {
          known.delete(key);
          throw invalidKey();
        }
        lastUses.note(entry.id);
        return entry.caller;
      }
      if (!entry && !isKey(key)) throw invalidKey();
      return lookUp(key);
    },
    forget,
    async close() {
      await lastUses.close();
      await changes.close();
    },
  };
}

/** Authenticates requests by the API keys that they present. */
export function keyAuthenticator({ callerOf }: Pick<KnownKeys, "callerOf">): AuthenticateKey {
  return (headers) => {
    const presented = presentedKey(headers);
    if (!presented) return undefined;
    if (presented.key === undefined) throw twoCredentials();
    return callerOf(presented.key);
  };
}
