// Entity tags (RFC 9110, section 8.8.3): "<version>.<hash of the body>-<codec>[-<coding>]". They are strong: two bodies with
// the same tag are equal byte for byte. If-Match compares the version.
import { createHash } from "node:crypto";

/** The part of a tag that does not depend on the coding. */
export function tagOf(version: number, body: Buffer, codec: string): string {
  return `${version}.${createHash("sha256").update(body).digest("base64url").slice(0, 16)}-${codec}`;
}

/** Whether If-None-Match names the tag, by the weak comparison of RFC 9110, section 8.8.3.2. */
export function isNamed(header: string, tag: string): boolean {
  return header.trim() === "*" || tagsIn(header).includes(tag);
}

/**
 * The versions that an If-Match header names; undefined for `*` and without a header, when any version is accepted. A tag of
 * another form names no version, so an If-Match with such tags alone matches no version.
 */
export function versionsIn(header: string | undefined): number[] | undefined {
  if (header === undefined || header.trim() === "*") return undefined;
  return tagsIn(header).flatMap((tag) => {
    const version = Number(/^(\d{1,15})\./.exec(tag)?.[1]);
    return Number.isSafeInteger(version) ? [version] : [];
  });
}

function tagsIn(header: string): string[] {
  return [...header.slice(0, 8192).matchAll(/(?:W\/)?"([^"]*)"/g)].map((match) => match[1]!);
}
