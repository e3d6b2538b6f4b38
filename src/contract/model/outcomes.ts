// What a method can answer with: its one success, and every reason that it declares or that each method of its kind can
// give. Documents and contract cases read it; the server does not need it.
import protobuf from "protobufjs";
import { optionValues } from "./declared-options.js";
import type { Contract } from "./load.js";
import type { Method } from "./method.js";
import { reasonsOfOptions } from "./options/method-options.js";
import type { ReasonMeaning } from "./reasons.js";

/** The status of a method's success: 204 when it has nothing to say, 201 when it makes a resource, else 200. */
export function successOf(method: Method): 200 | 201 | 204 {
  if (method.response.fullName === ".google.protobuf.Empty") return 204;
  return method.created === undefined ? 200 : 201;
}

/**
 * Every reason that a method can answer with, by status, then in the order of problem.proto. Reasons of requests that
 * reach no method (ROUTE_NOT_FOUND, METHOD_NOT_ALLOWED) are not among them.
 */
export function reasonsOf(contract: Contract, method: Method): ReasonMeaning[] {
  const given = new Set([...commonReasons(method), ...reasonsOfOptions(method)]);
  return [...contract.reasons.values()].filter(({ reason }) => given.has(reason)).sort((a, b) => a.status - b.status);
}

/** The reasons of `reasonsOf`, grouped by HTTP status, the lowest first. */
export function statusesOf(contract: Contract, method: Method): Map<number, ReasonMeaning[]> {
  const statuses = new Map<number, ReasonMeaning[]>();
  for (const meaning of reasonsOf(contract, method)) {
    statuses.set(meaning.status, [...(statuses.get(meaning.status) ?? []), meaning]);
  }
  return statuses;
}

function commonReasons(method: Method): string[] {
  const isPublic = method.access === "ACCESS_PUBLIC";
  const reasons = ["MALFORMED_REQUEST", "NOT_ACCEPTABLE", "INTERNAL", "SHUTTING_DOWN", "OVERLOADED"];
  const takesBody = method.hasBody || method.bodyField !== undefined;
  if (takesBody) reasons.push("REQUEST_TIMEOUT", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE");
  if (canBreakRules(method.request)) reasons.push("INVALID_FIELDS");
  // What anyone may read without asking for anything in particular (is it up, which build is it) asks no database.
  if (!isPublic || takesBody) reasons.push("DATABASE_UNAVAILABLE");
  return reasons;
}

/** Whether some value of the message is readable and yet refused. Any text can be: NUL characters are. */
function canBreakRules(type: protobuf.Type, seen = new Set<protobuf.Type>()): boolean {
  if (seen.has(type)) return false;
  seen.add(type);
  return type.fieldsArray.some((field) => {
    if (field.type === "string" || field.resolvedType instanceof protobuf.Enum) return true;
    if (optionValues(field, "buf.validate.field").length > 0) return true;
    return field.resolvedType instanceof protobuf.Type && canBreakRules(field.resolvedType, seen);
  });
}
