// Entity tags (RFC 9110, section 8.8.3): of a message "<version>.<hash of the body>-<codec>[-<coding>]", of bytes their hash.
// They are strong: two bodies with the same tag are equal byte for byte.
import { createHash } from "node:crypto";

/** The part of a message's tag that does not depend on the coding. */
export function tagOf(version: number, body: Buffer, codec: string): string {
  return `${version}.${sha256(body).toString("base64url").slice(0, 16)}-${codec}`;
}

/** The tag of an answer that is no message, by the SHA-256 of its bytes. */
export function tagOfBytes(hash: Buffer): string {
  return hash.toString("base64url").slice(0, 22);
}

export function sha256(data: Buffer): Buffer {
  return createHash("sha256").update(data).digest();
}
