// Values of fields as JSON text: valid ones, and invalid ones.
import type { DescField } from "@bufbuild/protobuf";
import { isInteger, isLong, isTimestamp, isUnsigned, kindOf, scalarKind } from "../field-kind.js";

/** A valid value of a field. */
export function anotherText(field: DescField): string {
  if (field.fieldKind === "list") return `[${oneText(field)}]`;
  return field.fieldKind === "map" ? `{${keyText(field)}:${oneText(field)}}` : oneText(field);
}

/** A text of JSON with its first letter escaped. */
export function escaped(text: string): string {
  return `"\\u${text.charCodeAt(1).toString(16).padStart(4, "0")}${text.slice(2)}`;
}

/** A valid value of a field; of a list or a map, of one of its values. */
function oneText(field: DescField): string {
  const kind = kindOf(field);
  if (field.message && isTimestamp(field.message.typeName)) return '"2000-02-03T04:05:06Z"';
  if (field.message) return messageText(field.message.fields);
  if (field.enum) return JSON.stringify(field.enum.values.at(-1)!.name);
  if (kind === "bool") return "true";
  if (kind === "bytes") return '"AAAA"';
  return kind === "string" ? '"another"' : "7";
}

function messageText(fields: readonly DescField[]): string {
  const field = fields.find(({ fieldKind }) => fieldKind === "scalar");
  return field ? `{${JSON.stringify(field.jsonName)}:${oneText(field)}}` : "{}";
}

/** A valid key of a map. */
function keyText(field: DescField & { fieldKind: "map" }): string {
  const kind = scalarKind(field.mapKey);
  return kind === "string" ? '"another"' : kind === "bool" ? '"true"' : '"7"';
}

/** A description, and the text of a value. */
export type Wrong = readonly [what: string, value: string];

/**
 * Invalid values of a field. A NUL in a text is replaced by a byte that is not UTF-8, since valid JSON has no NUL.
 */
export function wrongTexts(field: DescField): readonly Wrong[] {
  const one = wrongValues(field);
  const inside = (before: string, after: string): Wrong[] =>
    [["null", "null"] as const, ...one.slice(0, 3)].map(([what, value]) => [
      `${what}, inside`,
      `${before}${value}${after}`,
    ]);
  const good = oneText(field);
  if (field.fieldKind === "list")
    return [
      ["one value where a list belongs", good],
      ["an object where a list belongs", "{}"],
      ["an empty text where a list belongs", '""'],
      ["a list in a list", `[[${good}]]`],
      ["a list with a trailing comma", `[${good},]`],
      ["a list without its commas", `[${good} ${good}]`],
      ...inside("[", "]"),
    ];
  if (field.fieldKind !== "map") return one;
  const key = keyText(field);
  return [
    ["a list where a map belongs", "[]"],
    ["a list of entries where a map belongs", `[{"key":${key},"value":${good}}]`],
    ["an empty text where a map belongs", '""'],
    ["a map with a trailing comma", `{${key}:${good},}`],
    ["a map with one key twice", `{${key}:${good},${key}:${good}}`],
    ["a map with one key twice, once with an escape", `{${key}:${good},${escaped(key)}:${good}}`],
    ["a map with a key without quotes", `{${key.slice(1, -1)}:${good}}`],
    ...(scalarKind(field.mapKey) === "string" ? [] : [["a map with a key of another type", `{"x":${good}}`] as const]),
    ...inside(`{${key}:`, "}"),
  ];
}

function wrongValues(field: DescField): readonly Wrong[] {
  const kind = kindOf(field);
  if (field.message) return isTimestamp(field.message.typeName) ? invalidTimestamps : invalidMessages;
  if (field.enum) return invalidEnums;
  if (isInteger(kind)) return [...invalidIntegers, ...beyond(kind)];
  switch (kind) {
    case "bool":
      return invalidBools;
    case "float":
      return [...invalidFloats, ["more than a float can hold", "3.5e38"]];
    case "double":
      return invalidFloats;
    case "bytes":
      return [...notText, ["base64 that breaks off", '"AAAAA"'], ["a text that is not base64", '"!!!!"']];
    default:
      return invalidStrings;
  }
}

const notText: readonly Wrong[] = [
  ["a number", "1"],
  ["true", "true"],
  ["a list", "[]"],
  ["an object", "{}"],
];

const invalidStrings: readonly Wrong[] = [
  ...notText,
  ["a word without quotes", "word"],
  ["half of a surrogate pair, escaped", String.raw`"a\ud83d"`],
  ["a surrogate pair in the wrong order, escaped", String.raw`"\ude00\ud83d"`],
  ["a text with a bare line break", '"a\nb"'],
  ["a text with a bare control character", '"a\u001fb"'],
  ["a text with an invalid escape", String.raw`"\x41"`],
  ["a text with half an escape", String.raw`"\u12"`],
  ["a text that is not UTF-8", '"a\0b"'],
];

