// Links to contents: a token that says which file, in which size and until when, with a code that only this server can make
// (HMAC-SHA-256). Nothing is stored for a link, and it ends with its time or with its file.
import { createHmac, timingSafeEqual } from "node:crypto";

/** What a link is to. */
export interface LinkTarget {
  readonly fileId: number;
  /** The side of an avatar; 0 for the largest. */
  readonly side: number;
  /** In whole seconds since 1970. */
  readonly expiresAt: number;
}

const claimBytes = 8 + 4 + 4;
/** 128 bits, cut as RFC 2104, section 5, permits. */
const codeBytes = 16;

/** The token of a link: 43 characters of base64url. */
export function writeToken(key: Uint8Array, { fileId, side, expiresAt }: LinkTarget): string {
  const claim = Buffer.alloc(claimBytes);
  claim.writeBigInt64BE(BigInt(fileId), 0);
  claim.writeUInt32BE(side, 8);
  claim.writeUInt32BE(expiresAt, 12);
  return Buffer.concat([claim, codeOf(key, claim)]).toString("base64url");
}

/** What a token is to; undefined for one that this server did not make, or whose time has passed at `now`. */
export function readToken(key: Uint8Array, token: string, now: Date): LinkTarget | undefined {
  const bytes = Buffer.from(token, "base64url");
  // One text for each token: the decoder passes over what is no base64url.
  if (bytes.length !== claimBytes + codeBytes || bytes.toString("base64url") !== token) return undefined;
  const claim = bytes.subarray(0, claimBytes);
  if (!timingSafeEqual(bytes.subarray(claimBytes), codeOf(key, claim))) return undefined;
  const expiresAt = claim.readUInt32BE(12);
  if (expiresAt * 1000 <= now.getTime()) return undefined;
  return { fileId: Number(claim.readBigInt64BE(0)), side: claim.readUInt32BE(8), expiresAt };
}

function codeOf(key: Uint8Array, claim: Buffer): Buffer {
  return createHmac("sha256", key).update(claim).digest().subarray(0, codeBytes);
}
