// Which answers have an ETag: what a GET for users reads, and what a change made or changed.
import type { Method } from "./method.js";
import type { Tag } from "./options/etag.js";
import { fieldNamed } from "./well-known-types.js";

type Route = Pick<Method, "verb" | "path" | "access" | "created" | "produces" | "response" | "etag">;

/** The method that reads what is at a path or at a Location, whatever its path fields are called. */
export function readerAt<Known extends Route>(path: string, methods: readonly Known[]): Known | undefined {
  return methods.find((other) => other.verb === "GET" && shape(other.path) === shape(path));
}

/**
 * The tag of a method's answer; undefined where it has none. A GET of a message has one, also without the option, except
 * where anyone may ask: what is public is the state of the process (health), which is asked for anew each time.
 */
export function tagOf(method: Route, methods: readonly Route[]): Tag | undefined {
  if (method.verb !== "GET") return tagOfChange(method, methods);
  const isMessage = method.produces.length === 0 && method.response.fullName !== ".google.protobuf.Empty";
  const isKept = isMessage && method.access !== "ACCESS_PUBLIC";
  return method.etag ?? (isKept ? { version: [], isRead: true } : undefined);
}

/**
 * The tag of a change: the version is that of the resource, so that the tag can be used in If-Match. Undefined where the
 * answer is not the resource, or the resource has no version; also for PUT, because a tag there would say that the bytes of
 * the request were stored (RFC 9110, section 9.3.4).
 */
function tagOfChange({ verb, path, created, response }: Route, methods: readonly Route[]): Tag | undefined {
  if (verb !== "POST" && verb !== "PATCH") return undefined;
  const read = readerAt(created ?? path, methods);
  const [first, ...rest] = read?.etag?.version ?? [];
  if (!read || first === undefined) return undefined;
  if (read.response === response) return { version: [first, ...rest], isRead: false };
  // The answer to the read holds the resource beside other things.
  return fieldNamed(read.response, first)?.resolvedType === response ? { version: rest, isRead: false } : undefined;
}

function shape(path: string): string {
  return path.replace(/\{[^}]*\}/g, "{}");
}
