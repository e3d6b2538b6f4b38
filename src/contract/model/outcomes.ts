// The possible answers of a method: its success, the reasons that it declares, and those of every method of its kind. The
// documents and the runner use them; the server does not.
import protobuf from "protobufjs";
import { optionValues } from "./declared-options.js";
import type { Contract } from "./load.js";
import type { Method } from "./method.js";
import { reasonsOfOptions } from "./options/method-options.js";
import type { ReasonMeaning } from "./reasons.js";

/** The status of a method's success: 204 when its response is empty, 201 when it creates a resource, else 200. */
export function successOf(method: Method): 200 | 201 | 204 {
  if (method.response.fullName === ".google.protobuf.Empty") return 204;
  return method.created === undefined ? 200 : 201;
}

/**
 * Every reason that a method can answer with, sorted by status, then in the order of problem.proto. The reasons of requests
 * without a method (ROUTE_NOT_FOUND, METHOD_NOT_ALLOWED) are not among them.
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
  const reasons = [
    "MALFORMED_REQUEST",
    "PRECONDITION_FAILED",
    "RATE_LIMITED",
    "INTERNAL",
    "SHUTTING_DOWN",
    "OVERLOADED",
  ];
  // Where nothing is returned, Accept refuses nothing.
  if (successOf(method) !== 204) reasons.push("NOT_ACCEPTABLE");
  const takesBody = method.hasBody || method.bodyField !== undefined;
  if (takesBody) reasons.push("REQUEST_TIMEOUT", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE");
  // A form of OAuth with a broken rule is malformed: RFC 6749 has no other status for it.
  if (!method.oauthForm && canBreakRules(method.request)) reasons.push("INVALID_FIELDS");
  if (!isPublic && method.verb !== "GET") reasons.push("CROSS_SITE_REQUEST");
  // A public method about nothing (health, version) needs no database.
  if (!isPublic || takesBody || method.pathFields.length > 0) reasons.push("DATABASE_UNAVAILABLE");
  return reasons;
}

/** Whether a value of the message can be read and still break a rule. Every text can: NUL characters are refused. */
function canBreakRules(type: protobuf.Type, seen = new Set<protobuf.Type>()): boolean {
  if (seen.has(type)) return false;
  seen.add(type);
  return type.fieldsArray.some((field) => {
    if (field.type === "string" || field.resolvedType instanceof protobuf.Enum) return true;
    if (optionValues(field, "buf.validate.field").length > 0) return true;
    return field.resolvedType instanceof protobuf.Type && canBreakRules(field.resolvedType, seen);
  });
}
