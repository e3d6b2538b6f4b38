// Bytes that are encrypted and cannot be changed unnoticed: AES-256-GCM, as a nonce, the encrypted bytes, and a tag.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/** Encrypts bytes with a key of 32 bytes. */
export function encryptBytes(key: Uint8Array, bytes: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce);
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** The bytes; undefined when they were encrypted with another key, or changed. */
export function decryptBytes(key: Uint8Array, encrypted: Buffer): Buffer | undefined {
  if (encrypted.length < nonceBytes + tagBytes) return undefined;
  const end = encrypted.length - tagBytes;
  const nonce = encrypted.subarray(0, nonceBytes);
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAuthTag(
    encrypted.subarray(end),
  );
  try {
    return Buffer.concat([decipher.update(encrypted.subarray(nonceBytes, end)), decipher.final()]);
  } catch {
    return undefined;
  }
}
