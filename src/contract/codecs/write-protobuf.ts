// Plain object to protobuf bytes, compiled once per message: fields in the order of their numbers, defaults left out, and
// the texts of enums, Timestamps and Durations converted as they are written.
import type protobuf from "protobufjs";
import { messageSchema, type Plain, type MessageSchema, type FieldSchema } from "../model/message-schema.js";
import { writer } from "./byte-writer.js";
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
  checkPresent,
  checkString,
  checkTime,
  isDefault,
} from "./write-checks.js";
import { finerThanMs } from "./timestamp.js";

/** Compiles the writer of a message. It throws a TypeError that names the field whose value has another type. */
export function protobufWriter(type: protobuf.Type): (value: object) => Buffer {
  const write = messageWriter(messageSchema(type), new Map());
  return (value) => {
    writer.begin();
    write(value as Plain);
    return writer.end();
  };
}

type Write = (value: unknown) => void;

function messageWriter(schema: MessageSchema, known: Map<MessageSchema, Write>): Write {
  const compiled = known.get(schema);
  if (compiled) return compiled;
  const members: Write[] = [];
  const write: Write = (message) => {
    for (let index = 0; index < members.length; index++) members[index]!(message);
  };
  // Before its members are compiled: a message may contain itself.
  known.set(schema, write);
  const byNumber = [...schema.fields].sort((a, b) => a.number - b.number);
  for (const field of byNumber) members.push(memberWriter(field, valueWriter(field, known)));
  return write;
}

function memberWriter(field: FieldSchema, write: Write): Write {
  const { name, tag } = field;
  if (field.many === "map") return mapWriter(field, write);
  if (field.many === "list") {
    if (field.isPacked) return packedWriter(field, write);
    return (message) => {
      for (const value of checkList(field, (message as Plain)[name])) {
        writer.varint(tag);
        write(value);
      }
    };
  }
  const isLeftOut = field.hasPresence ? undefined : isDefault(field);
  return (message) => {
    const value = (message as Plain)[name];
    if (value == null || isLeftOut?.(value)) return;
    writer.varint(tag);
    write(value);
  };
}

function packedWriter(field: FieldSchema, write: Write): Write {
  const tag = field.number * 8 + 2;
  return (message) => {
    const list = checkList(field, (message as Plain)[field.name]);
    if (list.length === 0) return;
    writer.varint(tag);
    const start = writer.open();
    for (const value of list) write(value);
    writer.close(start);
  };
}

function mapWriter(field: FieldSchema, write: Write): Write {
  const key = field.key!;
  const writeKey = valueWriter(key, new Map());
  return (message) => {
    const map = checkObject(field, (message as Plain)[field.name] ?? {});
    for (const name of Object.keys(map)) {
      writer.varint(field.tag);
      const start = writer.open();
      writer.varint(key.tag);
      writeKey(key.kind === "string" ? name : key.kind === "bool" ? name === "true" : Number(name));
      writer.varint(16 + field.wireType);
      write(map[name]);
      writer.close(start);
    }
  };
}

function valueWriter(field: FieldSchema, known: Map<MessageSchema, Write>): Write {
  switch (field.kind) {
    case "string":
      return (value) => writer.counted(checkString(field, value));
    case "bool":
      return (value) => writer.byte(checkBoolean(field, value) ? 1 : 0);
    case "integer":
      return integerWriter(field);
    case "float":
      return field.type === "float"
        ? (value) => writer.float(checkNumber(field, value))
        : (value) => writer.double(checkNumber(field, value));
    case "enum":
      return (value) => {
        const name = checkEnum(field, value);
        writer.varint(typeof name === "number" ? name : field.values!.numbers.get(name)!);
      };
    case "bytes":
      return (value) => writer.delimited(checkBytes(field, value));
    case "timestamp":
      return (value) => writeTimestamp(checkTime(field, value), finerThanMs(value as string));
    case "duration":
      return (value) => {
        const { seconds, nanos } = checkDuration(field, value);
        writeTime(seconds, nanos);
      };
    case "wrapper":
      return wrapperWriter(field.wrapped!);
    case "any":
      return (value) => writeAny(field, checkObject(field, value), known);
    case "message": {
      const write = messageWriter(field.message!, known);
      return (value) => {
        const start = writer.open();
        write(checkObject(field, value));
        writer.close(start);
      };
    }
  }
}

function writeAny(field: FieldSchema, any: Plain, known: Map<MessageSchema, Write>): void {
  const content = checkContent(field, any);
  const start = writer.open();
  if (content) {
    writer.byte(10);
    writer.counted(content.url);
    const mark = writer.mark();
    writer.byte(18);
    if (content.value) valueWriter(content.value, known)(any["value"]);
    else {
      const inner = writer.open();
      // Compiled at the first message of its type: most messages are never in an Any.
      messageWriter(content.message!, known)(any);
      writer.close(inner);
    }
    writer.dropEmpty(mark);
  }
  writer.close(start);
}

function integerWriter(field: FieldSchema): Write {
  if (field.wireType === 5) return (value) => writer.fixed32(checkInteger(field, value));
  if (field.wireType === 1) return (value) => writer.fixed64(checkInteger(field, value));
  if (field.type.startsWith("sint")) return (value) => writer.zigzag(checkInteger(field, value));
  return (value) => writer.varint(checkInteger(field, value));
}

function wrapperWriter(wrapped: FieldSchema): Write {
  const write = memberWriter(wrapped, valueWriter(wrapped, new Map()));
  return (value) => {
    const start = writer.open();
    write({ value: checkPresent(wrapped, value) });
    writer.close(start);
  };
}

function writeTimestamp(ms: number, finer: number): void {
  const seconds = Math.floor(ms / 1000);
  writeTime(seconds, (ms - seconds * 1000) * 1_000_000 + finer);
}

/** A Timestamp or a Duration: the fields of both have the same numbers and types. */
function writeTime(seconds: number, nanos: number): void {
  const start = writer.open();
  if (seconds !== 0) {
    writer.byte(8);
    writer.varint(seconds);
  }
  if (nanos !== 0) {
    writer.byte(16);
    writer.varint(nanos);
  }
  writer.close(start);
}
