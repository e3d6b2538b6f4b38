// Protobuf bytes to plain object, in one pass and straight into its final form. Unknown fields are skipped, so that an old
// server accepts the messages of new apps.
import type protobuf from "protobufjs";
import { contentOf, typeUrlWanted } from "./any-content.js";
import { malformed } from "./malformed.js";
import { enumByNumber, wanted } from "./scalars.js";
import { ProtobufScanner, type AnyParts } from "./scan-protobuf.js";
import { maxDepth, messageSchema, type Plain, type MessageSchema, type FieldSchema } from "../model/message-schema.js";
import { durationWanted, formatDuration, isValidDuration, parseDuration } from "./duration.js";
import { earliest, finerThanMs, formatTimestamp, latest, parseTimestamp, timestampWanted } from "./timestamp.js";

/**
 * Compiles the reader of a message. It throws MALFORMED_REQUEST with the place of the first fault; lists are read one
 * element further than their rule allows, and no more.
 */
export function protobufReader(type: protobuf.Type): (body: Buffer) => Plain {
  const schema = messageSchema(type);
  return (body) => {
    const message = schema.blank();
    const scanner = new ProtobufScanner(body);
    readMessage(scanner, schema, body.length, 1, message);
    if (scanner.anys) readContents(scanner, scanner.anys);
    return message;
  };
}

// To merge Timestamps or Durations is the one operation that costs more than the bytes it reads; no client sends them in
// pieces.
const mostMerges = 1000;

/** Reads up to `end` into `message`, which already has the fields of earlier pieces of the same message. */
function readMessage(
  scanner: ProtobufScanner,
  schema: MessageSchema,
  end: number,
  depth: number,
  message: Plain,
): void {
  if (depth > maxDepth) throw scanner.tooDeep();
  while (scanner.at < end) {
    const tag = scanner.tag(end);
    const field = schema.byNumber.get(tag >>> 3);
    if (!field || (field.many !== "one" && isFull(scanner, field, message[field.name] as object))) {
      scanner.skip(tag, end, depth);
      continue;
    }
    scanner.path.push(field.name);
    if (tag === field.tag) readField(scanner, field, end, depth, message);
    else if ((tag & 7) === 2 && field.many === "list")
      readPacked(scanner, field, scanner.length(end), message[field.name] as unknown[]);
    else scanner.skip(tag, end, depth);
    scanner.path.pop();
  }
}

/** Whether a list or map already has as many elements as are read. */
function isFull(scanner: ProtobufScanner, field: FieldSchema, held: object): boolean {
  return (field.many === "list" ? (held as unknown[]).length : scanner.sizes.get(held)) === field.readAtMost;
}

function readField(scanner: ProtobufScanner, field: FieldSchema, end: number, depth: number, message: Plain): void {
  if (field.many === "list") {
    const list = message[field.name] as unknown[];
    list.push(readItem(scanner, field, end, depth, list.length));
  } else if (field.many === "map") {
    readEntry(scanner, field, scanner.length(end), depth, message[field.name] as Plain);
  } else {
    if (field.rivals.length > 0) for (const rival of field.rivals) delete message[rival];
    const before = field.hasPresence ? message[field.name] : undefined;
    message[field.name] = readValue(scanner, field, end, depth, before);
  }
}

function readPacked(scanner: ProtobufScanner, field: FieldSchema, end: number, list: unknown[]): void {
  while (scanner.at < end && list.length < field.readAtMost) list.push(readItem(scanner, field, end, 0, list.length));
  if (scanner.at < end) scanner.skipPacked(field.wireType, end);
}

function readItem(scanner: ProtobufScanner, field: FieldSchema, end: number, depth: number, index: number): unknown {
  scanner.path.push(index);
  const value = readValue(scanner, field, end, depth, undefined);
  scanner.path.pop();
  return value;
}

