// Values of one field type that fast-check generates: some valid, some at the edges of the rules, some unusual. All of them
// can be encoded in every serialization. They shrink to the simplest value, then to short and small ones.
import * as fc from "fast-check";
import type { Rules } from "../client/rules.js";
import { unusualAnys } from "./anys.js";
import { unusualDurations } from "./durations.js";
import { edges } from "./edges.js";
import { faults, trimmed } from "./violations.js";
import type { FieldType } from "./field-type.js";
import { blanks, letters, nearlyBlanks, phrases, signs } from "./texts/unusual-texts.js";

/** Values of a field type other than a message; `simplest` is valid. */
export function arbitraryOf(fieldType: FieldType, rules: Rules, simplest: unknown): fc.Arbitrary<unknown> {
  const broken = (value: unknown): string[] => faults(fieldType, rules, trimmed(rules, value));
  // The edges of timestamps depend on the time: the same seed would generate others.
  const found =
    fieldType.kind === "timestamp"
      ? []
      : [...edges({ fieldType, rules, like: simplest, spare: () => simplest, broken, unique: "" })];
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 2, arbitrary: fc.constant(simplest) },
    { weight: 4, arbitrary: fc.constantFrom(simplest, ...found.map(({ value }) => value)) },
    { weight: 4, arbitrary: unusual(fieldType, rules) },
  );
}

function unusual(fieldType: FieldType, rules: Rules): fc.Arbitrary<unknown> {
  switch (fieldType.kind) {
    case "text":
      return texts(rules);
    case "bool":
      return fc.boolean();
    case "integer":
      return integers(fieldType, rules);
    case "float":
      return floats(fieldType.isSingle);
    case "enum": {
      const numbers = fieldType.of.values.map(({ number }) => number);
      const unknown = [Math.max(...numbers) + 1, Math.min(...numbers) - 1, 2 ** 31 - 1, -(2 ** 31)];
      const undefinedOnes = unknown.filter((number) => (number | 0) === number && !numbers.includes(number));
      return fc.constantFrom<string | number>(...fieldType.of.values.map(({ name }) => name), ...undefinedOnes);
    }
    case "timestamp":
      return timestamps;
    case "duration":
      return unusualDurations;
    case "bytes":
      return fc.constantFrom("", "AA==", "/+8=");
    case "any":
      return fc.constantFrom(...unusualAnys);
    case "message":
      return fc.constant({});
  }
}

function texts(rules: Rules): fc.Arbitrary<string> {
  const bounds = ["min_len", "max_len", "max_bytes"].flatMap((rule) => rules.of[rule] ?? []) as number[];
  const near = bounds.flatMap((bound) => [bound - 1, bound, bound + 1]).filter((length) => length >= 0);
  const short = fc.oneof(
    { withCrossShrink: true },
    fc
      .array(fc.constantFrom(...letters, ...signs, ...blanks, ...nearlyBlanks), { maxLength: 8 })
      .map((all) => all.join("")),
    fc.string({ unit: "grapheme", maxLength: 16 }),
    fc.string({ unit: characters, maxLength: 16 }),
    fc.constantFrom(...phrases),
  );
  const padding = fc.array(fc.constantFrom(...blanks, ...nearlyBlanks), { maxLength: 3 }).map((all) => all.join(""));
  const long = fc
    .tuple(fc.constantFrom(1, ...near.sort((a, b) => a - b)), fc.constantFrom("a", "я", "🦊", "e\u0301", "'", "%", "ﷺ"))
    .map(([length, unit]) => [...unit.repeat(length)].slice(0, length).join(""));
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 4, arbitrary: short },
    { weight: 2, arbitrary: fc.tuple(padding, fc.oneof(short, long), padding).map((parts) => parts.join("")) },
    { weight: 2, arbitrary: long },
  );
}

/**
 * Any character except surrogates; the simplest is "a". The same as fast-check's unit "binary", whose setup takes most of
 * a second.
 */
export const characters: fc.Arbitrary<string> = fc.integer({ min: 0, max: 0x10ffff - 0x800 }).map((index) => {
  const code = index ^ 0x61;
  return String.fromCodePoint(code < 0xd800 ? code : code + 0x800);
});

function integers({ min, max }: FieldType & { kind: "integer" }, rules: Rules): fc.Arbitrary<number> {
  const bounds = ["gt", "gte", "lt", "lte", "in"].flatMap((rule) => rules.of[rule] ?? []) as number[];
  const known = [0, 1, -1, ...bounds.flatMap((bound) => [bound, bound + 1, bound - 1]), 2 ** 31 - 1, -(2 ** 31)];
  const wide = [2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -(2 ** 53 - 1), min, max];
  const within = [...known, ...wide].filter((number) => number >= min && number <= max);
  return fc.oneof({ withCrossShrink: true }, fc.constantFrom(...within), fc.integer({ min, max }));
}

function floats(isSingle: boolean): fc.Arbitrary<number> {
  const bounds = { noNaN: true, noDefaultInfinity: true } as const;
  // JSON has no negative zero.
  return (isSingle ? fc.float(bounds) : fc.double(bounds)).map((number) => number + 0);
}

const known = [
  "1970-01-01T00:00:00Z",
  "1969-12-31T23:59:59.999Z",
  "1969-12-31T23:59:59.999999999Z",
  "2000-02-29T23:59:59.5+14:00",
  "2038-01-19T03:14:08Z",
  "0001-01-01T00:00:00Z",
  "0099-12-31T23:59:59.000001Z",
  "9999-12-31T23:59:59.999999999Z",
];
const [year1, year9999] = [new Date("0001-01-03T00:00:00Z"), new Date("9999-12-29T00:00:00Z")] as const;

const timestamps = fc.oneof(
  { withCrossShrink: true },
  fc.constantFrom(...known),
  fc
    .tuple(
      fc.date({ min: year1, max: year9999, noInvalidDate: true }),
      fc.constantFrom("", ".1", ".12", ".123", ".000001", ".999999999"),
      fc.constantFrom("Z", "+00:00", "-00:00", "+03:00", "-11:30", "+23:59"),
    )
    .map(([date, fraction, zone]) => date.toISOString().slice(0, 19) + fraction + zone),
);
