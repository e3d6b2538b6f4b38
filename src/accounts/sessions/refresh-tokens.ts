// Refresh tokens: opaque to clients; to us a session, the number of a token in it, and a MAC over both.
// Knows nothing of which number is good now: that is the store's to say.
import { createHmac, timingSafeEqual } from "node:crypto";
import { deriveKey } from "./keys.js";

/** Which token of which session it is. */
export interface RefreshTokenPlace {
  readonly sessionId: string;
  readonly generation: number;
}

export interface RefreshTokens {
  /** The token of a place; always the same one for the same place. */
  write(place: RefreshTokenPlace): string;
  /** The place of a token; undefined when it was not made by us. Costs no query. */
  read(token: string): RefreshTokenPlace | undefined;
}

// 16 bytes of session id, 6 of generation, 32 of HMAC-SHA-256: 72 characters of base64url, with none left over.
const placeBytes = 22;
const tokenPattern = /^[A-Za-z0-9_-]{72}$/;

/**
 * Makes and reads refresh tokens.
 *
 * A token is derived from its place and the secret key, so that the same child can be given again to a client that
 * lost the answer. The database keeps the place alone: neither a token nor a hash of one, so a stolen database holds
 * nothing that a token could be made or guessed from, and there is nothing in it to compare in constant time.
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
