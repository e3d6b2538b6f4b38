// A token that its holder alone knows: the database has its hash.
import { createHash, randomBytes } from "node:crypto";

/** 32 random bytes in base64url: 43 characters. */
export function randomToken(): string {
  return randomBytes(32).toString("base64url");
}

const pattern = /^[A-Za-z0-9_-]{43}$/;

/** SHA-256 of a token, 32 bytes; undefined for a text that is none. Its 256 random bits need no slower hash. */
export function hashToken(token: string): Buffer | undefined {
  return pattern.test(token) ? createHash("sha256").update(token).digest() : undefined;
}
