// The schema of a message for the codecs, read once from its descriptor. Throws an Error for a message that a plain object
// cannot hold, so that every server that starts can read and write all messages of its contract.
import protobuf from "protobufjs";
import { optionValues } from "./declared-options.js";
import { isAny, isDuration, isTimestamp, refusalOf, wrappedField } from "./well-known-types.js";

/**
 * A message as a plain object: snake_case keys, 64-bit integers as numbers, enums by name, bytes as Buffers, Timestamps
 * and Durations as text, an Any as the message that it holds with its name under "@type".
 */
export type Plain = Record<string, unknown>;

/** How a value is read and written; `FieldSchema.type` has the exact type of integers and floats. */
export type Kind =
  | "string"
  | "bytes"
  | "bool"
  | "integer"
  | "float"
  | "enum"
  | "timestamp"
  | "duration"
  | "wrapper"
  | "any"
  | "message";

/** The names and numbers of an enum. */
export interface EnumValues {
  readonly names: ReadonlyMap<number, string>;
  readonly numbers: ReadonlyMap<string, number>;
}

/** One field. In a list or a map, the properties of a value apply to each of its values. */
export interface FieldSchema {
  /** Its position in the message, from 0. */
  readonly index: number;
  readonly name: string;
  readonly jsonName: string;
  readonly number: number;
  /** The tag of its values where it is not packed: number * 8 + wire type. */
  readonly tag: number;
  readonly kind: Kind;
  /** The scalar type by its proto name; `enum` and `message` for the others. */
  readonly type: string;
  /** The wire type of one value. In a map it is the wire type of the value in an entry, not of the entry. */
  readonly wireType: 0 | 1 | 2 | 5;
  /** The smallest and the largest integer. */
  readonly min: number;
  readonly max: number;
  readonly values: EnumValues | undefined;
  /** The schema of the field's message, unless its values are single values (Timestamp, Duration, a wrapper) or an Any. */
  readonly message: MessageSchema | undefined;
  /** The schema of the value inside a wrapper such as google.protobuf.Int32Value. */
  readonly wrapped: FieldSchema | undefined;
  /** Of an Any, the root with the messages that it may hold. */
  readonly root: protobuf.Root | undefined;
  readonly many: "one" | "list" | "map";
  /** Whether a list is written packed, with one tag for all elements. Both forms are read. */
  readonly isPacked: boolean;
  /** The schema of a map's keys. */
  readonly key: FieldSchema | undefined;
  /** A list or map is read up to this size: one more than its rules allow, so that validation refuses a larger one. */
  readonly readAtMost: number;
  /** Whether the field is absent when it is not set. A field without presence has its default instead. */
  readonly hasPresence: boolean;
  readonly default: unknown;
  /** The names of the other members of its oneof. */
  readonly rivals: readonly string[];
  /** `lyceum.v1.Message.text` */
  readonly fullName: string;
}

/** One message. */
export interface MessageSchema {
  readonly name: string;
  /** In the order of declaration. */
  readonly fields: readonly FieldSchema[];
  /** By proto name and by JSON name. */
  readonly byKey: ReadonlyMap<string, FieldSchema>;
  readonly byNumber: ReadonlyMap<number, FieldSchema>;
  /** A message in which no field is set: every field without presence has its default. */
  blank(): Plain;
}

/** The largest depth of nested messages in every codec; the outermost message has depth one. */
export const maxDepth = 100;

type Schemas = Map<protobuf.Type, MessageSchema>;

const finished = new WeakMap<protobuf.Type, MessageSchema>();

/** The schema of a message; the same object at every call. Throws an Error that names a field which is not supported. */
export function messageSchema(type: protobuf.Type): MessageSchema {
  const unfinished: Schemas = new Map();
  const schema = describeMessage(type, unfinished);
  // Only now, because all of them are known to be supported.
  for (const [each, its] of unfinished) finished.set(each, its);
  return schema;
}

