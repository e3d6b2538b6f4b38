// The Anys of a message with their places: the message in each is checked by the rules of its own type.
import protobuf from "protobufjs";
import type { Plain } from "../codecs/codec.js";
import { isAny, nestedMessageOf } from "../model/well-known-types.js";
import { reachable } from "./json-schema.js";

/** An Any, with its place in the two forms of a violation. */
export interface FoundAny {
  readonly root: protobuf.Root;
  readonly any: Plain;
  readonly field: string;
  readonly pointer: string;
}

/** Whether a message has a field of Any, or leads to a message that has one. */
export function holdsAny(type: protobuf.Type): boolean {
  return [...reachable(type)].some(
    (named) => named instanceof protobuf.Type && named.fieldsArray.some(({ resolvedType }) => isAny(resolvedType)),
  );
}

/** Every Any in a message, but for those in others. */
export function anysIn(type: protobuf.Type, message: Plain, field = "", pointer = ""): FoundAny[] {
  return type.fieldsArray.flatMap((declared) => {
    const { name, resolvedType, root } = declared;
    const nested = nestedMessageOf(declared);
    const value = message[name];
    if (value === undefined || !(nested || isAny(resolvedType))) return [];
    const place = { field: field === "" ? name : `${field}.${name}`, pointer: below(pointer, name) };
    return valuesOf(declared, value, place).flatMap(({ any, ...at }) =>
      nested ? anysIn(nested, any, at.field, at.pointer) : [{ root, any, ...at }],
    );
  });
}

/** A pointer with one more step. */
export function below(pointer: string, name: string): string {
  return `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The values of a field, each of which is an object. */
function valuesOf(
  declared: protobuf.Field,
  value: unknown,
  at: Omit<FoundAny, "root" | "any">,
): Omit<FoundAny, "root">[] {
  if (!declared.repeated && !declared.map) return [{ any: value as Plain, ...at }];
  const isText = declared instanceof protobuf.MapField && declared.keyType === "string";
  return Object.entries(value as Record<string, Plain>).map(([key, any]) => ({
    any,
    field: `${at.field}[${isText ? JSON.stringify(key) : key}]`,
    pointer: below(at.pointer, key),
  }));
}
