// What the codecs need to know of a message, read once from its descriptor. Refuses what the plain objects of this
// contract cannot hold, so that a server that starts can read and write every message it names.
import protobuf from "protobufjs";
import { optionValues } from "./declared-options.js";

/** A message as a plain object: snake_case keys, 64-bit integers as numbers, enums by name, Timestamps as text. */
export type Plain = Record<string, unknown>;

/** How a value is read and written; integers and floats are told apart further by `FieldSchema.type`. */
export type Kind = "string" | "bool" | "integer" | "float" | "enum" | "timestamp" | "message";

/** The names and numbers of an enum. */
export interface EnumValues {
  readonly names: ReadonlyMap<number, string>;
  readonly numbers: ReadonlyMap<string, number>;
}

/** One field. Of a list or a map, what is said of the value holds for each of them. */
export interface FieldSchema {
  /** Its place in the message, from 0. */
  readonly index: number;
  readonly name: string;
  readonly jsonName: string;
  readonly number: number;
  /** Its number and wire type where it is not packed: number * 8 + wire type. */
  readonly tag: number;
  readonly kind: Kind;
  /** The scalar type by its proto name; `enum` and `message` for the others. */
  readonly type: string;
  /** The wire type of one value; an entry of a map is another thing. */
  readonly wireType: 0 | 1 | 2 | 5;
  /** The least and the largest integer. */
  readonly min: number;
  readonly max: number;
  readonly values: EnumValues | undefined;
  readonly message: MessageSchema | undefined;
  readonly many: "one" | "list" | "map";
  /** A list that is written without a tag before each element; either way is read. */
  readonly isPacked: boolean;
  /** The schema of a map's keys. */
  readonly key: FieldSchema | undefined;
  /** A list or map is read as far as this: one more than its rules allow, so that validation sees that there is more. */
  readonly readAtMost: number;
  /** Absent when it is not set; otherwise the default stands in its place. */
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
  /** A message in which nothing is set: every default in its place. */
  blank(): Plain;
}

/** Messages nest as deep as this in every codec; the outermost counts as one. */
export const maxDepth = 100;

const known = new WeakMap<protobuf.Type, MessageSchema>();

/** The schema of a message. Throws an Error that names the field which the contract cannot hold. */
export function messageSchema(type: protobuf.Type): MessageSchema {
  const making = new Map<protobuf.Type, MessageSchema>();
  const schema = makeSchema(type, making);
  for (const [made, its] of making) known.set(made, its);
  return schema;
}

function makeSchema(type: protobuf.Type, making: Map<protobuf.Type, MessageSchema>): MessageSchema {
  const made = known.get(type) ?? making.get(type);
  if (made) return made;
  const fields: FieldSchema[] = [];
  const byKey = new Map<string, FieldSchema>();
  const byNumber = new Map<number, FieldSchema>();
  const template: Plain = {};
  const containers: { name: string; isList: boolean }[] = [];
  const blank = (): Plain => {
    // Not a spread: to an object made by one, Node 20 adds fields at a fiftieth of the speed.
    const message: Plain = Object.assign({}, template);
    for (const { name, isList } of containers) message[name] = isList ? [] : emptyMap();
    return message;
  };
  const schema: MessageSchema = { name: type.fullName.slice(1), fields, byKey, byNumber, blank };
  // Before its fields are looked at: a message may hold itself.
  making.set(type, schema);
  for (const field of type.fieldsArray) {
    const made = describeField(field.resolve(), fields.length, making);
    fields.push(made);
    byNumber.set(made.number, made);
    for (const key of [made.name, made.jsonName]) {
      if ((byKey.get(key) ?? made) !== made)
        throw new Error(`${made.fullName}: the key ${key} belongs to another field too`);
      byKey.set(key, made);
    }
    if (made.many !== "one") containers.push({ name: made.name, isList: made.many === "list" });
    else if (!made.hasPresence) template[made.name] = made.default;
  }
  return schema;
}

/** An empty map: without a prototype, so that `__proto__` is a key like others. */
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

