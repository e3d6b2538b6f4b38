// Plain object to JSON in both of its forms, compiled once per message: known fields only, in the order of the contract; null
// is dropped. In `json` a missing field has its default, and the bytes are those of JSON.stringify of the object so completed,
// with bytes in base64 and the sign of a minus zero. `protojson` is the canonical ProtoJSON.
import type protobuf from "protobufjs";
import { messageSchema, type Plain, type MessageSchema, type FieldSchema } from "../model/message-schema.js";
import { writer } from "./byte-writer.js";
import { formatDuration } from "./duration.js";
import {
  checkBoolean,
  checkBytes,
  checkContent,
  checkDuration,
  checkEnum,
  checkInteger,
  checkList,
  checkNumber,
  checkObject,
  checkString,
  checkTimestamp,
  isDefault,
} from "./write-checks.js";

/** Compiles the writer of a message. It throws a TypeError that names the field whose value has another type. */
export function jsonWriter(type: protobuf.Type): (value: object) => Buffer {
  return writerOf(type, false);
}

/** The same for ProtoJSON: lowerCamelCase keys, 64-bit integers as text, defaults left out. */
export function protojsonWriter(type: protobuf.Type): (value: object) => Buffer {
  return writerOf(type, true);
}

function writerOf(type: protobuf.Type, isCanonical: boolean): (value: object) => Buffer {
  const write = messageWriter(messageSchema(type), { isCanonical, known: new Map() });
  return (value) => {
    writer.begin();
    write(value as Plain);
    return writer.end();
  };
}

interface Form {
  /** Whether the form is ProtoJSON's. */
  readonly isCanonical: boolean;
  /** The writers of messages that are compiled already, or are being compiled. */
  readonly known: Map<MessageSchema, Write>;
}

type Write = (value: unknown) => void;

const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, COLON, QUOTE] = [0x5b, 0x5d, 0x7b, 0x7d, 0x3a, 0x22] as const;

function messageWriter(schema: MessageSchema, form: Form): Write {
  const compiled = form.known.get(schema);
  if (compiled) return compiled;
  const members: Write[] = [];
  const write: Write = (message) => {
    writer.byte(OPEN_OBJECT);
    for (let index = 0; index < members.length; index++) members[index]!(message);
    writer.byte(CLOSE_OBJECT);
  };
  // Before its members are compiled: a message may contain itself.
  form.known.set(schema, write);
  for (const field of schema.fields) members.push(memberWriter(field, valueWriter(field, form), form));
  return write;
}

function memberWriter(field: FieldSchema, write: Write, { isCanonical }: Form): Write {
  const { name } = field;
  const key = `"${isCanonical ? field.jsonName : name}":`;
  if (field.many === "list")
    return (message) => {
      const list = checkList(field, (message as Plain)[name]);
      if (list.length > 0 || !isCanonical) writeList(key, list, write);
    };
  if (field.many === "map")
    return (message) => {
      const map = checkObject(field, (message as Plain)[name] ?? {});
      if (!isCanonical || Object.keys(map).length > 0) writeMap(key, map, write);
    };
  const isLeftOut = isCanonical && !field.hasPresence ? isDefault(field) : undefined;
  const fallback = field.hasPresence ? undefined : field.default;
  return (message) => {
    const value = (message as Plain)[name] ?? fallback;
    if (value == null || isLeftOut?.(value)) return;
    writer.comma();
    writer.ascii(key);
    write(value);
  };
}

function writeList(key: string, list: readonly unknown[], write: Write): void {
  writer.comma();
  writer.ascii(key);
  writer.byte(OPEN_LIST);
  for (const value of list) {
    writer.comma();
    write(value);
  }
  writer.byte(CLOSE_LIST);
}

function writeMap(key: string, map: Plain, write: Write): void {
  writer.comma();
  writer.ascii(key);
  writer.byte(OPEN_OBJECT);
  for (const name of Object.keys(map)) {
    writer.comma();
    writer.quoted(name);
    writer.byte(COLON);
    write(map[name]);
  }
  writer.byte(CLOSE_OBJECT);
}

function valueWriter(field: FieldSchema, form: Form): Write {
  switch (field.kind) {
    case "string":
      return (value) => writer.quoted(checkString(field, value));
    case "bool":
      return (value) => writer.ascii(checkBoolean(field, value) ? "true" : "false");
    case "integer":
      return form.isCanonical && field.type.endsWith("64")
        ? (value) => writeName(String(checkInteger(field, value)))
        : (value) => writer.decimal(checkInteger(field, value));
    case "float":
      return (value) => writeFloat(checkNumber(field, value));
    case "enum":
      return (value) => writeName(checkEnum(field, value));
    case "bytes":
      return (value) => writer.base64(checkBytes(field, value));
    case "timestamp":
      return form.isCanonical
        ? (value) => writeName(checkTimestamp(field, value).replace(".000Z", "Z"))
        : (value) => writeName(checkString(field, value));
    case "duration":
      return (value) => writeName(formatDuration(checkDuration(field, value)));
    case "wrapper":
      return valueWriter(field.wrapped!, form);
    case "any":
      return (value) => writeAny(field, checkObject(field, value), form);
    case "message": {
      const write = messageWriter(field.message!, form);
      return (value) => write(checkObject(field, value));
    }
  }
}

function writeAny(field: FieldSchema, any: Plain, form: Form): void {
  const content = checkContent(field, any);
  if (!content) return writer.ascii("{}");
  // Compiled at the first message of its type: most messages are never in an Any.
  const write = messageWriter(content.object, form);
  write(any["@type"] === content.url ? any : Object.assign({}, any, { "@type": content.url }));
}

function writeFloat(value: number): void {
  // String drops the sign of a minus zero.
  writer.ascii(Object.is(value, -0) ? "-0" : Number.isFinite(value) ? String(value) : `"${value}"`);
}

/** A text that needs no escape; an enum's number when it has no name. */
function writeName(value: string | number): void {
  if (typeof value === "number") return writer.decimal(value);
  writer.byte(QUOTE);
  writer.ascii(value);
  writer.byte(QUOTE);
}