function readEntry(scanner: ProtobufScanner, field: FieldSchema, end: number, depth: number, map: Plain): void {
  const key = field.key!;
  let name = String(key.default);
  let value: unknown;
  while (scanner.at < end) {
    const tag = scanner.tag(end);
    if (tag === key.tag) name = String(readValue(scanner, key, end, depth, undefined));
    else if (tag === 16 + field.wireType) {
      scanner.path.push({ key: name });
      value = readValue(scanner, field, end, depth, value);
      scanner.path.pop();
    } else scanner.skip(tag, end, depth);
  }
  if (!(name in map)) scanner.sizes.set(map, (scanner.sizes.get(map) ?? 0) + 1);
  map[name] = value ?? blankValue(field);
}

/** The value of a map's entry that has none. */
function blankValue(field: FieldSchema): unknown {
  switch (field.kind) {
    case "message":
      return field.message!.blank();
    case "wrapper":
      return field.wrapped!.default;
    case "timestamp":
      return formatTimestamp(0);
    case "duration":
      return formatDuration({ seconds: 0, nanos: 0 });
    case "any":
      return {};
    default:
      return field.default;
  }
}

function readValue(scanner: ProtobufScanner, field: FieldSchema, end: number, depth: number, before: unknown): unknown {
  switch (field.kind) {
    case "string":
      return scanner.string(end);
    case "bool":
      scanner.varint(end);
      return (scanner.low | scanner.high) !== 0;
    case "integer":
      return readInteger(scanner, field, end);
    case "float":
      return field.type === "float" ? scanner.float(end) : scanner.double(end);
    case "enum":
      scanner.varint(end);
      return enumByNumber(field, scanner.low | 0);
    case "bytes":
      return scanner.bytes(end);
    case "timestamp":
      if (before !== undefined) countMerge(scanner);
      return readTimestamp(scanner, scanner.length(end), depth + 1, before as string | undefined);
    case "duration":
      if (before !== undefined) countMerge(scanner);
      return readDuration(scanner, scanner.length(end), depth + 1, before as string | undefined);
    case "wrapper":
      return readWrapper(scanner, field.wrapped!, scanner.length(end), depth + 1, before);
    case "any":
      return readAny(scanner, field, scanner.length(end), depth + 1, (before as Plain | undefined) ?? {});
    case "message": {
      // A message in two pieces is one message.
      const message = (before as Plain | undefined) ?? field.message!.blank();
      readMessage(scanner, field.message!, scanner.length(end), depth + 1, message);
      return message;
    }
  }
}

function readInteger(scanner: ProtobufScanner, field: FieldSchema, end: number): number {
  if (field.wireType === 0) scanner.varint(end);
  else if (field.wireType === 5) scanner.fixed32(end);
  else scanner.fixed64(end);
  const { low, high } = scanner;
  switch (field.type) {
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
      return safe(scanner, field, ((low >>> 1) | (high << 31)) ^ sign, (high >>> 1) ^ sign);
    }
    case "int64":
    case "sfixed64":
      return safe(scanner, field, low, high | 0);
    default:
      return safe(scanner, field, low, high);
  }
}

function safe(scanner: ProtobufScanner, field: FieldSchema, low: number, high: number): number {
  const value = high * 2 ** 32 + (low >>> 0);
  if (!Number.isSafeInteger(value)) throw malformed(scanner.path, `${wanted(field)}, at byte ${scanner.at}`);
  return value;
}

function countMerge(scanner: ProtobufScanner): void {
  if (++scanner.merges > mostMerges) throw malformed(scanner.path, "comes in too many pieces");
}

// The two fields of the Timestamp or the Duration that is being read; one at a time, as reading is synchronous.
const time = { seconds: 0, nanos: 0 };

function readTimestamp(scanner: ProtobufScanner, end: number, depth: number, before: string | undefined): string {
  const start = scanner.at;
  const earlier = before === undefined ? 0 : parseTimestamp(before)!;
  time.seconds = Math.floor(earlier / 1000);
  time.nanos = (earlier - time.seconds * 1000) * 1_000_000 + (before === undefined ? 0 : finerThanMs(before));
  readTime(scanner, end, depth);
  const { seconds, nanos } = time;
  const ms = seconds * 1000 + Math.floor(nanos / 1_000_000);
  if (nanos < 0 || nanos > 999_999_999 || ms < earliest || ms > latest)
    throw malformed(scanner.path, `${timestampWanted}, at byte ${start}`);
  return formatTimestamp(ms, nanos % 1_000_000);
}