const invalidBools: readonly Wrong[] = [
  ['"true" in quotes', '"true"'],
  ["1", "1"],
  ["0", "0"],
  ["an empty text", '""'],
  ["TRUE", "TRUE"],
  ["a list", "[true]"],
  ["an object", "{}"],
];

const invalidIntegers: readonly Wrong[] = [
  ["1.5", "1.5"],
  ["true", "true"],
  ["an empty text", '""'],
  ["1e40", "1e40"],
  ["1.5 in quotes", '"1.5"'],
  ["1 in quotes after a space", '" 1"'],
  ["1 in quotes before a space", '"1 "'],
  ["0x1 in quotes", '"0x1"'],
  ["0x1", "0x1"],
  ["a word in quotes", '"one"'],
  ["NaN in quotes", '"NaN"'],
  ["NaN", "NaN"],
  ["01", "01"],
  ["+1", "+1"],
  ["a list", "[1]"],
  ["an object", "{}"],
];

const invalidFloats: readonly Wrong[] = [
  ["true", "true"],
  ["an empty text", '""'],
  ["more than a double can hold", "1e400"],
  ["NaN", "NaN"],
  ["Infinity", "Infinity"],
  ["a word in quotes", '"one"'],
  ["1 in quotes after a space", '" 1"'],
  ["a number without its first digit", ".5"],
  ["a number without its last digit", "1."],
  ["a list", "[1]"],
  ["an object", "{}"],
];

const invalidEnums: readonly Wrong[] = [
  ["an unknown name", '"NO_SUCH_NAME"'],
  ["an empty text", '""'],
  ["true", "true"],
  ["0.5", "0.5"],
  ["a number beyond 32 bits", "2147483648"],
  ["a list", "[0]"],
  ["an object", "{}"],
];

const invalidMessages: readonly Wrong[] = [
  ["an object in quotes", '"{}"'],
  ["a number", "1"],
  ["true", "true"],
  ["an empty text", '""'],
  ["a list", "[]"],
  ["an object with an unknown key", '{"unknown_key":1}'],
];

const invalidTimestamps: readonly Wrong[] = [
  ["a timestamp without a zone", '"2001-02-03T04:05:06"'],
  ["a number", "981173106"],
  ["an object", '{"seconds":1}'],
  ["an empty text", '""'],
  ["a date without a time", '"2001-02-03"'],
  ["a timestamp with a small t", '"2001-02-03t04:05:06Z"'],
  ["a timestamp with a small z", '"2001-02-03T04:05:06z"'],
  ["a timestamp with a space for the T", '"2001-02-03 04:05:06Z"'],
  ["a timestamp after a space", '" 2001-02-03T04:05:06Z"'],
  ["a timestamp before a space", '"2001-02-03T04:05:06Z "'],
  ["a timestamp without seconds", '"2001-02-03T04:05Z"'],
  ["a timestamp in month 13", '"2001-13-03T04:05:06Z"'],
  ["a timestamp on the 30th of February", '"2001-02-30T04:05:06Z"'],
  ["a timestamp at 25 o'clock", '"2001-02-03T25:05:06Z"'],
  ["a timestamp with a decimal point without digits", '"2001-02-03T04:05:06.Z"'],
  ["a timestamp with ten digits of a fraction", '"2001-02-03T04:05:06.0123456789Z"'],
  ["a timestamp with an offset without a colon", '"2001-02-03T04:05:06+0300"'],
  ["a timestamp with an offset and Z", '"2001-02-03T04:05:06+03:00Z"'],
  ["a timestamp in the year 10000", '"10000-01-01T00:00:00Z"'],
  ["a timestamp in the year 0000", '"0000-12-31T23:59:59Z"'],
  ["a timestamp that is in the year 10000 by its offset", '"9999-12-31T23:59:59-00:01"'],
];

/** Integers beyond the range of the type, or beyond the integers that JSON represents exactly. */
function beyond(kind: string): Wrong[] {
  const bounds = isLong(kind)
    ? ["9007199254740992", "9223372036854775807", "18446744073709551616"]
    : isUnsigned(kind)
      ? ["4294967296"]
      : ["2147483648", "-2147483649"];
  const below = isUnsigned(kind) ? ["-1"] : isLong(kind) ? ["-9007199254740992"] : [];
  return [...bounds, ...below].flatMap((digits) => [
    [digits, digits],
    [`${digits} in quotes`, `"${digits}"`],
  ]);
}
