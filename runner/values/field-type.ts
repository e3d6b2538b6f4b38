// The type of one value of a field: of each item of a list, of each key and each value of a map.
import { ScalarType, type DescEnum, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { isAny, isDuration, wrappedFieldOf } from "../client/well-known-types.js";

export type FieldType =
  | { readonly kind: "text" | "bool" | "timestamp" | "duration" | "bytes" | "any" }
  | { readonly kind: "integer"; readonly min: number; readonly max: number }
  | { readonly kind: "float"; readonly isSingle: boolean }
  | { readonly kind: "enum"; readonly of: DescEnum }
  | { readonly kind: "message"; readonly of: DescMessage };

const text = { kind: "text" } as const;

/** The type of a field's value; of a list or a map, of each of its values. */
export function fieldTypeOf(field: DescField): FieldType {
  if (field.enum) return { kind: "enum", of: field.enum };
  if (field.message?.typeName === "google.protobuf.Timestamp") return { kind: "timestamp" };
  if (isDuration(field.message)) return { kind: "duration" };
  if (isAny(field.message)) return { kind: "any" };
  const { scalar } = wrappedFieldOf(field.message) ?? field;
  if (field.message && scalar === undefined) return { kind: "message", of: field.message };
  return scalar === undefined ? text : scalarType(scalar);
}

/** The type of a map's keys. */
export function keyTypeOf(field: DescField): FieldType {
  return field.fieldKind === "map" ? scalarType(field.mapKey) : text;
}

function scalarType(scalar: ScalarType): FieldType {
  switch (scalar) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      return { kind: "bool" };
    case ScalarType.BYTES:
      return { kind: "bytes" };
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return { kind: "float", isSingle: scalar === ScalarType.FLOAT };
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return { kind: "integer", min: 0, max: 2 ** 32 - 1 };
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return { kind: "integer", min: -(2 ** 31), max: 2 ** 31 - 1 };
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return { kind: "integer", min: 0, max: Number.MAX_SAFE_INTEGER };
    default:
      return { kind: "integer", min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
  }
}

/** Whether a field can be absent; otherwise an unset field has its zero. */
export function hasPresence(field: DescField): boolean {
  return field.presence !== FeatureSet_FieldPresence.IMPLICIT;
}

/** The value of an unset field; undefined where it is absent. */
export function zeroOf(field: DescField): unknown {
  if (field.fieldKind === "list") return [];
  if (field.fieldKind === "map") return {};
  if (hasPresence(field)) return undefined;
  const fieldType = fieldTypeOf(field);
  if (fieldType.kind === "enum") return enumName(fieldType.of, 0) ?? 0;
  if (fieldType.kind === "bool") return false;
  return fieldType.kind === "integer" || fieldType.kind === "float" ? 0 : "";
}

/** The name of an enum's number; undefined when the number is not defined. */
export function enumName(type: DescEnum, number: number): string | undefined {
  return type.value[number]?.name;
}

/** The number of an enum value, which is a name, or a number that is not defined. */
export function enumNumber(type: DescEnum, value: unknown): number {
  return typeof value === "number" ? value : (type.values.find(({ name }) => name === value)?.number ?? NaN);
}
