// JSON to plain object, as strict as ProtoJSON is: both JSON codecs read with this. Reading is driven by the message, so
// the first thing that does not fit ends it.
import type protobuf from "protobufjs";
import { malformed } from "./malformed.js";
import { enumByName, mapKeyOf, numberOf, quotedNumberOf, wanted } from "./scalars.js";
import { JsonScanner } from "./scan-json.js";
import { emptyMap, maxDepth, shapeOf, type Plain, type Shape, type Slot } from "../model/message-schema.js";
import { formatTimestamp, parseTimestamp } from "./timestamp.js";

/**
 * Compiles the reader of a message. It throws MALFORMED_REQUEST with the place of the first fault; lists are read one
 * element further than their rule allows, and no more.
 */
export function jsonReader(type: protobuf.Type): (body: Buffer) => Plain {
  const shape = shapeOf(type);
  return (body) => {
    const json = new JsonScanner(body);
    const message = readMessage(json, shape, 1);
    json.end();
    return message;
  };
}

const QUOTE = 0x22;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d] as const;

function readMessage(json: JsonScanner, shape: Shape, depth: number): Plain {
  if (!json.takes(OPEN_OBJECT))
    throw json.unexpected(json.path.length ? "must be an object" : "The body must be an object");
  if (depth > maxDepth) throw malformed([], `The body is nested deeper than ${maxDepth} messages`);
  const message = shape.blank();
  if (json.takes(CLOSE_OBJECT)) return message;
  const spellings: string[] = [];
  do {
    const key = json.key();
    const slot = shape.byKey.get(key);
    if (!slot) throw unknownKey(json, shape, key);
    json.path.push(slot.name);
    if ((spellings[slot.index] ??= key) !== key)
      throw malformed(json.path, `is given twice, as ${slot.name} and as ${slot.jsonName}`);
    if (json.peek() === 0x6e) readNull(json, slot, message);
    else readField(json, slot, message, depth);
    json.path.pop();
  } while (json.continues(CLOSE_OBJECT));
  return message;
}

function unknownKey(json: JsonScanner, shape: Shape, key: string): Error {
  // A name that might stand in a contract is sent back, so that a typo can be seen; anything else is not.
  if (/^[a-zA-Z_]\w{0,63}$/.test(key)) return malformed([...json.path, key], `is not a field of ${shape.name}`);
  const holds = `a key that is not a field of ${shape.name}`;
  return malformed(json.path, json.path.length ? `holds ${holds}` : `The body holds ${holds}`);
}

/** Null is the absent field; like any later value of a key it takes the place of an earlier one. */
function readNull(json: JsonScanner, slot: Slot, message: Plain): void {
  json.literal("null");
  if (slot.many === "list") message[slot.name] = [];
  else if (slot.many === "map") message[slot.name] = emptyMap();
  else if (slot.hasPresence) delete message[slot.name];
  else message[slot.name] = slot.default;
}

function readField(json: JsonScanner, slot: Slot, message: Plain, depth: number): void {
  for (const rival of slot.rivals) {
    if (rival in message) throw malformed(json.path, `cannot be given together with ${rival}`);
  }
  if (slot.many === "list") message[slot.name] = readList(json, slot, depth);
  else if (slot.many === "map") message[slot.name] = readMap(json, slot, depth);
  else message[slot.name] = readValue(json, slot, depth);
}

function readList(json: JsonScanner, slot: Slot, depth: number): unknown[] {
  if (!json.takes(OPEN_LIST)) throw json.unexpected("must be a list");
  const list: unknown[] = [];
  if (json.takes(CLOSE_LIST)) return list;
  do {
    if (list.length === slot.readAtMost) json.skipRest();
    else {
      json.path.push(list.length);
      list.push(readValue(json, slot, depth));
      json.path.pop();
    }
  } while (json.continues(CLOSE_LIST));
  return list;
}

function readMap(json: JsonScanner, slot: Slot, depth: number): Plain {
  if (!json.takes(OPEN_OBJECT)) throw json.unexpected("must be an object");
  const map = emptyMap();
  if (json.takes(CLOSE_OBJECT)) return map;
  let size = 0;
  do {
    if (size === slot.readAtMost) json.skipRest();
    else {
      const text = json.key();
      const key = mapKeyOf(slot.key!, text, json.path);
      if (!(key in map)) size++;
      json.path.push({ key });
      map[key] = readValue(json, slot, depth);
      json.path.pop();
    }
  } while (json.continues(CLOSE_OBJECT));
  return map;
}

function readValue(json: JsonScanner, slot: Slot, depth: number): unknown {
  if (slot.kind === "message") return readMessage(json, slot.message!, depth + 1);
  const value = json.peek() === QUOTE ? fromString(json, slot, depth) : fromOther(json, slot);
  if (value === undefined) throw malformed(json.path, wanted(slot));
  return value;
}

function fromString(json: JsonScanner, slot: Slot, depth: number): unknown {
  const text = json.string();
  switch (slot.kind) {
    case "string":
      return text;
    case "integer":
    case "float":
      return quotedNumberOf(slot, text);
    case "enum":
      return enumByName(slot, text);
    case "timestamp": {
      // A Timestamp is a message, also where JSON writes it as text.
      if (depth >= maxDepth) throw malformed([], `The body is nested deeper than ${maxDepth} messages`);
      const ms = parseTimestamp(text);
      return ms === undefined ? undefined : formatTimestamp(ms);
    }
    default:
      return undefined;
  }
}

function fromOther(json: JsonScanner, slot: Slot): unknown {
  const byte = json.peek();
  if (slot.kind === "bool" && (byte === 0x74 || byte === 0x66)) {
    json.literal(byte === 0x74 ? "true" : "false");
    return byte === 0x74;
  }
  const isNumber = byte === 0x2d || (byte >= 0x30 && byte <= 0x39);
  if (isNumber && (slot.kind === "integer" || slot.kind === "float" || slot.kind === "enum"))
    return numberOf(slot, json.number());
  throw json.unexpected(wanted(slot));
}