function describeMessage(type: protobuf.Type, unfinished: Schemas): MessageSchema {
  const known = finished.get(type) ?? unfinished.get(type);
  if (known) return known;
  const fields: FieldSchema[] = [];
  const byKey = new Map<string, FieldSchema>();
  const byNumber = new Map<number, FieldSchema>();
  const template: Plain = {};
  const containers: { name: string; isList: boolean }[] = [];
  const blank = (): Plain => {
    // Not a spread: Node 20 adds fields to the object of a spread at a fiftieth of the speed.
    const message: Plain = Object.assign({}, template);
    for (const { name, isList } of containers) message[name] = isList ? [] : emptyMap();
    return message;
  };
  const schema: MessageSchema = { name: type.fullName.slice(1), fields, byKey, byNumber, blank };
  // Set before its fields are described, because a message may contain itself.
  unfinished.set(type, schema);
  for (const declared of type.fieldsArray) {
    const field = describeField(declared.resolve(), fields.length, unfinished);
    fields.push(field);
    byNumber.set(field.number, field);
    for (const key of [field.name, field.jsonName]) {
      if ((byKey.get(key) ?? field) !== field)
        throw new Error(`${field.fullName}: the key ${key} belongs to another field too`);
      byKey.set(key, field);
    }
    if (field.many !== "one") containers.push({ name: field.name, isList: field.many === "list" });
    else if (!field.hasPresence) template[field.name] = field.default;
  }
  return schema;
}

/** An empty map. It has no prototype, so that `__proto__` is an ordinary key. */
export function emptyMap(): Plain {
  return Object.create(null) as Plain;
}