function readDuration(scanner: ProtobufScanner, end: number, depth: number, before: string | undefined): string {
  const start = scanner.at;
  Object.assign(time, before === undefined ? { seconds: 0, nanos: 0 } : parseDuration(before));
  readTime(scanner, end, depth);
  if (!isValidDuration(time.seconds, time.nanos)) throw malformed(scanner.path, `${durationWanted}, at byte ${start}`);
  return formatDuration(time);
}

/** Reads the fields of a Timestamp or a Duration, which have the same numbers and types in both, into `time`. */
function readTime(scanner: ProtobufScanner, end: number, depth: number): void {
  if (depth > maxDepth) throw scanner.tooDeep();
  while (scanner.at < end) {
    const tag = scanner.tag(end);
    if (tag === 8) {
      scanner.varint(end);
      time.seconds = (scanner.high | 0) * 2 ** 32 + scanner.low;
    } else if (tag === 16) {
      scanner.varint(end);
      time.nanos = scanner.low | 0;
    } else scanner.skip(tag, end, depth);
  }
}

function readWrapper(
  scanner: ProtobufScanner,
  wrapped: FieldSchema,
  end: number,
  depth: number,
  before: unknown,
): unknown {
  if (depth > maxDepth) throw scanner.tooDeep();
  let value = before ?? wrapped.default;
  while (scanner.at < end) {
    const tag = scanner.tag(end);
    if (tag === wrapped.tag) value = readValue(scanner, wrapped, end, depth, undefined);
    else scanner.skip(tag, end, depth);
  }
  return value;
}

/** Notes the parts of an Any, which may have earlier pieces. */
function readAny(scanner: ProtobufScanner, field: FieldSchema, end: number, depth: number, any: Plain): Plain {
  if (depth > maxDepth) throw scanner.tooDeep();
  while (scanner.at < end) {
    const tag = scanner.tag(end);
    if (tag === 10) {
      const parts = partsOf(scanner, field, depth, any);
      parts.urlAt = scanner.at;
      parts.url = scanner.string(end);
    } else if (tag === 18) {
      const parts = partsOf(scanner, field, depth, any);
      parts.valueAt = scanner.at;
      parts.end = end;
      scanner.at = scanner.length(end);
    } else scanner.skip(tag, end, depth);
  }
  return any;
}

function partsOf(scanner: ProtobufScanner, field: FieldSchema, depth: number, any: Plain): AnyParts {
  const anys = (scanner.anys ??= new Map());
  let parts = anys.get(any);
  if (!parts) {
    const path = [...scanner.path];
    parts = { root: field.root!, path, depth, url: "", urlAt: scanner.at, valueAt: undefined, end: scanner.at };
    anys.set(any, parts);
  }
  return parts;
}

/** Reads what is in each Any: those inside of another are added while it is read. */
function readContents(scanner: ProtobufScanner, anys: ReadonlyMap<object, AnyParts>): void {
  for (const [any, parts] of anys) {
    scanner.path.splice(0, scanner.path.length, ...parts.path);
    readContent(scanner, any as Plain, parts);
  }
}

function readContent(scanner: ProtobufScanner, any: Plain, { root, depth, url, urlAt, valueAt, end }: AnyParts): void {
  scanner.at = valueAt ?? end;
  const isEmpty = valueAt === undefined || scanner.length(end) === scanner.at;
  if (isEmpty && url === "") return;
  const content = contentOf(root, url);
  if (!content) throw malformed([...scanner.path, "@type"], `${typeUrlWanted}, at byte ${urlAt}`);
  if (depth === maxDepth) throw scanner.tooDeep();
  const { message, value } = content;
  Object.assign(any, { "@type": content.url }, message?.blank());
  scanner.at = valueAt ?? end;
  if (value) {
    scanner.path.push("value");
    any["value"] = isEmpty ? blankValue(value) : readValue(scanner, value, end, depth, undefined);
  } else if (!isEmpty) readMessage(scanner, message!, scanner.length(end), depth + 1, any);
}
