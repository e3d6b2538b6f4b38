// JSON to plain object, as strict as ProtoJSON is: both JSON codecs read with this. Reading is driven by the schema of the
// message, so the first value that does not fit ends it.
import type protobuf from "protobufjs";
import { contentOf, isEmpty, typeUrlWanted } from "./any-content.js";
import { parseBase64 } from "./base64.js";
import { malformed } from "./malformed.js";
import { durationOf, enumByName, mapKeyOf, numberOf, quotedNumberOf, timestampOf, wanted } from "./scalars.js";
import { JsonScanner } from "./scan-json.js";
import { timestampFault } from "./timestamp.js";
import {
  emptyMap,
  maxDepth,
  messageSchema,
  type Plain,
  type MessageSchema,
  type FieldSchema,
} from "../model/message-schema.js";

/**
 * Compiles the reader of a message. It throws MALFORMED_REQUEST with the place of the first fault; lists are read one
 * element further than their rule allows, and no more.
 */
export function jsonReader(type: protobuf.Type): (body: Buffer) => Plain {
  const schema = messageSchema(type);
  return (body) => {
    const json = new JsonScanner(body);
    const message = readMessage(json, schema, 1);
    json.end();
    return message;
  };
}

const QUOTE = 0x22;
// Readers differ in which of two values they take, so neither is taken.
const givenTwice = "is given twice";
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d] as const;

function readMessage(json: JsonScanner, schema: MessageSchema, depth: number): Plain {
  if (!json.takes(OPEN_OBJECT))
    throw json.unexpected(json.path.length ? "must be an object" : "The body must be an object");
  refuseTooDeep(depth);
  const message = schema.blank();
  if (json.takes(CLOSE_OBJECT)) return message;
  const given: boolean[] = [];
  do {
    const key = json.key();
    const field = schema.byKey.get(key);
    if (!field) throw unknownKey(json, schema, key);
    json.path.push(field.name);
    if (given[field.index]) throw malformed(json.path, givenTwice);
    given[field.index] = true;
    // Null is the absent field, which the blank message has.
    if (json.peek() === 0x6e) json.literal("null");
    else readField(json, field, message, depth);
    json.path.pop();
  } while (json.continues(CLOSE_OBJECT));
  return message;
}

function unknownKey(json: JsonScanner, schema: MessageSchema, key: string): Error {
  // A key with the form of a field name is sent back, so that a typo is visible; no other key is.
  if (/^[a-zA-Z_]\w{0,63}$/.test(key)) return malformed([...json.path, key], `is not a field of ${schema.name}`);
  const holds = `a key that is not a field of ${schema.name}`;
  return malformed(json.path, json.path.length ? `holds ${holds}` : `The body holds ${holds}`);
}

function readField(json: JsonScanner, field: FieldSchema, message: Plain, depth: number): void {
  for (const rival of field.rivals) {
    if (rival in message) throw malformed(json.path, `cannot be given together with ${rival}`);
  }
  if (field.many === "list") message[field.name] = readList(json, field, depth);
  else if (field.many === "map") message[field.name] = readMap(json, field, depth);
  else message[field.name] = readValue(json, field, depth);
}

function readList(json: JsonScanner, field: FieldSchema, depth: number): unknown[] {
  if (!json.takes(OPEN_LIST)) throw json.unexpected("must be a list");
  const list: unknown[] = [];
  if (json.takes(CLOSE_LIST)) return list;
  do {
    if (list.length === field.readAtMost) json.skipRest();
    else {
      json.path.push(list.length);
      list.push(readValue(json, field, depth));
      json.path.pop();
    }
  } while (json.continues(CLOSE_LIST));
  return list;
}

function readMap(json: JsonScanner, field: FieldSchema, depth: number): Plain {
  if (!json.takes(OPEN_OBJECT)) throw json.unexpected("must be an object");
  const map = emptyMap();
  if (json.takes(CLOSE_OBJECT)) return map;
  let size = 0;
  do {
    if (size === field.readAtMost) json.skipRest();
    else {
      const text = json.key();
      const key = mapKeyOf(field.key!, text, json.path);
      json.path.push({ key });
      if (key in map) throw malformed(json.path, givenTwice);
      size++;
      map[key] = readValue(json, field, depth);
      json.path.pop();
    }
  } while (json.continues(CLOSE_OBJECT));
  return map;
}

function readValue(json: JsonScanner, field: FieldSchema, depth: number): unknown {
  switch (field.kind) {
    case "message":
      return readMessage(json, field.message!, depth + 1);
    case "any":
      return readAny(json, field, depth + 1);
    case "wrapper":
      // A message as in protobuf, though JSON shows its value alone.
      refuseTooDeep(depth + 1);
      return readValue(json, field.wrapped!, depth + 1);
  }
  const value = json.peek() === QUOTE ? fromString(json, field, depth) : fromOther(json, field);
  if (value === undefined) throw malformed(json.path, wanted(field));
  return value;
}

/** The message that "@type" names, with "@type" in the form in which it is written; an empty object where nothing is in it. */
function readAny(json: JsonScanner, field: FieldSchema, depth: number): Plain {
  if (json.peek() !== OPEN_OBJECT) throw json.unexpected("must be an object");
  refuseTooDeep(depth);
  const url = json.typeOf();
  if (url === undefined && json.takesEmptyObject()) return {};
  const content = url === undefined ? undefined : contentOf(field.root!, url);
  if (!content) throw malformed([...json.path, "@type"], typeUrlWanted);
  // A message inside of another, as in protobuf, though JSON shows one object.
  const any = readMessage(json, content.object, content.value ? depth : depth + 1);
  any["@type"] = content.url;
  if (content.value && any["value"] === undefined) throw malformed([...json.path, "value"], "is missing");
  if (isEmpty(content.type)) delete any["value"];
  return any;
}

function fromString(json: JsonScanner, field: FieldSchema, depth: number): unknown {
  const text = json.string();
  switch (field.kind) {
    case "string":
      return text;
    case "integer":
    case "float":
      return quotedNumberOf(field, text);
    case "enum":
      return enumByName(field, text);
    case "bytes":
      return parseBase64(text);
    case "timestamp":
      // A message as in protobuf, though JSON writes it as text; a Duration likewise.
      refuseTooDeep(depth + 1);
      return timestampOf(text) ?? refuseTimestamp(json, text);
    case "duration":
      refuseTooDeep(depth + 1);
      return durationOf(text);
    default:
      return undefined;
  }
}

function refuseTimestamp(json: JsonScanner, text: string): never {
  throw malformed(json.path, timestampFault(text));
}

function refuseTooDeep(depth: number): void {
  if (depth > maxDepth) throw malformed([], `The body is nested deeper than ${maxDepth} messages`);
}

function fromOther(json: JsonScanner, field: FieldSchema): unknown {
  const byte = json.peek();
  if (field.kind === "bool" && (byte === 0x74 || byte === 0x66)) {
    json.literal(byte === 0x74 ? "true" : "false");
    return byte === 0x74;
  }
  const isNumber = byte === 0x2d || (byte >= 0x30 && byte <= 0x39);
  if (isNumber && (field.kind === "integer" || field.kind === "float" || field.kind === "enum"))
    return numberOf(field, json.number());
  throw json.unexpected(wanted(field));
}
