// Writes a message as JSON text, with every choice that ProtoJSON leaves to the writer.
import { fromJson, toJson, type DescEnum, type DescField, type DescMessage, type JsonValue } from "@bufbuild/protobuf";
import type { Descriptors } from "../../client/descriptors.js";
import type { CodecName, Plain } from "../../client/encoding.js";
import { stringify } from "../../client/json.js";
import { isInteger, isLong, isTimestamp, isOpaque, kindOf } from "../field-kind.js";

/** One member of an object, as text. */
export interface JsonMember {
  readonly field: DescField | undefined;
  /** The key with its quotes, and the value. */
  readonly key: string;
  readonly value: string;
}

/** How each part is written. Arguments and results named "text" have no quotes. */
export interface Spelling {
  /** The key of a field, without quotes. */
  key(field: DescField): string;
  /** Any string, keys among them, with its quotes. */
  quoted(text: string): string;
  /** An integer, given as its digits. */
  integer(digits: string, isLong: boolean): string;
  float(value: number | string): string;
  enumeration(name: string, number: number): string;
  /** A timestamp without quotes, given in UTC with milliseconds. */
  timestamp(iso: string): string;
  /** Bytes in base64, padded and in the standard alphabet. */
  bytes(base64: string): string;
  /** The members to write of a message. */
  change(type: DescMessage, members: readonly JsonMember[]): readonly JsonMember[];
  /** The members to write of a map, the value of that field. */
  changeMap(members: readonly JsonMember[], field: DescField): readonly JsonMember[];
  /** White space around every token. */
  readonly gap: string;
}

/** The usual spelling of a codec. */
export function usualSpelling(codec: CodecName): Spelling {
  return {
    key: (field) => (codec === "protojson" ? field.jsonName : field.name),
    quoted: (text) => JSON.stringify(text),
    integer: (digits, isLong) => (isLong && codec === "protojson" ? `"${digits}"` : digits),
    float: (value) => stringify(value),
    enumeration: (name) => JSON.stringify(name),
    timestamp: (iso) => iso,
    bytes: (base64) => base64,
    change: (_, members) => members,
    changeMap: (members) => members,
    gap: "",
  };
}

/** A message in normal form, which the functions here take. Throws when `value` is not a message. */
export function normal({ registry }: Descriptors, type: DescMessage, value: Plain): Plain {
  const message = fromJson(type, value as JsonValue, { registry });
  return toJson(type, message, { registry, useProtoFieldName: true }) as Plain;
}

/** Writes a message in normal form. */
export function jsonText(type: DescMessage, normal: Plain, spelling: Spelling): string {
  const { gap } = spelling;
  return gap + messageText(type, normal, spelling) + gap;
}

function messageText(type: DescMessage, message: Plain, spelling: Spelling): string {
  const members = type.fields
    .filter(({ name }) => message[name] !== undefined)
    .map((field) => memberOf(field, fieldText(field, message[field.name], spelling), spelling));
  return objectText(spelling.change(type, members), spelling);
}

/** A member of a message. */
export function memberOf(field: DescField, value: string, spelling: Spelling): JsonMember {
  return { field, key: spelling.quoted(spelling.key(field)), value };
}

function objectText(members: readonly JsonMember[], { gap }: Spelling): string {
  return `{${gap}${members.map(({ key, value }) => `${key}${gap}:${gap}${value}`).join(`${gap},${gap}`)}${gap}}`;
}

function fieldText(field: DescField, value: unknown, spelling: Spelling): string {
  const { gap } = spelling;
  if (field.fieldKind === "list") {
    const items = (value as unknown[]).map((item) => valueText(field, item, spelling));
    return `[${gap}${items.join(`${gap},${gap}`)}${gap}]`;
  }
  if (field.fieldKind !== "map") return valueText(field, value, spelling);
  const members = Object.entries(value as Plain).map(([key, each]) => ({
    field: undefined,
    key: spelling.quoted(key),
    value: valueText(field, each, spelling),
  }));
  return objectText(spelling.changeMap(members, field), spelling);
}

function valueText(field: DescField, value: unknown, spelling: Spelling): string {
  const { message } = field;
  if (message && isTimestamp(message.typeName))
    return spelling.quoted(spelling.timestamp(new Date(value as string).toISOString()));
  if (message) return isOpaque(field) ? JSON.stringify(value) : messageText(message, value as Plain, spelling);
  if (field.enum) return enumText(field.enum, value, spelling);
  const kind = kindOf(field);
  if (isInteger(kind)) return spelling.integer(String(value), isLong(kind));
  if (kind === "float" || kind === "double") return spelling.float(value as number | string);
  if (kind === "bytes") return spelling.quoted(spelling.bytes(value as string));
  return typeof value === "string" ? spelling.quoted(value) : JSON.stringify(value);
}

function enumText(type: DescEnum, value: unknown, spelling: Spelling): string {
  const known = type.values.find(({ name }) => name === value);
  return known ? spelling.enumeration(known.name, known.number) : JSON.stringify(value);
}

/** A field that a message of the body can have. */
export interface JsonPlace {
  readonly field: DescField;
  /** Its first path: "title", "shelves.name". */
  readonly path: string;
  readonly isSet: boolean;
}

/** The fields of all messages in a message in normal form, set or not, each once; those of the outer messages first. */
export function jsonPlacesOf(type: DescMessage, normal: Plain): JsonPlace[] {
  const places = new Map<DescField, { field: DescField; path: string; isSet: boolean }>();
  const messages: [type: DescMessage, message: Plain, prefix: string][] = [[type, normal, ""]];
  for (const [type, message, prefix] of messages)
    for (const field of type.fields) {
      const value = message[field.name];
      const place = places.get(field) ?? { field, path: prefix + field.name, isSet: false };
      place.isSet ||= value !== undefined;
      places.set(field, place);
      if (value === undefined || !field.message) continue;
      if (isOpaque(field) || isTimestamp(field.message.typeName)) continue;
      for (const each of field.fieldKind === "message" ? [value] : Object.values(value as object))
        messages.push([field.message, each as Plain, `${prefix}${field.name}.`]);
    }
  return [...places.values()];
}
