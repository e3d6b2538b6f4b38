// What is stored of a request with an idempotency key: hashes of the key and of the request, and its answer, encrypted with a key
// that is derived from the server's secret and from the idempotency key. The latter is not stored: a copy of the table tells nothing,
// nor does it together with the secret, unless the idempotency key can be guessed.
import { createHmac } from "node:crypto";
import { encryptBytes, decryptBytes } from "../../platform/secrets/authenticated-encryption.js";

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
  const derived = (purpose: string): Buffer => digest(serverKey, purpose, caller, key);
  return {
    owner: digest(serverKey, "caller", caller),
    id: derived("key"),
    fingerprint: (request) => digest(derived("fingerprint"), request),
    encrypt: (answer) => encryptBytes(derived("answer"), answer),
    decrypt(stored) {
      const answer = decryptBytes(derived("answer"), stored);
      if (answer === undefined) throw new Error("the answer of an idempotency key was changed in the database");
      return answer;
    },
  };
}
