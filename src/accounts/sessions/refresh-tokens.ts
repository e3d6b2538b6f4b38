// Refresh tokens: opaque to clients; for the server a session, the generation of the token in it, and a MAC over both by a signing key.
// Whether a generation is still valid is decided by the store.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { SigningKey, SigningKeys } from "../signing-keys/signing-keys.js";

/** The position of a refresh token: a session, and a generation in it. */
export interface RefreshTokenPlace {
  readonly sessionId: string;
  readonly generation: number;
}

export interface RefreshTokens {
  /** The token of a place; always the same for the same place and key. */
  write(place: RefreshTokenPlace): string;
  /** The place of a token; undefined when it was not made with one of the keys. Asks the database for a key that is new alone. */
  read(token: string): Promise<RefreshTokenPlace | undefined>;
}

// 6 bytes with the number of the key, but none for number 0; 16 of session id, 6 of generation, 32 of HMAC-SHA-256: 80 or 72
// characters of base64url, without padding.
const keyBytes = 6;
const placeBytes = 22;
const macBytes = 32;
const tokenPattern = /^(?:[A-Za-z0-9_-]{72}|[A-Za-z0-9_-]{80})$/;

/**
 * Makes and reads refresh tokens.
 *
 * A token is derived from its place and a signing key, so that a client that lost a response can be given the same
 * token again. The database holds only the place, neither a token nor a hash of one: a stolen database holds nothing
 * from which a token could be derived, and nothing that would have to be compared in constant time.
 */
export function createRefreshTokens(keys: SigningKeys): RefreshTokens {
  const mac = ({ refresh }: SigningKey, signed: Buffer): Buffer =>
    createHmac("sha256", refresh).update(signed).digest();
  return {
    write({ sessionId, generation }) {
      const key = keys.newest();
      const place = Buffer.alloc(placeBytes);
      place.write(sessionId.replaceAll("-", ""), "hex");
      place.writeUIntBE(generation, 16, 6);
      const signed = Buffer.concat([numberOf(key), place]);
      return Buffer.concat([signed, mac(key, signed)]).toString("base64url");
    },
    async read(token) {
      if (!tokenPattern.test(token)) return undefined;
      const bytes = Buffer.from(token, "base64url");
      const signed = bytes.subarray(0, -macBytes);
      const id = signed.length > placeBytes ? signed.readUIntBE(0, keyBytes) : 0;
      const key = await keys.find(id);
      if (!key || numberOf(key).length + placeBytes !== signed.length) return undefined;
      if (!timingSafeEqual(bytes.subarray(-macBytes), mac(key, signed))) return undefined;
      const place = signed.subarray(-placeBytes);
      const hex = place.toString("hex", 0, 16);
      const sessionId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
      return { sessionId, generation: place.readUIntBE(16, 6) };
    },
  };
}

function numberOf({ id }: SigningKey): Buffer {
  if (id === 0) return Buffer.alloc(0);
  const number = Buffer.alloc(keyBytes);
  number.writeUIntBE(id, 0, keyBytes);
  return number;
}
