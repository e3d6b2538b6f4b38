// Equivalent JSON texts of one message, by the specification of ProtoJSON. Both JSON codecs accept all of them.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import type { Descriptors } from "../../client/descriptors.js";
import type { CodecName, Plain } from "../../client/encoding.js";
import { stringify } from "../../client/json.js";
import { isInteger, isOpaque, kindOf } from "../field-kind.js";
import { jsonText, memberOf, normal, usualSpelling, type Spelling } from "./json-text.js";
import { distinct, type Variant } from "../variant.js";

/** Bodies that all decode to the message `value`. Throws when it is not a message of `type`. */
export function jsonVariants(
  descriptors: Descriptors,
  type: DescMessage,
  value: Plain,
  codec: CodecName,
  usual: Buffer,
): Variant[] {
  const message = normal(descriptors, type, value);
  const defaults = usualSpelling(codec);
  const text = (spelling: Partial<Spelling> = {}): string => jsonText(type, message, { ...defaults, ...spelling });
  const spellings = [
    ...keySpellings,
    ...numberSpellings,
    ...textSpellings,
    ...bytesSpellings,
    ...timestampSpellings,
    ...layoutSpellings,
  ];
  const whole: readonly Worded[] = [
    ...spellings.map(([name, spelling]) => [name, text(spelling)] as const),
    ["a byte order mark at the beginning", `\uFEFF${text()}`],
    ["null for every absent field", text({ change: withAbsent(defaults, () => "null") })],
    ["defaults written out", text({ change: withAbsent(defaults, (field) => defaultText(field)) })],
    ["-0 for every number that is 0", text({ integer: minusZero(defaults), change: withAbsent(defaults, zeroText) })],
  ];
  return distinct(
    whole.map(([name, body]) => ({ name, body: Buffer.from(body) })),
    usual,
  );
}

type Worded = readonly [name: string, text: string];

type Named = readonly (readonly [name: string, spelling: Partial<Spelling>])[];

const escaped = (text: string, letters: (hex: string) => string = (hex) => hex): string =>
  `"${Array.from({ length: text.length }, (_, at) => `\\u${letters(text.charCodeAt(at).toString(16).padStart(4, "0"))}`).join("")}"`;

const keySpellings: Named = [
  ["keys in lowerCamelCase", { key: (field) => field.jsonName }],
  ["keys as in the .proto file", { key: (field) => field.name }],
];

const numberSpellings: Named = [
  ["whole numbers without quotes", { integer: (digits) => digits }],
  ["whole numbers in quotes", { integer: (digits) => `"${digits}"` }],
  ["whole numbers with a fraction of zero", { integer: (digits) => `${digits}.0` }],
  ["whole numbers with a fraction of zero, in quotes", { integer: (digits) => `"${digits}.00"` }],
  ["whole numbers with an exponent", { integer: (digits) => `${digits}e0` }],
  ["whole numbers with a negative exponent", { integer: (digits) => (digits === "0" ? "0E-1" : `${digits}0E-1`) }],
  ["whole numbers with an exponent, in quotes", { integer: (digits) => `"${digits}e+0"` }],
  ["other numbers in quotes", { float: (value) => `"${typeof value === "string" ? value : stringify(value)}"` }],
  ["enums by number", { enumeration: (_, number) => String(number) }],
];

const textSpellings: Named = [
  ["every letter escaped, in keys too", { quoted: (text) => escaped(text) }],
  ["every letter escaped in capitals", { quoted: (text) => escaped(text, (hex) => hex.toUpperCase()) }],
  ["slashes escaped", { quoted: (text) => JSON.stringify(text).replaceAll("/", String.raw`\/`) }],
];

/** The same timestamp at an offset from UTC in minutes. */
function shifted(iso: string, minutes: number, zone: string): string {
  const local = new Date(Date.parse(iso) + minutes * 60_000).toISOString();
  // The years 0000 and 10000 cannot be written.
  return /^\d{4}-/.test(local) && !local.startsWith("0000") ? local.replace("Z", zone) : iso;
}

const bytesSpellings: Named = [
  ["bytes in the URL-safe alphabet", { bytes: (base64) => base64.replaceAll("+", "-").replaceAll("/", "_") }],
  ["bytes without padding", { bytes: (base64) => base64.replaceAll("=", "") }],
];

const timestampSpellings: Named = [
  ["timestamps at the offset +03:00", { timestamp: (iso) => shifted(iso, 180, "+03:00") }],
  ["timestamps at the offset -11:30", { timestamp: (iso) => shifted(iso, -690, "-11:30") }],
  ["timestamps at the offset +00:00", { timestamp: (iso) => iso.replace("Z", "+00:00") }],
  ["timestamps at the offset -00:00", { timestamp: (iso) => iso.replace("Z", "-00:00") }],
  ["timestamps with as few digits as necessary", { timestamp: (iso) => iso.replace(/\.?0*Z$/, "Z") }],
  ["timestamps with three digits of a fraction", { timestamp: (iso) => iso }],
  ["timestamps with six digits of a fraction", { timestamp: (iso) => iso.replace("Z", "000Z") }],
  ["timestamps with nine digits of a fraction", { timestamp: (iso) => iso.replace("Z", "000000Z") }],
];

const layoutSpellings: Named = [
  ["white space of all four kinds around every token", { gap: " \t\r\n" }],
  [
    "members in reverse order",
    { change: (_, members) => [...members].reverse(), changeMap: (members) => [...members].reverse() },
  ],
];

/** Adds the absent fields, with the text that `write` returns for each. */
function withAbsent(spelling: Spelling, write: (field: DescField) => string | undefined): Spelling["change"] {
  return (type, members) => {
    const present = new Set(members.map(({ field }) => field));
    const absent = type.fields
      .filter((field) => !present.has(field))
      .flatMap((field) => {
        // A type with a JSON format of its own may have null as a value.
        const value = isOpaque(field) ? undefined : write(field);
        return value === undefined ? [] : [memberOf(field, value, spelling)];
      });
    return [...absent, ...members];
  };
}

/** The default of a field, where it is the same as its absence. */
function defaultText(field: DescField): string | undefined {
  if (field.fieldKind === "list") return "[]";
  if (field.fieldKind === "map") return "{}";
  if (field.fieldKind === "message" || field.presence !== FeatureSet_FieldPresence.IMPLICIT) return undefined;
  const kind = kindOf(field);
  if (kind === "bool") return "false";
  if (field.enum) return JSON.stringify(field.enum.values[0]!.name);
  return kind === "string" || kind === "bytes" ? '""' : "0";
}

function zeroText(field: DescField): string | undefined {
  return isInteger(kindOf(field)) && defaultText(field) === "0" ? "-0" : undefined;
}

function minusZero(spelling: Spelling): Spelling["integer"] {
  return (digits, isLong) => (digits === "0" ? "-0" : spelling.integer(digits, isLong));
}
