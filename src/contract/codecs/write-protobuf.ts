// Plain object to protobuf bytes, compiled once per message: fields in the order of their numbers, defaults left out,
// enums and Timestamps turned from text to numbers in place.
import type protobuf from "protobufjs";
import { shapeOf, type Plain, type Shape, type Slot } from "../model/message-schema.js";
import { sink } from "./byte-writer.js";
import { parseTimestamp } from "./timestamp.js";
import {
  checkBoolean,
  checkEnum,
  checkInteger,
  checkList,
  checkNumber,
  checkObject,
  checkString,
} from "./write-checks.js";

/** Compiles the writer of a message. It throws a TypeError that names the field whose value has another type. */
export function protobufWriter(type: protobuf.Type): (value: object) => Buffer {
  const write = messageWriter(shapeOf(type), new Map());
  return (value) => {
    sink.begin();
    write(value as Plain);
    return sink.end();
  };
}

type Write = (value: unknown) => void;

function messageWriter(shape: Shape, made: Map<Shape, Write>): Write {
  const known = made.get(shape);
  if (known) return known;
  const members: Write[] = [];
  const write: Write = (message) => {
    for (let index = 0; index < members.length; index++) members[index]!(message);
  };
  // Before its members are looked at: a message may hold itself.
  made.set(shape, write);
  const byNumber = [...shape.slots].sort((a, b) => a.number - b.number);
  for (const slot of byNumber) members.push(memberWriter(slot, valueWriter(slot, made)));
  return write;
}

function memberWriter(slot: Slot, write: Write): Write {
  const { name, tag } = slot;
  if (slot.many === "map") return mapWriter(slot, write);
  if (slot.many === "list") {
    if (slot.isPacked) return packedWriter(slot, write);
    return (message) => {
      for (const value of checkList(slot, (message as Plain)[name])) {
        sink.varint(tag);
        write(value);
      }
    };
  }
  const omitted = slot.hasPresence ? undefined : slot.default;
  return (message) => {
    const value = (message as Plain)[name];
    // Minus zero is not the default: its sign would be lost.
    if (value == null || (value === omitted && !Object.is(value, -0))) return;
    sink.varint(tag);
    write(value);
  };
}

function packedWriter(slot: Slot, write: Write): Write {
  const tag = slot.number * 8 + 2;
  return (message) => {
    const list = checkList(slot, (message as Plain)[slot.name]);
    if (list.length === 0) return;
    sink.varint(tag);
    const start = sink.open();
    for (const value of list) write(value);
    sink.close(start);
  };
}

function mapWriter(slot: Slot, write: Write): Write {
  const key = slot.key!;
  const writeKey = valueWriter(key, new Map());
  return (message) => {
    const map = checkObject(slot, (message as Plain)[slot.name] ?? {});
    for (const name of Object.keys(map)) {
      sink.varint(slot.tag);
      const start = sink.open();
      sink.varint(key.tag);
      writeKey(key.kind === "string" ? name : key.kind === "bool" ? name === "true" : Number(name));
      sink.varint(16 + slot.wireType);
      write(map[name]);
      sink.close(start);
    }
  };
}

function valueWriter(slot: Slot, made: Map<Shape, Write>): Write {
  switch (slot.kind) {
    case "string":
      return (value) => sink.counted(checkString(slot, value));
    case "bool":
      return (value) => sink.byte(checkBoolean(slot, value) ? 1 : 0);
    case "integer":
      return integerWriter(slot);
    case "float":
      return slot.type === "float"
        ? (value) => sink.float(checkNumber(slot, value))
        : (value) => sink.double(checkNumber(slot, value));
    case "enum":
      return (value) => {
        const name = checkEnum(slot, value);
        sink.varint(typeof name === "number" ? name : slot.values!.numbers.get(name)!);
      };
    case "timestamp":
      return (value) => writeTimestamp(slot, checkString(slot, value));
    case "message": {
      const write = messageWriter(slot.message!, made);
      return (value) => {
        const start = sink.open();
        write(checkObject(slot, value));
        sink.close(start);
      };
    }
  }
}

function integerWriter(slot: Slot): Write {
  if (slot.wireType === 5) return (value) => sink.fixed32(checkInteger(slot, value));
  if (slot.wireType === 1) return (value) => sink.fixed64(checkInteger(slot, value));
  if (slot.type.startsWith("sint")) return (value) => sink.zigzag(checkInteger(slot, value));
  return (value) => sink.varint(checkInteger(slot, value));
}

function writeTimestamp(slot: Slot, text: string): void {
  const ms = parseTimestamp(text);
  if (ms === undefined) throw new TypeError(`${slot.fullName} cannot be written: it is not a date and time`);
  const seconds = Math.floor(ms / 1000);
  const nanos = (ms - seconds * 1000) * 1_000_000;
  const start = sink.open();
  if (seconds !== 0) {
    sink.byte(8);
    sink.varint(seconds);
  }
  if (nanos !== 0) {
    sink.byte(16);
    sink.varint(nanos);
  }
  sink.close(start);
}
