// Protobuf bytes to plain object, in one pass and straight into its final form. Fields that the message does not have are
// skipped, as old servers must for new apps.
import type protobuf from "protobufjs";
import { malformed } from "./malformed.js";
import { enumByNumber, wanted } from "./scalars.js";
import { ProtobufScanner } from "./scan-protobuf.js";
import { maxDepth, shapeOf, type Plain, type Shape, type Slot } from "../model/message-schema.js";
import { earliest, formatTimestamp, latest, parseTimestamp, timestampWanted } from "./timestamp.js";

/**
 * Compiles the reader of a message. It throws MALFORMED_REQUEST with the place of the first fault; lists are read one
 * element further than their rule allows, and no more.
 */
export function protobufReader(type: protobuf.Type): (body: Buffer) => Plain {
  const shape = shapeOf(type);
  return (body) => {
    const message = shape.blank();
    readMessage(new ProtobufScanner(body), shape, body.length, 1, message);
    return message;
  };
}

// Putting moments together is the one thing here that costs more than the bytes it takes; nobody sends them in pieces.
const mostSecondMoments = 1000;

/** Reads up to `end` into `message`; what stands there already is what the same field said before. */
function readMessage(wire: ProtobufScanner, shape: Shape, end: number, depth: number, message: Plain): void {
  if (depth > maxDepth) throw wire.tooDeep();
  while (wire.at < end) {
    const tag = wire.tag(end);
    const slot = shape.byNumber.get(tag >>> 3);
    if (!slot || (slot.many !== "one" && isFull(wire, slot, message[slot.name] as object))) {
      wire.skip(tag, end, depth);
      continue;
    }
    wire.path.push(slot.name);
    if (tag === slot.tag) readField(wire, slot, end, depth, message);
    else if ((tag & 7) === 2 && slot.many === "list")
      readPacked(wire, slot, wire.length(end), message[slot.name] as unknown[]);
    else wire.skip(tag, end, depth);
    wire.path.pop();
  }
}

/** Whether a list or map is as long as it is read. */
function isFull(wire: ProtobufScanner, slot: Slot, held: object): boolean {
  return (slot.many === "list" ? (held as unknown[]).length : wire.sizes.get(held)) === slot.readAtMost;
}

function readField(wire: ProtobufScanner, slot: Slot, end: number, depth: number, message: Plain): void {
  if (slot.many === "list") {
    const list = message[slot.name] as unknown[];
    list.push(readItem(wire, slot, end, depth, list.length));
  } else if (slot.many === "map") {
    readEntry(wire, slot, wire.length(end), depth, message[slot.name] as Plain);
  } else {
    if (slot.rivals.length > 0) for (const rival of slot.rivals) delete message[rival];
    const before = slot.hasPresence ? message[slot.name] : undefined;
    message[slot.name] = readValue(wire, slot, end, depth, before);
  }
}

function readPacked(wire: ProtobufScanner, slot: Slot, end: number, list: unknown[]): void {
  while (wire.at < end && list.length < slot.readAtMost) list.push(readItem(wire, slot, end, 0, list.length));
  if (wire.at < end) wire.skipPacked(slot.wireType, end);
}

function readItem(wire: ProtobufScanner, slot: Slot, end: number, depth: number, index: number): unknown {
  wire.path.push(index);
  const value = readValue(wire, slot, end, depth, undefined);
  wire.path.pop();
  return value;
}

function readEntry(wire: ProtobufScanner, slot: Slot, end: number, depth: number, map: Plain): void {
  const key = slot.key!;
  let name = String(key.default);
  let value: unknown;
  while (wire.at < end) {
    const tag = wire.tag(end);
    if (tag === key.tag) name = String(readValue(wire, key, end, depth, undefined));
    else if (tag === 16 + slot.wireType) {
      wire.path.push({ key: name });
      value = readValue(wire, slot, end, depth, value);
      wire.path.pop();
    } else wire.skip(tag, end, depth);
  }
  if (!(name in map)) wire.sizes.set(map, (wire.sizes.get(map) ?? 0) + 1);
  map[name] = value ?? blankValue(slot);
}

/** What a map's entry holds that says nothing of its value. */
function blankValue(slot: Slot): unknown {
  if (slot.kind === "message") return slot.message!.blank();
  return slot.kind === "timestamp" ? formatTimestamp(0) : slot.default;
}

function readValue(wire: ProtobufScanner, slot: Slot, end: number, depth: number, before: unknown): unknown {
  switch (slot.kind) {
    case "string":
      return wire.string(end);
    case "bool":
      wire.varint(end);
      return (wire.low | wire.high) !== 0;
    case "integer":
      return readInteger(wire, slot, end);
    case "float":
      return slot.type === "float" ? wire.float(end) : wire.double(end);
    case "enum":
      wire.varint(end);
      return enumByNumber(slot, wire.low | 0);
    case "timestamp":
      if (before !== undefined && ++wire.secondMoments > mostSecondMoments)
        throw malformed(wire.path, "comes in too many pieces");
      return readTimestamp(wire, wire.length(end), depth + 1, before as string | undefined);
    case "message": {
      // A message that comes in two pieces is one message.
      const message = (before as Plain | undefined) ?? slot.message!.blank();
      readMessage(wire, slot.message!, wire.length(end), depth + 1, message);
      return message;
    }
  }
}

function readInteger(wire: ProtobufScanner, slot: Slot, end: number): number {
  if (slot.wireType === 0) wire.varint(end);
  else if (slot.wireType === 5) wire.fixed32(end);
  else wire.fixed64(end);
  const { low, high } = wire;
  switch (slot.type) {
    case "int32":
    case "sfixed32":
      return low | 0;
    case "uint32":
    case "fixed32":
      return low;
    case "sint32":
      return (low >>> 1) ^ -(low & 1);
    case "sint64": {
      const sign = -(low & 1);
      return safe(wire, slot, ((low >>> 1) | (high << 31)) ^ sign, (high >>> 1) ^ sign);
    }
    case "int64":
    case "sfixed64":
      return safe(wire, slot, low, high | 0);
    default:
      return safe(wire, slot, low, high);
  }
}

function safe(wire: ProtobufScanner, slot: Slot, low: number, high: number): number {
  const value = high * 2 ** 32 + (low >>> 0);
  if (!Number.isSafeInteger(value)) throw malformed(wire.path, `${wanted(slot)}, at byte ${wire.at}`);
  return value;
}

function readTimestamp(wire: ProtobufScanner, end: number, depth: number, before: string | undefined): string {
  if (depth > maxDepth) throw wire.tooDeep();
  const start = wire.at;
  const earlier = before === undefined ? 0 : parseTimestamp(before)!;
  let seconds = Math.floor(earlier / 1000);
  let nanos = (earlier - seconds * 1000) * 1_000_000;
  while (wire.at < end) {
    const tag = wire.tag(end);
    if (tag === 8) {
      wire.varint(end);
      seconds = (wire.high | 0) * 2 ** 32 + wire.low;
    } else if (tag === 16) {
      wire.varint(end);
      nanos = wire.low | 0;
    } else wire.skip(tag, end, depth);
  }
  const ms = seconds * 1000 + Math.floor(nanos / 1_000_000);
  if (nanos < 0 || nanos > 999_999_999 || ms < earliest || ms > latest)
    throw malformed(wire.path, `${timestampWanted}, at byte ${start}`);
  return formatTimestamp(ms);
}
