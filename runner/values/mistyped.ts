// Values of a wrong type: JSON values that no JSON codec may accept for a field, and texts that no query or path may. None
// is valid in ProtoJSON, where 1.0, 1e2 and "5" are integers, and null is an absent field.
import type { DescField } from "@bufbuild/protobuf";
import { invalidAnys } from "./anys.js";
import { invalidBase64 } from "./bytes.js";
import { invalidDurations } from "./durations.js";
import { keyTypeOf, fieldTypeOf, type FieldType } from "./field-type.js";

/** A JSON value that is invalid for a field. */
export interface Mistyped {
  /** For people. */
  readonly name: string;
  readonly json: unknown;
  /** The place of the fault as a Problem has it, relative to the message; absent where implementations differ. */
  readonly field: string | undefined;
}

/** A text that is invalid for a field. */
export interface MistypedText {
  readonly name: string;
  readonly text: string;
}

/** JSON values that must be refused as malformed for a field. */
export function mistyped(field: DescField): Mistyped[] {
  const fieldType = fieldTypeOf(field);
  if (field.fieldKind === "list") return mistypedList(field.name, fieldType);
  if (field.fieldKind === "map") return mistypedMap(field.name, keyTypeOf(field), fieldType);
  const types = fieldType.kind === "any" ? invalidAnys.map((json) => named(json, "an Any", `${field.name}.@type`)) : [];
  return [...wrong(fieldType).map((json) => named(json, whatOf(fieldType), field.name)), ...types];
}

/** Texts that must be refused as malformed for a field in a path or a query. None for messages and maps. */
export function mistypedQuery(field: DescField): MistypedText[] {
  if (field.fieldKind === "map") return [];
  const fieldType = fieldTypeOf(field);
  const what = whatOf(fieldType);
  return wrongTexts(fieldType).map((text) => ({ name: `${JSON.stringify(text)} for ${what}`, text }));
}

function mistypedList(name: string, fieldType: FieldType): Mistyped[] {
  const instead = [{}, true, 1, "x", good(fieldType)].map((json) => named(json, "a list", name));
  const each = `a list of which each is ${whatOf(fieldType)}`;
  const items = [...wrong(fieldType), null].map((item) => named([item], each, `${name}[0]`));
  const second = named([good(fieldType), ...wrong(fieldType).slice(0, 1)], each, `${name}[1]`);
  return apart([...instead, ...items, second]);
}

function mistypedMap(name: string, keyType: FieldType, fieldType: FieldType): Mistyped[] {
  const instead = [[], true, 1, "x", [{}]].map((json) => named(json, "an object of pairs", name));
  const key = goodKey(keyType);
  // Implementations differ in whether a number between the brackets has quotes.
  const at = keyType.kind === "text" ? `${name}[${JSON.stringify(key)}]` : undefined;
  const values = [...wrong(fieldType), null].map((value) =>
    named({ [key]: value }, `pairs of which each is ${whatOf(fieldType)}`, at),
  );
  const keys = [...wrongTexts(keyType), ...(keyType.kind === "text" ? [halfPair] : [])].map((text) =>
    named({ [text]: good(fieldType) }, `pairs of which each key is ${whatOf(keyType)}`, name),
  );
  return apart([...instead, ...values, ...keys]);
}

function named(json: unknown, what: string, field: string | undefined): Mistyped {
  return { name: `${JSON.stringify(json)} for ${what}`, json, field };
}

function apart(found: readonly Mistyped[]): Mistyped[] {
  return found.filter(({ name }, at) => found.findIndex((other) => other.name === name) === at);
}

// An escape in JSON can express it, and UTF-8 cannot encode it.
const halfPair = "\ud800";
const noName = "NO_SUCH_NAME";

const invalidTimestamps = [
  "",
  "yesterday",
  "2026-01-01",
  "2026-01-01T00:00:00",
  "2026-01-01 00:00:00Z",
  "2026-01-01t00:00:00z",
  "2026-01-01t00:00:00Z",
  "2026-01-01T00:00:00z",
  "2016-12-31T23:59:60Z",
  "2017-01-01T00:59:60+01:00",
  "1900-02-29T00:00:00Z",
  "2026-01-01T00:00:00+14:60",
  "2026-01-01T00:00Z",
  "2026-01-01T24:00:00Z",
  "2026-01-01T00:60:00Z",
  "2026-02-30T00:00:00Z",
  "2025-02-29T00:00:00Z",
  "2026-13-01T00:00:00Z",
  "2026-01-01T00:00:00.Z",
  "2026-01-01T00:00:00.1234567890Z",
  "2026-01-01T00:00:00+0300",
  "2026-01-01T00:00:00+24:00",
  "0000-12-31T23:59:59Z",
  "0001-01-01T00:00:00+01:00",
  "9999-12-31T23:59:59-01:00",
  "10000-01-01T00:00:00Z",
  "-001-01-01T00:00:00Z",
];

