// What is stored of a request with an idempotency key: hashes of the key and of the request, and its answer, encrypted with a key
// that is derived from the server's secret and from the idempotency key. The latter is not stored: a copy of the table tells nothing,
// nor does it together with the secret, unless the idempotency key can be guessed.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/** The names and the secrets of one key of one caller. */
export interface KeySecrets {
  /** 32 bytes for the caller. */
  readonly owner: Buffer;
  /** 32 bytes for the key of this caller. */
  readonly id: Buffer;
  /** 32 bytes for a request; the same ones only for the same request. */
  fingerprint(request: string): Buffer;
  /** The answer, encrypted, so that `decrypt` finds out whether it was changed. */
  encrypt(answer: Buffer): Buffer;
  /** Throws an Error when it was not encrypted with these secrets. */
  decrypt(stored: Buffer): Buffer;
}

/** Derives them from a secret of the server, a name of the caller and the key of the request. */
export function keySecrets(serverKey: Uint8Array, caller: string, key: string): KeySecrets {
  const digest = (secret: Uint8Array, ...parts: string[]): Buffer =>
    createHmac("sha256", secret).update(JSON.stringify(parts)).digest();
  const id = digest(serverKey, "key", caller, key);
  const derived = (purpose: string): Buffer => Buffer.from(hkdfSync("sha256", serverKey, key, purpose, 32));
  return {
    owner: digest(serverKey, "caller", caller),
    id,
    fingerprint: (request) => digest(derived("fingerprint"), request),
    encrypt(answer) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, derived("answer"), nonce).setAAD(id);
      const text = Buffer.concat([cipher.update(answer), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]);
    },
    decrypt(stored) {
      const nonce = stored.subarray(0, nonceBytes);
      const decipher = createDecipheriv(algorithm, derived("answer"), nonce, { authTagLength: tagBytes }).setAAD(id);
      decipher.setAuthTag(stored.subarray(nonceBytes, nonceBytes + tagBytes));
      return Buffer.concat([decipher.update(stored.subarray(nonceBytes + tagBytes)), decipher.final()]);
    },
  };
}
