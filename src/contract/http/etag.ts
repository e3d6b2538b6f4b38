// Entity tags (RFC 9110, section 8.8.3): of a message "[<version>.]<hash of the body>-<codec>[-<coding>]", of bytes their hash.
// They are strong: two bodies with the same tag are equal byte for byte.
import { createHash, hash } from "node:crypto";
import type { Plain } from "../codecs/codec.js";

/** The part of a message's tag that does not depend on the coding. A list has no version. */
export function tagOf(version: number | undefined, body: Buffer, codec: string): string {
  // In one call, which for a small body takes a fifth of the time of createHash.
  const digest = hash("sha256", body, "base64url").slice(0, 16);
  return `${version === undefined ? "" : `${version}.`}${digest}-${codec}`;
}

/** The tag of an answer that is no message, by the SHA-256 of its bytes. */
export function tagOfBytes(hash: Buffer): string {
  return hash.toString("base64url").slice(0, 22);
}

export function sha256(data: Buffer): Buffer {
  return createHash("sha256").update(data).digest();
}

/** The version in an answer; undefined for one that is no resource with a version. `path` leads to it. */
export function versionOf(response: object, path: readonly string[]): number | undefined {
  if (path.length === 0) return undefined;
  return path.reduce<unknown>((here, name) => (here as Plain)[name], response) as number;
}
