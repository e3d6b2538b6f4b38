// Plain object to JSON, compiled once per message: known fields only, in the order of the contract; null is dropped and
// what is missing gets its default. The bytes are those that JSON.stringify would give for the object so completed.
import type protobuf from "protobufjs";
import { shapeOf, type Plain, type Shape, type Slot } from "../model/message-schema.js";
import { sink } from "./byte-writer.js";
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
export function jsonWriter(type: protobuf.Type): (value: object) => Buffer {
  const write = messageWriter(shapeOf(type), new Map());
  return (value) => {
    sink.begin();
    write(value as Plain);
    return sink.end();
  };
}

type Write = (value: unknown) => void;

const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, COLON, QUOTE] = [0x5b, 0x5d, 0x7b, 0x7d, 0x3a, 0x22] as const;

function messageWriter(shape: Shape, made: Map<Shape, Write>): Write {
  const known = made.get(shape);
  if (known) return known;
  const members: Write[] = [];
  const write: Write = (message) => {
    sink.byte(OPEN_OBJECT);
    for (let index = 0; index < members.length; index++) members[index]!(message);
    sink.byte(CLOSE_OBJECT);
  };
  // Before its members are looked at: a message may hold itself.
  made.set(shape, write);
  for (const slot of shape.slots) members.push(memberWriter(slot, valueWriter(slot, made)));
  return write;
}

function memberWriter(slot: Slot, write: Write): Write {
  const { name } = slot;
  const key = `"${name}":`;
  if (slot.many === "list") return (message) => writeList(key, checkList(slot, (message as Plain)[name]), write);
  if (slot.many === "map") return (message) => writeMap(key, checkObject(slot, (message as Plain)[name] ?? {}), write);
  if (slot.hasPresence)
    return (message) => {
      const value = (message as Plain)[name];
      if (value == null) return;
      sink.comma();
      sink.ascii(key);
      write(value);
    };
  const fallback = slot.default;
  return (message) => {
    sink.comma();
    sink.ascii(key);
    write((message as Plain)[name] ?? fallback);
  };
}

function writeList(key: string, list: readonly unknown[], write: Write): void {
  sink.comma();
  sink.ascii(key);
  sink.byte(OPEN_LIST);
  for (const value of list) {
    sink.comma();
    write(value);
  }
  sink.byte(CLOSE_LIST);
}

function writeMap(key: string, map: Plain, write: Write): void {
  sink.comma();
  sink.ascii(key);
  sink.byte(OPEN_OBJECT);
  for (const name of Object.keys(map)) {
    sink.comma();
    sink.quoted(name);
    sink.byte(COLON);
    write(map[name]);
  }
  sink.byte(CLOSE_OBJECT);
}

function valueWriter(slot: Slot, made: Map<Shape, Write>): Write {
  switch (slot.kind) {
    case "string":
      return (value) => sink.quoted(checkString(slot, value));
    case "bool":
      return (value) => sink.ascii(checkBoolean(slot, value) ? "true" : "false");
    case "integer":
      return (value) => sink.decimal(checkInteger(slot, value));
    case "float":
      return (value) => writeFloat(checkNumber(slot, value));
    case "enum":
      return (value) => writeName(checkEnum(slot, value));
    case "timestamp":
      return (value) => writeName(checkString(slot, value));
    case "message": {
      const write = messageWriter(slot.message!, made);
      return (value) => write(checkObject(slot, value));
    }
  }
}

function writeFloat(value: number): void {
  sink.ascii(Number.isFinite(value) ? String(value) : `"${value}"`);
}

/** A text that is known to need no escape; an enum's number when it has no name. */
function writeName(value: string | number): void {
  if (typeof value === "number") return sink.decimal(value);
  sink.byte(QUOTE);
  sink.ascii(value);
  sink.byte(QUOTE);
}
