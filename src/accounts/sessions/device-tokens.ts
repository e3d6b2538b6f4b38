// Device tokens: what a device keeps of a login, and shows at the next one. They let nobody in. They tell the tries of an account's
// own devices from the tries of others (OWASP, "Device cookies").
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { canonicalEmail } from "../../contract/validation/email.js";
import { deriveKey } from "../../platform/secrets/derived-key.js";

export interface DeviceTokens {
  /** A new token of a device on which somebody has logged in with this address. */
  issue(email: string): string;
  /** The id of the device; undefined when the token was not made with this key for this address. Needs no query. */
  read(token: string | undefined, email: string): string | undefined;
}

// 16 bytes of an id and 32 of HMAC-SHA-256: 64 characters of base64url, without padding.
const idBytes = 16;
const tokenPattern = /^[A-Za-z0-9_-]{64}$/;

/** Makes and reads device tokens. Nothing of them is stored: the MAC is over the id and the address. */
export function createDeviceTokens(secretKey: string): DeviceTokens {
  const key = deriveKey(secretKey, "device token");
  const mac = (id: Buffer, email: string): Buffer =>
    createHmac("sha256", key).update(id).update(canonicalEmail(email)).digest();
  return {
    issue(email) {
      const id = randomBytes(idBytes);
      return Buffer.concat([id, mac(id, email)]).toString("base64url");
    },
    read(token, email) {
      if (token === undefined || !tokenPattern.test(token)) return undefined;
      const bytes = Buffer.from(token, "base64url");
      const id = bytes.subarray(0, idBytes);
      return timingSafeEqual(bytes.subarray(idBytes), mac(id, email)) ? id.toString("base64url") : undefined;
    },
  };
}
