// Single values in the form of text: the strings of JSON, the parts of a path and of a query.
import { base64Wanted, parseBase64 } from "./base64.js";
import { durationWanted, formatDuration, parseDuration } from "./duration.js";
import { malformed, type Step } from "./malformed.js";
import { jsonNumber } from "./scan-json.js";
import type { FieldSchema } from "../model/message-schema.js";
import { finerThanMs, formatTimestamp, parseTimestamp, timestampFault, timestampWanted } from "./timestamp.js";

const decimal = /^-?(?:0|[1-9]\d*)$/;
const notFinite: ReadonlyMap<string, number> = new Map([
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

/** `value` as the field's integer, float or enum; undefined when the field cannot hold it. */
export function numberOf(field: FieldSchema, value: number): number | string | undefined {
  if (field.kind === "float") {
    const kept = field.type === "float" ? Math.fround(value) : value;
    return Number.isFinite(kept) ? kept : undefined;
  }
  if (field.kind === "enum") return (value | 0) === value ? enumByNumber(field, value) : undefined;
  // As an integer, minus zero is zero.
  return Number.isInteger(value) && value >= field.min && value <= field.max ? value + 0 : undefined;
}

/** The number in a string, as ProtoJSON allows it; a float may also be "NaN", "Infinity" and "-Infinity". */
export function quotedNumberOf(field: FieldSchema, text: string): number | string | undefined {
  if (field.kind === "float" && notFinite.has(text)) return notFinite.get(text);
  return jsonNumber.test(text) ? numberOf(field, Number(text)) : undefined;
}

/** The enum's value by name; undefined when there is none. Of two names for one value, the first. */
export function enumByName(field: FieldSchema, name: string): string | undefined {
  const number = field.values!.numbers.get(name);
  return number === undefined ? undefined : field.values!.names.get(number);
}

/** The enum's value by number: its name, or the number itself, for validation to refuse, when it is not defined. */
export function enumByNumber(field: FieldSchema, number: number): string | number {
  return field.values!.names.get(number) ?? number;
}

/** What a value of the field must be, to complete "limit ...". */
export function wanted(field: FieldSchema): string {
  switch (field.kind) {
    case "string":
      return "must be a string";
    case "bool":
      return "must be true or false";
    case "integer":
      return `must be a whole number between ${field.min} and ${field.max}`;
    case "float":
      return "must be a number";
    case "enum":
      return `must be one of ${[...field.values!.names.values()].join(", ")}`;
    case "bytes":
      return base64Wanted;
    case "timestamp":
      return timestampWanted;
    case "duration":
      return durationWanted;
    case "wrapper":
      return wanted(field.wrapped!);
    case "any":
    case "message":
      return "must be an object";
  }
}

/**
 * One value of a path or a query: decimal numbers, `true` and `false`, enums by name or number, Timestamps in RFC 3339,
 * Durations as in ProtoJSON, bytes in base64. Throws MALFORMED_REQUEST.
 */
export function valueOfText(field: FieldSchema, text: string, path: readonly Step[]): unknown {
  const value = readText(field, text);
  if (value === undefined) throw malformed(path, field.kind === "timestamp" ? timestampFault(text) : wanted(field));
  return value;
}

function readText(field: FieldSchema, text: string): unknown {
  switch (field.kind) {
    case "string":
      return text;
    case "bool":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "integer":
      return decimal.test(text) ? numberOf(field, Number(text)) : undefined;
    case "float":
      return quotedNumberOf(field, text);
    case "enum":
      return decimal.test(text) ? numberOf(field, Number(text)) : enumByName(field, text);
    case "bytes":
      return parseBase64(text);
    case "timestamp":
      return timestampOf(text);
    case "duration":
      return durationOf(text);
    case "wrapper":
      return readText(field.wrapped!, text);
    case "any":
    case "message":
      return undefined;
  }
}

/** A Timestamp in the form of the plain object, UTC with milliseconds or finer digits; undefined for any other text. */
export function timestampOf(text: string): string | undefined {
  const ms = parseTimestamp(text);
  return ms === undefined ? undefined : formatTimestamp(ms, finerThanMs(text));
}

/** A Duration in its canonical form, that of the plain object; undefined for any other text. */
export function durationOf(text: string): string | undefined {
  const duration = parseDuration(text);
  return duration && formatDuration(duration);
}

/** A key of a map in the form of the plain object. Throws MALFORMED_REQUEST. */
export function mapKeyOf(key: FieldSchema, text: string, path: readonly Step[]): string {
  return String(valueOfText(key, text, path));
}
