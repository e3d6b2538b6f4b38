// Messages and bodies that fast-check makes for a type: whole, spoiled in one place, and broken.
import fc from "fast-check";
import protobuf from "protobufjs";
import { characters } from "../../../runner/values/arbitraries.js";
import { nestedMessageOf, wrappedField } from "../../../src/contract/model/well-known-types.js";

type Json = Record<string, unknown>;

/** ProtoJSON of a type in all its spellings; any field may be absent, and of a oneof at most one member is there. */
export function jsonOf(type: protobuf.Type, depth = 2): fc.Arbitrary<Json> {
  const fields = type.fieldsArray.filter((field) => depth > 0 || !nestedMessageOf(field.resolve()));
  return fc
    .uniqueArray(fc.tuple(fc.nat(fields.length - 1), fc.boolean()), { maxLength: 6, selector: ([index]) => index })
    .chain((chosen) => {
      const taken = new Set<protobuf.OneOf>();
      const members = chosen.flatMap(([index, camel]) => {
        const field = fields[index]!;
        if (field.partOf && taken.has(field.partOf)) return [];
        if (field.partOf) taken.add(field.partOf);
        return [fc.tuple(fc.constant(camel ? field.jsonName! : field.name), fieldValue(field, depth))];
      });
      return fc.tuple(...members).map((entries) => Object.fromEntries(entries) as Json);
    });
}

/** The same, with one value replaced by one that may be wrong for its field. */
export function spoiledJson(type: protobuf.Type): fc.Arbitrary<Json> {
  const wrong = fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e2,
    1e40,
    2 ** 31,
    2 ** 32,
    -(2 ** 31) - 1,
    2 ** 53,
    4294967295,
    0.1,
    3.5e38,
    "",
    " ",
    "0",
    "-1",
    "1.0",
    "1.5",
    "1e2",
    " 1",
    "1 ",
    "+1",
    "0x1",
    "NaN",
    "Infinity",
    "-Infinity",
    "nan",
    "true",
    "null",
    "COLOR_RED",
    "color_red",
    "COLOR_GREEN",
    "2026-11-23T12:00:00Z",
    "2026-11-23T12:00:00",
    "2026-11-23",
    "2026-13-23T12:00:00Z",
    "9223372036854775807",
    "9223372036854775808",
    "a\ud800",
    ...foreignBase64,
    ...foreignDurations,
    "AQID",
    "AQI=",
    "AQI",
    "_-8",
    "+/8=",
    "A",
    "1s",
    "-1.500s",
    "-0.000000001s",
    "1.s",
    "1.0000000001s",
    "315576000000s",
    "315576000001s",
    "1 s",
    "1S",
    [],
    [null],
    [[]],
    ["x"],
    [1],
    {},
    { x: 1 },
    { "": 1 },
    { 1: null },
    { true: {} },
    { a_string: "x" },
    { aString: 1 },
    [{}],
    [true],
    { 1: "x" },
    { true: 1 },
    { seconds: 1 },
  );
  const fields = type.fieldsArray;
  return fc.tuple(jsonOf(type), fc.nat(fields.length - 1), wrong, fc.boolean()).map(([json, index, value, camel]) => {
    const { name, jsonName } = fields[index]!;
    return Object.assign(json, { [camel ? jsonName! : name]: value });
  });
}

/** The bytes of messages. */
export function bytesOf(messages: fc.Arbitrary<Json>, encode: (json: Json) => Uint8Array): fc.Arbitrary<Uint8Array> {
  return messages.map((json) => encode(json));
}

/** Bytes that are cut, changed in a place or two, put behind others, or made at random. */
export function mutations(whole: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const spot = fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)));
  return fc.oneof(
    fc.tuple(whole, whole).map((parts) => Buffer.concat(parts)),
    fc.tuple(whole, fc.nat()).map(([bytes, end]) => bytes.subarray(0, end % (bytes.length + 1))),
    fc.tuple(whole, spot).map(([bytes, [at, value]]) => splice(bytes, at, 1, value)),
    fc.tuple(whole, spot).map(([bytes, [at, value]]) => splice(bytes, at, 0, value)),
    fc.tuple(whole, fc.nat()).map(([bytes, at]) => splice(bytes, at, 1)),
    fc.tuple(whole, spot, spot).map(([bytes, [a, x], [b, y]]) => splice(splice(bytes, a, 1, x), b, 1, y)),
    fc.uint8Array({ maxLength: 12 }),
  );
}

function splice(bytes: Uint8Array, at: number, remove: number, ...insert: number[]): Uint8Array {
  const copy = [...bytes];
  copy.splice(at % (bytes.length + 1), remove, ...insert);
  return Uint8Array.from(copy);
}

