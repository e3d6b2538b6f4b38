// The keys that sign access tokens and refresh tokens. The newest signs; those before it verify, until the last token that they
// have signed is over. Every process holds the same keys: a change is notified.
import type { webcrypto } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Database, DatabaseServer } from "../../platform/database/database.js";
import { deriveKey } from "../../platform/secrets/derived-key.js";
import { decrypt } from "../../platform/secrets/encrypted-secret.js";
import { listSigningKeys, signingKeyChannel, type SigningKeyRow } from "./store.js";

export interface SigningKey {
  /** 0 for the key that is derived from SECRET_KEY, which tokens do not name. */
  readonly id: number;
  /** HMAC-SHA-256, for access tokens. */
  readonly access: webcrypto.CryptoKey;
  /** HMAC-SHA-256, for refresh tokens. */
  readonly refresh: Uint8Array;
}

export interface SigningKeys {
  /** The key to sign with. */
  newest(): SigningKey;
  /** Whether this process holds the key with this number. */
  has(id: number): boolean;
  /** The key with this number; undefined when there is none. A promise where the database has to be asked for a new one. */
  find(id: number): SigningKey | undefined | Promise<SigningKey | undefined>;
}

export interface WatchedSigningKeys extends SigningKeys {
  /** Stops listening. */
  close(): Promise<void>;
}

/** The purpose for which secrets of keys are encrypted. */
export const encryptionPurpose = "signing keys";
/** A new key signs after this time, when every process has heard of it, in milliseconds. */
const heardMs = 2_000;
/** The shortest time between two questions for keys that nobody knows, in milliseconds. */
const askedMs = 1_000;

/** The key with the number 0. */
export async function derivedSigningKey(secretKey: string): Promise<SigningKey> {
  return { id: 0, ...(await purposesOf(secretKey)) };
}

/** These keys, the oldest first, and no others. */
export function fixedSigningKeys(keys: readonly SigningKey[]): SigningKeys {
  const find: SigningKeys["find"] = (id) => keys.find((key) => key.id === id);
  return { newest: () => keys.at(-1)!, has: (id) => find(id) !== undefined, find };
}

/** Loads the keys, and listens for changes by whatever process. Rejects with DATABASE_UNAVAILABLE. */
export async function watchSigningKeys(
  { database, listen }: { readonly database: Database; readonly listen: DatabaseServer["listen"] },
  secretKey: string,
): Promise<WatchedSigningKeys> {
  /** By number, in ascending order. */
  let keys: readonly (SigningKey & { readonly signsFrom: number })[] = [];
  let askedAt = -Infinity;
  let asking: Promise<void> | undefined;
  /** Whether a key may have been made after the rows were read that are being loaded. */
  let isAskedAgain = false;

  async function load(): Promise<void> {
    const rows = await listSigningKeys(database);
    const opened = await Promise.all(rows.map(async (row) => keys.find(({ id }) => id === row.id) ?? open(row)));
    keys = opened.filter((key) => key !== undefined);
  }

  /** Undefined for a key of another SECRET_KEY. */
  async function open({ id, encrypted_secret, age_ms }: SigningKeyRow): Promise<(typeof keys)[number] | undefined> {
    const secret = encrypted_secret === undefined ? secretKey : decrypt(secretKey, encryptionPurpose, encrypted_secret);
    if (secret === undefined) return undefined;
    return { id, ...(await purposesOf(secret)), signsFrom: performance.now() + Math.max(0, heardMs - age_ms) };
  }

  async function loadAll(): Promise<void> {
    do {
      isAskedAgain = false;
      await load();
    } while (isAskedAgain);
  }

  /** Loads once at a time, and once more when asked meanwhile. */
  function renew(): Promise<void> {
    isAskedAgain = asking !== undefined;
    return (asking ??= loadAll().finally(() => (asking = undefined)));
  }

  let isClosed = false;
  /** Loads after a notification, again and again until that succeeds. */
  function hear(): void {
    askedAt = performance.now();
    renew().catch(async () => {
      await delay(askedMs, undefined, { ref: false });
      if (!isClosed) hear();
    });
  }

  const listener = await listen(signingKeyChannel, hear, renew);
  return {
    newest() {
      const now = performance.now();
      const key = keys.findLast(({ signsFrom }) => signsFrom <= now) ?? keys[0];
      if (!key) throw new Error("no signing key was made with this SECRET_KEY: `lyceum rotate-key` makes one");
      return key;
    },
    has: (id) => keys.some((key) => key.id === id),
    find(id) {
      const key = keys.find((each) => each.id === id);
      if (key || performance.now() - askedAt < askedMs)
        return key ?? asking?.then(() => keys.find((each) => each.id === id));
      askedAt = performance.now();
      return renew().then(() => keys.find((each) => each.id === id));
    },
    async close() {
      isClosed = true;
      await listener.close();
    },
  };
}

async function purposesOf(secret: string | Buffer): Promise<Omit<SigningKey, "id">> {
  const access = await crypto.subtle.importKey(
    "raw",
    deriveKey(secret, "access token"),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign", "verify"],
  );
  return { access, refresh: deriveKey(secret, "refresh token") };
}
