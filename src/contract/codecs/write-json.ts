// Plain object to JSON, compiled once per message: known fields only, in the order of the contract; null is dropped, and a
// missing field has its default. The bytes are those of JSON.stringify of the object so completed, with bytes in base64.
import type protobuf from "protobufjs";
import { messageSchema, type Plain, type MessageSchema, type FieldSchema } from "../model/message-schema.js";
import { writer } from "./byte-writer.js";
import { formatDuration } from "./duration.js";
import {
  checkBoolean,
  checkBytes,
  checkDuration,
  checkEnum,
  checkInteger,
  checkList,
  checkNumber,
  checkObject,
  checkString,
} from "./write-checks.js";

/** Compiles the writer of a message. It throws a TypeError that names the field whose value has another type. */
export function jsonWriter(type: protobuf.Type): (value: object) => Buffer {
  const write = messageWriter(messageSchema(type), new Map());
  return (value) => {
    writer.begin();
    write(value as Plain);
    return writer.end();
  };
}

type Write = (value: unknown) => void;

const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, COLON, QUOTE] = [0x5b, 0x5d, 0x7b, 0x7d, 0x3a, 0x22] as const;

function messageWriter(schema: MessageSchema, known: Map<MessageSchema, Write>): Write {
  const compiled = known.get(schema);
  if (compiled) return compiled;
  const members: Write[] = [];
  const write: Write = (message) => {
    writer.byte(OPEN_OBJECT);
    for (let index = 0; index < members.length; index++) members[index]!(message);
    writer.byte(CLOSE_OBJECT);
  };
  // Before its members are compiled: a message may contain itself.
  known.set(schema, write);
  for (const field of schema.fields) members.push(memberWriter(field, valueWriter(field, known)));
  return write;
}

function memberWriter(field: FieldSchema, write: Write): Write {
  const { name } = field;
  const key = `"${name}":`;
  if (field.many === "list") return (message) => writeList(key, checkList(field, (message as Plain)[name]), write);
  if (field.many === "map")
    return (message) => writeMap(key, checkObject(field, (message as Plain)[name] ?? {}), write);
  if (field.hasPresence)
    return (message) => {
      const value = (message as Plain)[name];
      if (value == null) return;
      writer.comma();
      writer.ascii(key);
      write(value);
    };
  const fallback = field.default;
  return (message) => {
    writer.comma();
    writer.ascii(key);
    write((message as Plain)[name] ?? fallback);
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

function valueWriter(field: FieldSchema, known: Map<MessageSchema, Write>): Write {
  switch (field.kind) {
    case "string":
      return (value) => writer.quoted(checkString(field, value));
    case "bool":
      return (value) => writer.ascii(checkBoolean(field, value) ? "true" : "false");
    case "integer":
      return (value) => writer.decimal(checkInteger(field, value));
    case "float":
      return (value) => writeFloat(checkNumber(field, value));
    case "enum":
      return (value) => writeName(checkEnum(field, value));
    case "bytes":
      return (value) => writer.base64(checkBytes(field, value));
    case "timestamp":
      return (value) => writeName(checkString(field, value));
    case "duration":
      return (value) => writeName(formatDuration(checkDuration(field, value)));
    case "wrapper":
      return valueWriter(field.wrapped!, known);
    case "message": {
      const write = messageWriter(field.message!, known);
      return (value) => write(checkObject(field, value));
    }
  }
}

function writeFloat(value: number): void {
  writer.ascii(Number.isFinite(value) ? String(value) : `"${value}"`);
}

/** A text that needs no escape; an enum's number when it has no name. */
function writeName(value: string | number): void {
  if (typeof value === "number") return writer.decimal(value);
  writer.byte(QUOTE);
  writer.ascii(value);
  writer.byte(QUOTE);
}
