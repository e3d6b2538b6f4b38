// What one value of a field can be: each item of a list, each key and each value of a map.
import { ScalarType, type DescEnum, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";

export type Slot =
  | { readonly kind: "text" | "bool" | "moment" | "bytes" }
  | { readonly kind: "integer"; readonly min: number; readonly max: number }
  | { readonly kind: "float"; readonly isSingle: boolean }
  | { readonly kind: "enum"; readonly of: DescEnum }
  | { readonly kind: "message"; readonly of: DescMessage };

const text = { kind: "text" } as const;

/** What a value of the field is; of a list or a map, each of its values. */
export function slotOf(field: DescField): Slot {
  if (field.enum) return { kind: "enum", of: field.enum };
  if (field.message?.typeName === "google.protobuf.Timestamp") return { kind: "moment" };
  if (field.message) return { kind: "message", of: field.message };
  return field.scalar === undefined ? text : scalarSlot(field.scalar);
}

/** What a key of a map is. */
export function keySlotOf(field: DescField): Slot {
  return field.fieldKind === "map" ? scalarSlot(field.mapKey) : text;
}

function scalarSlot(scalar: ScalarType): Slot {
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

/** Whether a field can be absent; otherwise its zero stands in its place. */
export function hasPresence(field: DescField): boolean {
  return field.presence !== FeatureSet_FieldPresence.IMPLICIT;
}

/** What a field is when nobody has set it; undefined where it is absent then. */
export function zeroOf(field: DescField): unknown {
  if (field.fieldKind === "list") return [];
  if (field.fieldKind === "map") return {};
  if (hasPresence(field)) return undefined;
  const slot = slotOf(field);
  if (slot.kind === "enum") return enumName(slot.of, 0) ?? 0;
  if (slot.kind === "bool") return false;
  return slot.kind === "integer" || slot.kind === "float" ? 0 : "";
}

/** The name of an enum's number; undefined when it is not defined. */
export function enumName(type: DescEnum, number: number): string | undefined {
  return type.value[number]?.name;
}

/** The number of an enum's value, which is a name, or a number that is not defined. */
export function enumNumber(type: DescEnum, value: unknown): number {
  return typeof value === "number" ? value : (type.values.find(({ name }) => name === value)?.number ?? NaN);
}
