// The text of an API key: `lyc_`, 8 characters that are shown, 43 that are secret, and a checksum of 6. All of it are letters and
// digits, so that a double click selects it, and a scanner for secrets finds it and knows a real one.
import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** The beginning of every key. */
export const keyMark = "lyc_";
const shownLength = keyMark.length + 8;
const checksumLength = 6;
const keyPattern = /^lyc_[0-9A-Za-z]{57}$/;

/** Makes a key. It has 256 random bits beside those that are shown. */
export function newKey(): string {
  const text = keyMark + base62(randomBytes(5), 8).slice(-8) + base62(randomBytes(32), 43);
  return text + checksum(text);
}

/** Whether a text can be a key: by its form and its checksum, without a query. A misspelt key cannot. */
export function isKey(text: string): boolean {
  return keyPattern.test(text) && checksum(text.slice(0, -checksumLength)) === text.slice(-checksumLength);
}

/** How a key begins, for people. */
export function shownPart(key: string): string {
  return key.slice(0, shownLength);
}

/**
 * What is stored of a key, and what it is found by: SHA-256. A slow hash is for what people choose. To find a hash by an index tells
 * nothing of a key by its time, since nobody can choose the beginning of a hash.
 */
export function hashOfKey(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

function checksum(text: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return base62(bytes, checksumLength);
}

/** The number that the bytes are, with leading zeros up to `length`. */
function base62(bytes: Buffer, length: number): string {
  let rest = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (; rest > 0n; rest /= 62n) text = alphabet[Number(rest % 62n)]! + text;
  return text.padStart(length, "0");
}
