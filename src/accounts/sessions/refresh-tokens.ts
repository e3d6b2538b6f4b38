// Refresh tokens: opaque to clients; for the server a session, the generation of the token in it, and a MAC over both.
// Whether a generation is still valid is decided by the store.
import { createHmac, timingSafeEqual } from "node:crypto";
import { deriveKey } from "./keys.js";

/** The position of a refresh token: a session, and a generation in it. */
export interface RefreshTokenPlace {
  readonly sessionId: string;
  readonly generation: number;
}

export interface RefreshTokens {
  /** The token of a place; always the same for the same place. */
  write(place: RefreshTokenPlace): string;
  /** The place of a token; undefined when it was not made with this key. Needs no query. */
  read(token: string): RefreshTokenPlace | undefined;
}

// 16 bytes of session id, 6 of generation, 32 of HMAC-SHA-256: 72 characters of base64url, without padding.
const placeBytes = 22;
const tokenPattern = /^[A-Za-z0-9_-]{72}$/;

/**
 * Makes and reads refresh tokens.
 *
 * A token is derived from its place and the secret key, so that a client that lost a response can be given the same
 * token again. The database holds only the place, neither a token nor a hash of one: a stolen database holds nothing
 * from which a token could be derived, and nothing that would have to be compared in constant time.
 */
export function createRefreshTokens(secretKey: string): RefreshTokens {
  const key = deriveKey(secretKey, "refresh token");
  const mac = (place: Buffer): Buffer => createHmac("sha256", key).update(place).digest();
  return {
    write({ sessionId, generation }) {
      const place = Buffer.alloc(placeBytes);
      place.write(sessionId.replaceAll("-", ""), "hex");
      place.writeUIntBE(generation, 16, 6);
      return Buffer.concat([place, mac(place)]).toString("base64url");
    },
    read(token) {
      if (!tokenPattern.test(token)) return undefined;
      const bytes = Buffer.from(token, "base64url");
      const place = bytes.subarray(0, placeBytes);
      if (!timingSafeEqual(bytes.subarray(placeBytes), mac(place))) return undefined;
      const hex = place.toString("hex", 0, 16);
      const sessionId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
      return { sessionId, generation: place.readUIntBE(16, 6) };
    },
  };
}