function describeField(field: protobuf.Field, index: number, making: Map<protobuf.Type, MessageSchema>): FieldSchema {
  const fullName = field.fullName.slice(1);
  if (field.required || field.delimited) throw new Error(`${fullName}: required fields and groups are not of proto3`);
  const many = field.map ? "map" : field.repeated ? "list" : "one";
  const value = valueOf(field.type, field.resolvedType, fullName, making);
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
    key: field instanceof protobuf.MapField ? keyOf(field, fullName) : undefined,
    readAtMost: (many === "one" ? 0 : bound(field, many)) + 1,
    hasPresence: many === "one" && (oneof !== null || value.kind === "message" || value.kind === "timestamp"),
    rivals: many === "one" && oneof ? oneof.oneof.filter((name) => name !== field.name) : [],
    fullName,
  };
}

type Value = Pick<FieldSchema, "kind" | "type" | "wireType" | "min" | "max" | "values" | "message" | "default">;

function valueOf(
  type: string,
  resolved: protobuf.ReflectionObject | null,
  fullName: string,
  making: Map<protobuf.Type, MessageSchema>,
): Value {
  const none = { min: 0, max: 0, values: undefined, message: undefined };
  if (resolved instanceof protobuf.Enum) {
    // Its one value is null in JSON, and null is the absent field here.
    if (resolved.fullName === ".google.protobuf.NullValue")
      throw new Error(`${fullName}: the type google.protobuf.NullValue cannot be served`);
    const values = enumValues(resolved);
    return { ...none, kind: "enum", type: "enum", wireType: 0, values, default: values.names.get(0) ?? 0 };
  }
  if (resolved instanceof protobuf.Type) return { ...none, ...messageValue(resolved, fullName, making) };
  if (type === "string") return { ...none, kind: "string", type, wireType: 2, default: "" };
  if (type === "bool") return { ...none, kind: "bool", type, wireType: 0, default: false };
  if (type === "double") return { ...none, kind: "float", type, wireType: 1, default: 0 };
  if (type === "float") return { ...none, kind: "float", type, wireType: 5, default: 0 };
  const integer = integers[type];
  if (!integer) throw new Error(`${fullName}: the type ${type} cannot be served`);
  const [wireType, min, max] = integer;
  return { ...none, kind: "integer", type, wireType, min, max, default: 0 };
}

function messageValue(
  type: protobuf.Type,
  fullName: string,
  making: Map<protobuf.Type, MessageSchema>,
): Omit<Value, "min" | "max" | "values"> {
  const name = type.fullName.slice(1);
  const value = { type: "message", wireType: 2, default: undefined } as const;
  if (name === "google.protobuf.Timestamp") return { ...value, kind: "timestamp", message: undefined };
  if (name.startsWith("google.protobuf.") && name !== "google.protobuf.Empty")
    throw new Error(`${fullName}: the type ${name} cannot be served`);
  return { ...value, kind: "message", message: makeSchema(type, making) };
}

function keyOf(field: protobuf.MapField, fullName: string): FieldSchema {
  const value = valueOf(field.keyType, null, fullName, new Map());
  return {
    index: 0,
    name: "key",
    jsonName: "key",
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

function enumValues(type: protobuf.Enum): EnumValues {
  const names = new Map<number, string>();
  const numbers = new Map<string, number>();
  for (const [name, number] of Object.entries(type.values)) {
    numbers.set(name, number);
    // Of two names for one number the first is the one that is written.
    if (!names.has(number)) names.set(number, name);
  }
  return { names, numbers };
}

function bound(field: protobuf.Field, many: "list" | "map"): number {
  const rules = optionValues(field, "buf.validate.field") as Record<string, Record<string, unknown> | undefined>[];
  const bounds = rules.map((rule) => (many === "list" ? rule["repeated"]?.["max_items"] : rule["map"]?.["max_pairs"]));
  return Math.min(Infinity, ...bounds.filter((value) => value !== undefined).map(Number));
}
