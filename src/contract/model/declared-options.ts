// The custom options of methods and fields, as the .proto files write them.
import type protobuf from "protobufjs";

/**
 * The values of a custom option on a method or a field, by the option's full name (`lyceum.v1.access`). A repeated option
 * has one value for each time that it is written; the list is empty when the option is absent. Message options are plain
 * objects.
 */
export function optionValues(declared: protobuf.ReflectionObject, name: string): unknown[] {
  const parsed = (declared.parsedOptions ?? []) as Record<string, unknown>[];
  return parsed.flatMap((part) => (`(${name})` in part ? [part[`(${name})`]] : []));
}
