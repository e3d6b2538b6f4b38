// Messages that fast-check makes for a type, in the json form: they can be read, and stand on both sides of the rules.
import * as fc from "fast-check";
import protobuf from "protobufjs";
import {
  isAny,
  isDuration,
  isTimestamp,
  nestedMessageOf,
  scalarTypeOf,
} from "../../../src/contract/model/well-known-types.js";
import { keywordsOf, type Schema } from "../../../src/contract/validation/rules.js";

type Json = Record<string, unknown>;

/** Messages of a type; any field may be absent. Messages in messages go one deep. */
export function messages(type: protobuf.Type, depth = 1): fc.Arbitrary<Json> {
  const fields = type.fieldsArray.filter((field) => depth > 0 || !nestedMessageOf(field));
  const record = fc.record(Object.fromEntries(fields.map((field) => [field.name, values(field, depth)])), {
    requiredKeys: [],
  });
  return record.map((json) => withoutRivals(type, json));
}

/** Of the members of a oneof, only one can be in a message. */
function withoutRivals(type: protobuf.Type, json: Json): Json {
  for (const { fieldsArray } of type.oneofsArray) {
    for (const { name } of fieldsArray.filter((field) => field.name in json).slice(1)) delete json[name];
  }
  return json;
}

function values(field: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  const rules = keywordsOf(field);
  if (field.repeated) {
    // A longer list is cut by the reader.
    const maxLength = Number(rules.value["maxItems"] ?? 4) + 1;
    return fc.array(value(field, rules.items, depth), { maxLength, size: "small" });
  }
  if (!(field instanceof protobuf.MapField)) return value(field, rules.value, depth);
  const keys =
    field.keyType === "string" ? texts(rules.keys).filter((key) => key !== "__proto__") : fc.nat(9).map(String);
  return fc.dictionary(keys, value(field, rules.items, depth), {
    maxKeys: Number(rules.value["maxProperties"] ?? 3) + 1,
  });
}

function value(field: protobuf.Field, rules: Schema, depth: number): fc.Arbitrary<unknown> {
  const { resolvedType } = field;
  if (isTimestamp(resolvedType))
    return fc.constantFrom("1969-12-31T23:59:59.5Z", "2001-02-03T04:05:06+03:00", "9998-01-01T00:00:00Z");
  if (isDuration(resolvedType)) return durations(rules);
  if (isAny(resolvedType)) return fc.constantFrom({}, ...anys);
  const message = nestedMessageOf(field);
  if (message) return messages(message, depth - 1);
  if (resolvedType instanceof protobuf.Enum)
    return fc.constantFrom<string | number>(...Object.keys(resolvedType.values), 0, 1, 7, -1);
  const scalar = scalarTypeOf(field)!;
  if (scalar === "bool") return fc.boolean();
  if (scalar === "bytes") return fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes).toString("base64"));
  return scalar === "string" ? texts(rules) : integers(scalar, rules);
}

/** Objects of Any whose messages have no rules. */
const anys = [
  { "@type": "type.googleapis.com/google.protobuf.Empty" },
  { "@type": "type.googleapis.com/google.protobuf.Duration", value: "1s" },
  { "@type": "type.googleapis.com/google.protobuf.Int32Value", value: 0 },
];

function durations(rules: Schema): fc.Arbitrary<string> {
  const bounds = ["gt", "gte", "lt", "lte"].flatMap((rule) => rules[`x-duration-${rule}`] ?? []) as string[];
  const known = ["0s", "1s", "-1s", "0.000000001s", "-0.000000003s", "2.000000001s", "-1.500000001s", "9.999999999s"];
  return fc.constantFrom(...bounds, ...known, ...((rules["enum"] ?? []) as string[]), "315576000000.000000001s");
}

function integers(type: string, rules: Schema): fc.Arbitrary<number> {
  const bounds = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "enum"].flatMap(
    (key) => rules[key] ?? [],
  ) as number[];
  const limit = type === "int32" ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER;
  const near = [0, ...bounds]
    .flatMap((bound) => [bound - 1, bound, bound + 1])
    .filter((number) => Math.abs(number) <= limit);
  return fc.oneof(fc.constantFrom(...near), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
}

function texts(rules: Schema): fc.Arbitrary<string> {
  const lengths = ["minLength", "maxLength", "x-max-bytes"].flatMap((key) => rules[key] ?? []) as number[];
  const near = lengths.flatMap((length) => [length - 1, length, length + 1]).filter((length) => length >= 0);
  const unit = fc.constantFrom("a", "я", "🦊", " ");
  const known = [
    "",
    " ",
    "ab",
    "a@b.example",
    "https://example.org/?a=b#c",
    "5f0c7c9e-0000-4000-8000-aAbBcCdDeEfF",
    "2026-09-01",
    "abc",
  ];
  return fc.oneof(
    fc.constantFrom(...known, ...((rules["enum"] ?? []) as string[])),
    fc.tuple(fc.constantFrom(1, ...near), unit).map(([length, char]) => char.repeat(length)),
    fc.string({ unit: fc.constantFrom(..."aZ9 .-_@я🦊\u00a0\u0301"), maxLength: 12 }),
  );
}
