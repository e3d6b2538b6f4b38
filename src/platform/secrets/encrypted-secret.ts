// A secret as the database keeps it: encrypted with a key that is derived from SECRET_KEY.
import { deriveKey } from "./derived-key.js";
import { encryptBytes, decryptBytes } from "./authenticated-encryption.js";

/** Encrypts a secret for one purpose: another purpose cannot read it. */
export function encrypt(secretKey: string, purpose: string, secret: Buffer): Buffer {
  return encryptBytes(deriveKey(secretKey, purpose), secret);
}

/** The secret; undefined when it was encrypted with another SECRET_KEY or for another purpose, or was changed. */
export function decrypt(secretKey: string, purpose: string, encrypted: Buffer): Buffer | undefined {
  return decryptBytes(deriveKey(secretKey, purpose), encrypted);
}
