// What is known of the resource that a method changes, from the contract alone: for preconditions on a method that evaluates none.
import type { KnownState } from "./http/preconditions.js";
import type { Method } from "./model/method.js";

/** Undefined where preconditions are evaluated: by the method (`if_match`), or with the answer of a read. */
export function provableState(method: Method, methods: readonly Method[]): KnownState | undefined {
  const { verb, ifMatch, isStream } = method;
  if (ifMatch || (verb === "GET" && !isStream)) return undefined;
  const read = methods.find((other) => other.verb === "GET" && shape(other) === shape(method));
  const isTagged = read !== undefined && (read.etag !== undefined || (read.produces.length > 0 && !read.isStream));
  // A change of what does not exist fails. A list is there as soon as something can be added to it.
  if (verb === "PATCH" || verb === "DELETE" || verb === "GET") return { exists: true, isTagged };
  if (verb === "PUT" || isTagged) return { exists: undefined, isTagged };
  return { exists: read !== undefined, isTagged };
}

function shape({ path }: Method): string {
  return path.replace(/\{[^}]*\}/g, "{}");
}
