// A secret as the database keeps it: encrypted with a key that is derived from SECRET_KEY (AES-256-GCM).
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { deriveKey } from "./derived-key.js";

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/** Encrypts a secret for one purpose: another purpose cannot read it. */
export function encrypt(secretKey: string, purpose: string, secret: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, deriveKey(secretKey, purpose), nonce);
  return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
}

/** The secret; undefined when it was encrypted with another SECRET_KEY or for another purpose, or was changed. */
export function decrypt(secretKey: string, purpose: string, encrypted: Buffer): Buffer | undefined {
  if (encrypted.length < nonceBytes + tagBytes) return undefined;
  const nonce = encrypted.subarray(0, nonceBytes);
  const decipher = createDecipheriv(algorithm, deriveKey(secretKey, purpose), nonce, { authTagLength: tagBytes });
  decipher.setAuthTag(encrypted.subarray(encrypted.length - tagBytes));
  try {
    return Buffer.concat([
      decipher.update(encrypted.subarray(nonceBytes, encrypted.length - tagBytes)),
      decipher.final(),
    ]);
  } catch {
    return undefined;
  }
}
