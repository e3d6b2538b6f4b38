// What is known of the resource that a method changes, from the contract alone: for preconditions on a method that evaluates none.
import type { KnownState } from "./http/preconditions.js";
import type { Method } from "./model/method.js";
import { readerAt } from "./model/tags.js";

/** Undefined where preconditions are evaluated: by the method (`if_match`), or with the answer of a read. */
export function provableState(method: Method, methods: readonly Method[]): KnownState | undefined {
  const { verb, ifMatch, isStream } = method;
  if (ifMatch || (verb === "GET" && !isStream)) return undefined;
  const read = readerAt(method.path, methods);
  const isOfBytes = read !== undefined && read.produces.length > 0 && !read.isStream && !read.streamed;
  const isTagged = read?.etag !== undefined || isOfBytes;
  // A change of what does not exist fails. A list is there as soon as something can be added to it.
  if (verb === "PATCH" || verb === "DELETE" || verb === "GET") return { exists: true, isTagged };
  const isList = read !== undefined && !isOfBytes && !read.etag?.version.length;
  if (verb === "PUT" || (read && !isList)) return { exists: undefined, isTagged };
  return { exists: isList, isTagged };
}
