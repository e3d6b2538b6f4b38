// Secrets and signatures of Standard Webhooks, version 1, and the encryption of what an endpoint keeps secret.
import { createHmac, randomBytes } from "node:crypto";
import { decryptBytes, encryptBytes } from "../platform/secrets/authenticated-encryption.js";

const prefix = "whsec_";

/** A new key of 32 bytes. */
export function newSecret(): Buffer {
  return randomBytes(32);
}

/** The key as its owner is given it. */
export function secretText(secret: Buffer): string {
  return prefix + secret.toString("base64");
}

/** The value of `webhook-signature`: a signature of the body with each of the keys. */
export function signatures(secrets: readonly Buffer[], id: string, timestamp: number, body: Buffer): string {
  return secrets
    .map((secret) => `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.`).update(body).digest("base64")}`)
    .join(" ");
}

/** What is encrypted of endpoints, with the key that is derived for it from SECRET_KEY. */
export class WebhookSecrets {
  constructor(readonly key: Uint8Array) {}

  encrypt(value: Buffer | string): Buffer {
    return encryptBytes(this.key, Buffer.from(value));
  }

  /** Undefined when it was encrypted with another SECRET_KEY. */
  decrypt(encrypted: Buffer): Buffer | undefined {
    return decryptBytes(this.key, encrypted);
  }
}