/** Invalid JSON values of a type. */
function wrong(fieldType: FieldType): unknown[] {
  switch (fieldType.kind) {
    case "text":
      return [true, 0, 1, 1.5, [], ["a"], {}, halfPair];
    case "bool":
      return ["true", "false", "", 0, 1, [], [true], {}];
    case "integer": {
      const beyond = [fieldType.max + 1, fieldType.min - 1];
      const texts = ["", "abc", "1.5", "1e99", " 1", "1 ", "+1", "01", "0x1", "true", "NaN", "Infinity"];
      return [true, 1.5, 1e99, ...beyond, ...beyond.map(String), ...texts, [], [1], {}];
    }
    case "float": {
      const beyond = fieldType.isSingle ? [1e39, "1e39"] : [];
      return [true, "", "abc", " 1", "1,5", "0x1", "nan", "1e999", ...beyond, [], [1], {}];
    }
    case "enum":
      return [true, 1.5, 2 ** 31, -(2 ** 31) - 1, "", "true", noName, ...otherCase(fieldType), [], {}];
    case "timestamp":
      return [true, 0, 1767225600, ...invalidTimestamps, [], {}, { seconds: 1 }];
    case "any":
    case "message":
      return [true, 1, "", "x", [], [{}]];
    case "duration":
      return [true, 0, 1.5, ...invalidDurations, [], {}, { seconds: 1 }];
    case "bytes":
      return [true, 1, ...invalidBase64, [], ["AA=="], {}];
  }
}

/** Invalid texts of a type, in a query, a path or the key of a map. */
function wrongTexts(fieldType: FieldType): string[] {
  switch (fieldType.kind) {
    case "bool":
      return ["", "0", "1", "yes", "True", "TRUE", " true", "true "];
    case "integer": {
      const beyond = [fieldType.max + 1, fieldType.min - 1].map(String);
      return ["", "abc", "true", "1.5", "1,2", "1e99", " 1", "1 ", "+1", "--1", "0x1", "NaN", "\u0661", ...beyond];
    }
    case "float":
      return ["", "abc", "true", " 1", "1,5", "0x1"];
    case "enum":
      return ["", "true", "1.5", String(2 ** 31), noName, ...otherCase(fieldType)];
    case "timestamp":
      // A plus that is not escaped as %2B is a space in a query.
      return [...invalidTimestamps, "1767225600", "2026-01-01T00:00:00 03:00"];
    case "duration":
      return [...invalidDurations];
    case "bytes":
      return [...invalidBase64];
    default:
      return [];
  }
}

/** The names of an enum in the other case, unless they are names too. */
function otherCase({ of }: FieldType & { kind: "enum" }): string[] {
  const names = of.values.map(({ name }) => name);
  return names
    .slice(0, 1)
    .map((name) => name.toLowerCase())
    .filter((name) => !names.includes(name));
}

function good(fieldType: FieldType): unknown {
  switch (fieldType.kind) {
    case "text":
      return "a";
    case "bool":
      return true;
    case "integer":
    case "float":
      return 1;
    case "enum":
      return fieldType.of.values[0]!.name;
    case "timestamp":
      return "2026-01-01T00:00:00Z";
    case "duration":
      return "1s";
    case "any":
    case "message":
      return {};
    case "bytes":
      return "";
  }
}

function goodKey(fieldType: FieldType): string {
  return fieldType.kind === "integer" ? "1" : fieldType.kind === "bool" ? "true" : "a";
}

function whatOf(fieldType: FieldType): string {
  const words = { text: "a text", bool: "a bool", integer: "an integer", float: "a number", enum: "an enum" } as const;
  const others = { timestamp: "a timestamp", duration: "a duration", message: "a message", bytes: "bytes" } as const;
  return { ...words, ...others, any: "an Any" }[fieldType.kind];
}