/** Texts that some libraries take for bytes, and that are in neither alphabet of base64, or padded wrongly. */
export const foreignBase64 = ["+_8=", "AQ=I", "AQI==", "AQ\nID"];

/** Texts that some libraries take for Durations, with digits or signs that JSON has in no number, or an end that is no "s". */
export const foreignDurations = ["01s", "+1s", "1s1"];

function fieldValue(field: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  const value = oneValue(field.type, field.resolvedType, depth);
  if (field.repeated) return fc.oneof(fc.constant(null), fc.array(value, { maxLength: 3 }));
  if (!(field instanceof protobuf.MapField))
    return fc.oneof({ weight: 9, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) });
  const isText = field.keyType === "string" || field.keyType === "bool";
  const keys = oneValue(field.keyType, null, 0).map((key) => String(isText ? key : Number(key)));
  return fc.dictionary(
    keys.filter((key) => key !== "__proto__"),
    value,
    { maxKeys: 3 },
  );
}

function oneValue(type: string, resolved: protobuf.ReflectionObject | null, depth: number): fc.Arbitrary<unknown> {
  const wrapped = wrappedField(resolved);
  if (wrapped) return oneValue(wrapped.type, null, 0);
  if (resolved?.fullName === ".google.protobuf.Timestamp") return timestamps;
  if (resolved?.fullName === ".google.protobuf.Duration") return durations;
  if (resolved instanceof protobuf.Type)
    return resolved.fieldsArray.length === 0 ? fc.constant({}) : jsonOf(resolved, depth - 1);
  if (resolved instanceof protobuf.Enum)
    return fc.constantFrom<unknown>(...Object.keys(resolved.values), 0, 1, 2, 77, -1, 2 ** 31 - 1);
  if (type === "string") return texts;
  if (type === "bytes") return base64s;
  if (type === "bool") return fc.boolean();
  if (type === "double") return floats(fc.double());
  if (type === "float") return floats(fc.float());
  return integers(type);
}

const texts = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: characters, maxLength: 8 }),
  fc.constantFrom("Привет", "\uFFFD", "\u2028", "\0", "x".repeat(200), "ы".repeat(200), "{", '"', "\\"),
);

/** Bytes in each of the forms of base64 that ProtoJSON reads. */
const base64s = fc
  .tuple(
    fc.oneof(fc.uint8Array({ maxLength: 9 }), fc.constantFrom(Buffer.alloc(0), Buffer.alloc(300, 0xfb))),
    fc.constantFrom<BufferEncoding>("base64", "base64url"),
    fc.boolean(),
  )
  .map(([bytes, encoding, isPadded]) => {
    const text = Buffer.from(bytes).toString(encoding).replaceAll("=", "");
    return isPadded ? text.padEnd(Math.ceil(text.length / 4) * 4, "=") : text;
  });

const durations = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.oneof(fc.nat(3), fc.nat({ max: 315_576_000_000 }), fc.constantFrom(315_576_000_000)),
    fc.constantFrom("", ".5", ".12", ".123", ".1234567", ".000000001", ".999999999", ".0009", ".000"),
  )
  .map((parts) => `${parts.join("")}s`);

const timestamps = fc
  .tuple(
    fc.date({ min: new Date(-62_135_500_000_000), max: new Date(253_402_200_000_000), noInvalidDate: true }),
    fc.constantFrom("", ".5", ".12", ".123", ".123456", ".999999999", ".0009"),
    fc.constantFrom("Z", "+00:00", "+03:00", "-11:30", "+14:00"),
  )
  .map(([date, fraction, zone]) => date.toISOString().replace(/\.\d+Z$/, fraction + zone));

function floats(numbers: fc.Arbitrary<number>): fc.Arbitrary<unknown> {
  return numbers.map((number) => (Number.isFinite(number) ? number : String(number)));
}

function integers(type: string): fc.Arbitrary<unknown> {
  const unsigned = type.startsWith("u") || type.startsWith("fixed");
  const wide = type.endsWith("64");
  const max = wide ? Number.MAX_SAFE_INTEGER : unsigned ? 2 ** 32 - 1 : 2 ** 31 - 1;
  const min = unsigned ? 0 : wide ? -max : -max - 1;
  const numbers = fc.oneof(
    fc.maxSafeInteger(),
    fc.integer({ min: -200, max: 200 }),
    fc.constantFrom(min, max, 2 ** 28, 2 ** 31 - 1),
  );
  return fc.tuple(numbers, fc.boolean()).map(([number, quoted]) => {
    const within = Math.min(max, Math.max(min, number));
    return quoted ? String(within) : within;
  });
}
