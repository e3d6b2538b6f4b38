// The sample value of a field in the golden files. It depends only on names and numbers that are encoded, and on nothing
// that may be added later, so that a new field changes no line but its own.
import { ScalarType, type DescEnum, type DescField, type DescMessage } from "@bufbuild/protobuf";
import type { Plain } from "../client/encoding.js";
import { isAny, isDuration, wrappedFieldOf } from "../client/well-known-types.js";

/**
 * A value of a field in plain form, always the same and never the default. Each kind of number gets a value that no
 * narrower kind can hold: negative if signed, beyond 32 bits if it has 64, so that a change of type is detected.
 */
export function sampleOf(field: DescField): unknown {
  const one = (salt: string): unknown => {
    if (field.enum) return enumSample(field.enum);
    const { scalar } = wrappedFieldOf(field.message) ?? field;
    if (field.message && scalar === undefined) return messageSample(field.message, hash(field, salt));
    return scalarSample(scalar!, hash(field, salt), field);
  };
  // Two values: a list that became a single value would keep only the last one.
  if (field.fieldKind === "list") return [one("first"), one("second")];
  if (field.fieldKind === "map")
    return { [String(scalarSample(field.mapKey, hash(field, "key"), field))]: one("value") };
  return one("");
}

/** One value for each way to set the oneofs: the first member of each, the second ...; without oneofs, one. */
export function wholeSamples(type: DescMessage): Plain[] {
  const ways = Math.max(1, ...type.oneofs.map((oneof) => oneof.fields.length));
  return Array.from({ length: ways }, (_, way) =>
    Object.fromEntries(
      type.fields
        .filter(
          (field) => !field.oneof || field.oneof.fields.indexOf(field) === Math.min(way, last(field.oneof.fields)),
        )
        .map((field) => [field.name, sampleOf(field)]),
    ),
  );
}

const anyUrl = "type.googleapis.com/google.protobuf.Any";

const last = (list: readonly unknown[]): number => list.length - 1;

/** Of an inner message only its first scalar: its other fields are in a golden file of their own. */
function messageSample(type: DescMessage, seed: number): unknown {
  if (type.typeName === "google.protobuf.Timestamp") {
    return new Date(Date.UTC(2009, 1, 13) + (seed % 86_400) * 1000 + 1 + (seed % 999)).toISOString();
  }
  if (isDuration(type)) return `-${seed % 86_400}.${String(seed % 1000).padStart(3, "0")}000001s`;
  // Of the messages that it may hold, the one that is in every contract with an Any.
  if (isAny(type)) return { "@type": anyUrl, value: { "@type": anyUrl, value: {} } };
  const [first] = type.fields
    .filter((field) => field.fieldKind === "scalar")
    .sort((field, other) => field.number - other.number);
  return first ? { [first.name]: sampleOf(first) } : {};
}

/** The first declared value that is not zero: values that are added at the end change nothing. */
function enumSample(type: DescEnum): string {
  return (type.values.find((value) => value.number !== 0) ?? type.values[0]!).name;
}

function scalarSample(type: ScalarType, seed: number, field: DescField): unknown {
  switch (type) {
    case ScalarType.STRING:
      // One letter for each length of a code point in UTF-8.
      return `${field.parent.name} ${field.number} ж€😀 ${seed % 1000}`;
    case ScalarType.BYTES:
      return Buffer.from([field.number, 0, 255, seed % 256]).toString("base64");
    case ScalarType.BOOL:
      return true;
    case ScalarType.FLOAT:
      return (seed % 1000) + 0.5;
    case ScalarType.DOUBLE:
      // No float is close enough to a tenth.
      return (seed % 1000) + 0.1;
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return -1000 - (seed % 9000);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return 2 ** 31 + (seed % 2 ** 31);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return 2 ** 40 + seed;
    default:
      return -(2 ** 40) - seed;
  }
}

/** FNV-1a with 32 bits: similar inputs give different numbers. */
function hash(field: DescField, salt: string): number {
  let sum = 0x811c9dc5;
  for (const byte of Buffer.from(`${field.parent.typeName} ${field.number} ${salt}`))
    sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum;
}
