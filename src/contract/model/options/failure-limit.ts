// `(lyceum.v1.failure_limit)`: the limit on the refused tries of one address for one value.
import protobuf from "protobufjs";
import type { FailureLimit } from "../../../gen/lyceum/v1/option_types.js";
import { fieldNamed } from "../well-known-types.js";
import { last, type MethodOption } from "./method-option.js";

export const failureLimit: MethodOption<Readonly<FailureLimit> | undefined> = {
  name: "failure_limit",
  read(written, { request, root, refuse }) {
    const limit = last<FailureLimit>(written);
    if (!limit) return undefined;
    if (!(limit.failures > 0) || !(limit.seconds > 0))
      refuse("failure_limit needs failures and seconds, at least one of each");
    if (!limit.field) {
      if (limit.failures_of_all || limit.device_field)
        refuse("failure_limit counts by the caller alone, or by a field");
      return limit;
    }
    const field = fieldNamed(request, limit.field);
    if (!field) return refuse("failure_limit counts by a field that is not there");
    if (field.repeated || field.map || field.resolvedType || field.type === "bytes")
      refuse(`failure_limit counts by ${field.name}, which is not a text or a number`);
    const { shortest, longest } = delaysOf(limit);
    if (!(shortest > 0) || longest < shortest)
      refuse("failure_limit has a longest delay that is shorter than the first");
    if (longest > limit.seconds) refuse("failure_limit forgets a refusal before its delay has passed");
    if (limit.failures_of_all && limit.failures_of_all < limit.failures)
      refuse("failure_limit allows less to all addresses together than to one");
    if (limit.device_field && fieldNamed(request, limit.device_field)?.type !== "string")
      refuse("failure_limit has a device_field that is no text of the request");
    if (limit.counted_with && !hasMethod(root, limit.counted_with))
      refuse(`failure_limit is counted with ${limit.counted_with}, which is not there`);
    return limit;
  },
  reasons: (limit) => (limit ? ["RATE_LIMITED"] : []),
  openApi: (limit) => (limit ? { retryAfterSeconds: delaysOf(limit).shortest } : {}),
};

/** The delay after the last refusal that is allowed, and the longest one, in seconds. */
export function delaysOf({ seconds, delay_seconds, longest_delay_seconds }: Readonly<FailureLimit>): {
  readonly shortest: number;
  readonly longest: number;
} {
  const shortest = delay_seconds || seconds;
  return { shortest, longest: longest_delay_seconds || shortest };
}

function hasMethod(scope: protobuf.NamespaceBase, name: string): boolean {
  return scope.nestedArray.some(
    (object) =>
      (object instanceof protobuf.Service && name in object.methods) ||
      (object instanceof protobuf.Namespace && hasMethod(object, name)),
  );
}
