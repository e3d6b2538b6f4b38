// Recovery codes: ten texts that replace an authenticator app, each once. Knows no database.
import { createHmac, randomBytes } from "node:crypto";
import { deriveKey } from "../../platform/secrets/derived-key.js";

export interface RecoveryCodes {
  /** Ten new codes, as a person is shown them. */
  make(): string[];
  /** What is stored of a code of a user. It is the same with and without the hyphen, and in small letters. */
  hash(code: string, userId: number): Buffer;
}

const count = 10;
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** 50 random bits in base32: `7KQ2M-XW4TA`. */
function newCode(): string {
  const letters = [...randomBytes(10)].map((byte) => alphabet[byte % alphabet.length]).join("");
  return `${letters.slice(0, 5)}-${letters.slice(5)}`;
}

/** An HMAC with a key of its own, so that 50 bits are enough for what a copy of the database has of them. */
export function createRecoveryCodes(secretKey: string): RecoveryCodes {
  const key = deriveKey(secretKey, "recovery code");
  return {
    make: () => Array.from({ length: count }, newCode),
    hash(code, userId) {
      const letters = code.replace(/[\s-]/g, "").toUpperCase();
      return createHmac("sha256", key).update(`${userId} ${letters}`).digest();
    },
  };
}
