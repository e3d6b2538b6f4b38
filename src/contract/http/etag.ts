// Entity tags (RFC 9110, section 8.8.3): "<version>.<hash of the body>-<codec>[-<coding>]". Strong, because two bodies
// with one tag are the same to the last byte; the version in front is what a precondition compares.
import { createHash } from "node:crypto";

/** The part of a tag that does not depend on the coding. */
export function tagOf(version: number, body: Buffer, codec: string): string {
  return `${version}.${createHash("sha256").update(body).digest("base64url").slice(0, 16)}-${codec}`;
}

/** Whether If-None-Match names the tag; compared weakly, as RFC 9110 has it for GET. */
export function isNamed(header: string, tag: string): boolean {
  return header.trim() === "*" || tagsIn(header).includes(tag);
}

/**
 * The versions that an If-Match header names; undefined for `*` and for no header: any version will do.
 * A tag that is not one of ours names no version, so that an If-Match with nothing else matches nothing.
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