const integers: Readonly<Record<string, readonly [wireType: FieldSchema["wireType"], min: number, max: number]>> = {
  int32: [0, -(2 ** 31), 2 ** 31 - 1],
  sint32: [0, -(2 ** 31), 2 ** 31 - 1],
  sfixed32: [5, -(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 0, 2 ** 32 - 1],
  fixed32: [5, 0, 2 ** 32 - 1],
  int64: [0, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  sint64: [0, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  sfixed64: [1, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, 0, Number.MAX_SAFE_INTEGER],
  fixed64: [1, 0, Number.MAX_SAFE_INTEGER],
};

/** The smallest and the largest number of an integer type, such as `sint32`; 64-bit ones are within the safe integers. */
export function integerRange(type: string): [min: number, max: number] {
  const [, min, max] = integers[type]!;
  return [min, max];
}

function describeField(field: protobuf.Field, index: number, unfinished: Schemas): FieldSchema {
  const fullName = field.fullName.slice(1);
  // A plain object has them already, so that an absent field would not be seen.
  if (field.name in Object.prototype)
    throw new Error(`${fullName}: every object has a property with the name ${field.name}`);
  if (field.required || field.delimited) throw new Error(`${fullName}: required fields and groups are not of proto3`);
  const many = field.map ? "map" : field.repeated ? "list" : "one";
  const value = describeValue(field.type, field.resolvedType, fullName, unfinished);
  const oneof = field.partOf;
  return {
    index,
    name: field.name,
    jsonName: field.jsonName ?? field.name,
    number: field.id,
    tag: field.id * 8 + (many === "map" ? 2 : value.wireType),
    ...value,
    many,
    isPacked: many === "list" && value.wireType !== 2 && field.packed,
    key: field instanceof protobuf.MapField ? describeSingle("key", field.keyType, null, fullName) : undefined,
    readAtMost: (many === "one" ? 0 : bound(field, many)) + 1,
    hasPresence: many === "one" && (oneof !== null || value.type === "message"),
    rivals: many === "one" && oneof ? oneof.oneof.filter((name) => name !== field.name) : [],
    fullName,
  };
}

/** The field of a type whose values stand for messages of google.protobuf: `value` beside "@type" in the object of an Any. */
export function singleSchema(type: protobuf.Type): FieldSchema {
  return { ...describeSingle("value", type.fullName, type, `${type.fullName.slice(1)}.value`), hasPresence: true };
}

/** The "@type" in the object of an Any. */
export function typeNameSchema(): FieldSchema {
  return { ...describeSingle("@type", "string", null, "google.protobuf.Any.@type"), hasPresence: true };
}

/** The key of a map's entry, or the value of a wrapper: a scalar without presence whose number is 1. */
function describeSingle(
  name: "key" | "value" | "@type",
  type: string,
  resolved: protobuf.Type | null,
  fullName: string,
): FieldSchema {
  const value = describeValue(type, resolved, fullName, new Map());
  return {
    index: 0,
    name,
    jsonName: name,
    number: 1,
    tag: 8 + value.wireType,
    ...value,
    many: "one",
    isPacked: false,
    key: undefined,
    readAtMost: 1,
    hasPresence: false,
    rivals: [],
    fullName,
  };
}

type Value = Pick<
  FieldSchema,
  "kind" | "type" | "wireType" | "min" | "max" | "values" | "message" | "wrapped" | "root" | "default"
>;

function describeValue(
  type: string,
  resolved: protobuf.ReflectionObject | null,
  fullName: string,
  unfinished: Schemas,
): Value {
  const none = { min: 0, max: 0, values: undefined, message: undefined, wrapped: undefined, root: undefined };
  const refusal = resolved && refusalOf(resolved);
  if (refusal) throw new Error(`${fullName}: the type ${resolved.fullName.slice(1)} cannot be served: ${refusal}`);
  if (resolved instanceof protobuf.Enum) {
    const values = enumValues(resolved);
    return { ...none, kind: "enum", type: "enum", wireType: 0, values, default: values.names.get(0) ?? 0 };
  }
  if (resolved instanceof protobuf.Type) return { ...none, ...describeMessageValue(resolved, fullName, unfinished) };
  if (type === "string") return { ...none, kind: "string", type, wireType: 2, default: "" };
  if (type === "bytes") return { ...none, kind: "bytes", type, wireType: 2, default: Buffer.alloc(0) };
  if (type === "bool") return { ...none, kind: "bool", type, wireType: 0, default: false };
  if (type === "double") return { ...none, kind: "float", type, wireType: 1, default: 0 };
  if (type === "float") return { ...none, kind: "float", type, wireType: 5, default: 0 };
  const [wireType, min, max] = integers[type]!;
  return { ...none, kind: "integer", type, wireType, min, max, default: 0 };
}

function describeMessageValue(
  type: protobuf.Type,
  fullName: string,
  unfinished: Schemas,
): Omit<Value, "min" | "max" | "values"> {
  const none = { message: undefined, wrapped: undefined, root: undefined, default: undefined };
  const value = { ...none, type: "message", wireType: 2 } as const;
  if (isTimestamp(type)) return { ...value, kind: "timestamp" };
  if (isDuration(type)) return { ...value, kind: "duration" };
  if (isAny(type)) return { ...value, kind: "any", root: type.root };
  const inner = wrappedField(type);
  if (inner) return { ...value, kind: "wrapper", wrapped: describeSingle("value", inner.type, null, fullName) };
  return { ...value, kind: "message", message: describeMessage(type, unfinished) };
}

function enumValues(type: protobuf.Enum): EnumValues {
  const names = new Map<number, string>();
  const numbers = new Map<string, number>();
  for (const [name, number] of Object.entries(type.values)) {
    numbers.set(name, number);
    // Of two names for one number, the first is written.
    if (!names.has(number)) names.set(number, name);
  }
  return { names, numbers };
}

function bound(field: protobuf.Field, many: "list" | "map"): number {
  const rules = optionValues(field, "buf.validate.field") as Record<string, Record<string, unknown> | undefined>[];
  const bounds = rules.map((rule) => (many === "list" ? rule["repeated"]?.["max_items"] : rule["map"]?.["max_pairs"]));
  return Math.min(Infinity, ...bounds.filter((value) => value !== undefined).map(Number));
}
