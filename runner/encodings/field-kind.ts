// What a field holds, in the words of a .proto file, and what follows from that alone.
import { ScalarType, type DescField } from "@bufbuild/protobuf";

/** The type of a value as a .proto file has it: "int32", "string", "sfixed64" ...; "enum" and "message" for the others. */
export type Kind = string;

/** The wire types that a value can have. */
export type WireType = 0 | 1 | 2 | 5;

/** What a field holds; of a list or a map, each of its values. */
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

/** How a value of that kind is written. */
export function wireTypeOf(kind: Kind): WireType {
  if (varints.has(kind)) return 0;
  if (wide.has(kind)) return 1;
  return narrow.has(kind) ? 5 : 2;
}

/** Whether it is a whole number, an enum not among them. */
export function isInteger(kind: Kind): boolean {
  return /^[su]?int|^s?fixed/.test(kind);
}

/** Whether it is a whole number of 64 bits. */
export function isLong(kind: Kind): boolean {
  return isInteger(kind) && kind.endsWith("64");
}

/** Whether it is a whole number that is never below zero. */
export function isUnsigned(kind: Kind): boolean {
  return kind.startsWith("uint") || kind.startsWith("fixed");
}

/** Whether the values of a field have a JSON form of their own that is not looked into here; a Timestamp's is. */
export function isOpaque(field: DescField): boolean {
  if (field.enum) return field.enum.typeName === "google.protobuf.NullValue";
  const name = field.message?.typeName ?? "";
  return name.startsWith("google.protobuf.") && !isMoment(name) && name !== "google.protobuf.Empty";
}

/** Whether it is the type of a moment. */
export function isMoment(typeName: string): boolean {
  return typeName === "google.protobuf.Timestamp";
}
