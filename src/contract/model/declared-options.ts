// Reads the custom options of methods and fields.
import type protobuf from "protobufjs";

/**
 * The values of a custom option on a method or a field, by the option's full name (`lyceum.v1.access`). A repeated option
 * has one value for each time that it is written; the list is empty when the option is absent. The value of a message option
 * is a plain object.
 */
export function optionValues(declared: protobuf.ReflectionObject, name: string): unknown[] {
  const parsed = (declared.parsedOptions ?? []) as Record<string, unknown>[];
  return parsed.flatMap((part) => (`(${name})` in part ? [part[`(${name})`]] : []));
}
