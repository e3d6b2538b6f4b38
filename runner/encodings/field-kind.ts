// The kind of a field's values, as a .proto file names it, and what follows from the kind alone.
import { ScalarType, type DescField } from "@bufbuild/protobuf";

/** The type of a value in a .proto file: "int32", "string", "sfixed64" ...; "enum" and "message" for the others. */
export type Kind = string;

/** The wire types of values. */
export type WireType = 0 | 1 | 2 | 5;

/** The kind of a field; of a list or a map, of each of its values. */
export function kindOf(field: DescField): Kind {
  if (field.message) return "message";
  return field.enum ? "enum" : scalarKind(field.scalar!);
}

/** A scalar type by its name in a .proto file. */
export function scalarKind(scalar: ScalarType): Kind {
  return ScalarType[scalar].toLowerCase();
}

const varints: ReadonlySet<Kind> = new Set(["int32", "uint32", "sint32", "int64", "uint64", "sint64", "bool", "enum"]);
const wide: ReadonlySet<Kind> = new Set(["fixed64", "sfixed64", "double"]);
const narrow: ReadonlySet<Kind> = new Set(["fixed32", "sfixed32", "float"]);

/** The wire type of a kind. */
export function wireTypeOf(kind: Kind): WireType {
  if (varints.has(kind)) return 0;
  if (wide.has(kind)) return 1;
  return narrow.has(kind) ? 5 : 2;
}

/** Whether it is an integer, without enums. */
export function isInteger(kind: Kind): boolean {
  return /^[su]?int|^s?fixed/.test(kind);
}

/** Whether it is an integer of 64 bits. */
export function isLong(kind: Kind): boolean {
  return isInteger(kind) && kind.endsWith("64");
}

/** Whether it is an unsigned integer. */
export function isUnsigned(kind: Kind): boolean {
  return kind.startsWith("uint") || kind.startsWith("fixed");
}

/** Whether the values have a JSON format of their own that is not supported here; that of Timestamp is. */
export function isOpaque(field: DescField): boolean {
  if (field.enum) return field.enum.typeName === "google.protobuf.NullValue";
  const name = field.message?.typeName ?? "";
  return name.startsWith("google.protobuf.") && !isTimestamp(name) && name !== "google.protobuf.Empty";
}

/** Whether it is the type of a timestamp. */
export function isTimestamp(typeName: string): boolean {
  return typeName === "google.protobuf.Timestamp";
}
