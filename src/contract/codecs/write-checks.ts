// The type of each value that a handler answers with is checked once, as it is written: a wrong one would leave as broken
// JSON, or as protobuf that differs from the JSON. It is a bug of the server, so the error is a TypeError.
import { contentOf, type AnyContent } from "./any-content.js";
import { parseDuration, type Duration } from "./duration.js";
import type { Plain, FieldSchema } from "../model/message-schema.js";
import { finerThanMs, formatTimestamp, parseTimestamp } from "./timestamp.js";

export function checkString(field: FieldSchema, value: unknown): string {
  return typeof value === "string" ? value : refuse(field, value);
}

export function checkBytes(field: FieldSchema, value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : refuse(field, value);
}

/** The parts of a Duration, which need not be in its canonical form. */
export function checkDuration(field: FieldSchema, value: unknown): Duration {
  const duration = parseDuration(checkString(field, value));
  if (!duration) throw new TypeError(`${field.fullName} cannot be written: it is not a duration`);
  return duration;
}

/** A Timestamp in the form of the plain object. */
export function checkTimestamp(field: FieldSchema, value: unknown): string {
  return formatTimestamp(checkTime(field, value), finerThanMs(value as string));
}

/** A Timestamp in milliseconds since 1970. */
export function checkTime(field: FieldSchema, value: unknown): number {
  const ms = parseTimestamp(checkString(field, value));
  if (ms === undefined) throw new TypeError(`${field.fullName} cannot be written: it is not a date and time`);
  return ms;
}

export function checkBoolean(field: FieldSchema, value: unknown): boolean {
  return typeof value === "boolean" ? value : refuse(field, value);
}

/** A whole number that the field can hold. */
export function checkInteger(field: FieldSchema, value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= field.min && (value as number) <= field.max)
    return value as number;
  return refuse(field, value);
}

export function checkNumber(field: FieldSchema, value: unknown): number {
  return typeof value === "number" ? value : refuse(field, value);
}

/** An enum by its name, or by a number without a name. */
export function checkEnum(field: FieldSchema, value: unknown): string | number {
  if (typeof value === "string" ? field.values!.numbers.has(value) : Number.isInteger(value)) return value as string;
  return refuse(field, value);
}

export function checkObject(field: FieldSchema, value: unknown): Plain {
  return typeof value === "object" && value !== null ? (value as Plain) : refuse(field, value);
}

/** What an Any holds; undefined for one without members. */
export function checkContent(field: FieldSchema, any: Plain): AnyContent | undefined {
  const url = any["@type"];
  if (url === undefined && Object.keys(any).length === 0) return undefined;
  const content = typeof url === "string" ? contentOf(field.root!, url) : undefined;
  if (!content) throw new TypeError(`${field.fullName} cannot be written: its @type names no message of the contract`);
  if (content.value) checkPresent(content.value, any["value"]);
  return content;
}

/** A value that is not null or undefined: a member of a message may be absent, an element may not. */
export function checkPresent(field: FieldSchema, value: unknown): unknown {
  return value ?? refuse(field, value);
}

/** A list; an empty one where it is absent. */
export function checkList(field: FieldSchema, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value == null ? [] : refuse(field, value);
}

/** Whether a value of a field without presence is its default, so that protobuf and ProtoJSON leave it out. */
export function isDefault(field: FieldSchema): (value: unknown) => boolean {
  if (field.kind === "bytes") return (value) => checkBytes(field, value).length === 0;
  const omitted = field.default;
  // Minus zero is not the default of a float: its sign would be lost.
  if (field.kind === "float") return (value) => Object.is(value, omitted);
  return (value) => value === omitted;
}

function refuse(field: FieldSchema, value: unknown): never {
  throw new TypeError(
    `${field.fullName} cannot be written from a value of type ${value === null ? "null" : typeof value}`,
  );
}
