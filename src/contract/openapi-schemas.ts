// Messages of the contract as the schemas of an OpenAPI document: one for each message in each of the two JSON forms.
// They describe what is written and what is best sent; what a reader also bears (null, numbers as text) is not their matter.
import protobuf from "protobufjs";
import { optionValues } from "./load.js";

export type Json = Record<string, unknown>;

/** `json`: snake_case, 64-bit integers as numbers. `protojson`: lowerCamelCase, 64-bit integers as strings. */
export type Form = "json" | "protojson";

/** A request says what is enough; an answer says what is always there. */
export type Side = "request" | "response";

/** Collects the component schemas that references lead to. */
export interface Schemas {
  /** A reference to the schema of a message or an enum, which is collected. */
  reference(type: protobuf.Type | protobuf.Enum, form: Form, side: Side): Json;
  /** A reference to the schema of a request's body: the message less the fields that the path binds. */
  body(type: protobuf.Type, form: Form, pathFields: readonly string[]): Json;
  /** The schema of one field in the json form, for a parameter. */
  parameter(field: protobuf.Field): Json;
  /** Everything collected so far, by name, sorted. */
  components(): Json;
}

const wholeNumbers = new Set(["int32", "sint32", "uint32", "fixed32", "sfixed32"]);
const longNumbers = new Set(["int64", "sint64", "uint64", "fixed64", "sfixed64"]);

/** The rules of a field for its own type (`{ min_len: 1 }`) or, for a list, those of the list; empty when it has none. */
export function rulesOf(field: protobuf.Field): Json {
  const merged = Object.assign({}, ...optionValues(field, "buf.validate.field")) as Json;
  const kind = field.repeated ? "repeated" : field.map ? "map" : kindOf(field);
  return { ...(merged[kind] as Json | undefined), ...(merged["required"] === true ? { required: true } : {}) };
}

/** The name under which buf.validate has the rules of a field's type: `int64`, `string`, `enum`, `timestamp`. */
export function kindOf(field: protobuf.Field): string {
  if (field.resolvedType instanceof protobuf.Enum) return "enum";
  return isTimestamp(field) ? "timestamp" : field.type;
}

export function isTimestamp(field: protobuf.Field): boolean {
  return field.resolvedType?.fullName === ".google.protobuf.Timestamp";
}

export function isLong(field: protobuf.Field): boolean {
  return longNumbers.has(field.type);
}

/** Whether a field can be absent from an answer: it is `optional`, or a message. */
export function canBeAbsent(field: protobuf.Field): boolean {
  if (field.repeated || field.map) return false;
  return field.partOf !== null || field.resolvedType instanceof protobuf.Type;
}

/** A comment as running text: without directives to tools, its lines joined. */
export function prose(comment: string | null | undefined): string {
  const lines = (comment ?? "").split("\n").filter((line) => !line.startsWith("buf:lint:"));
  return lines.join(" ").trim();
}

/** Starts an empty collection. Names are those of the messages, with `.protojson` in that form. */
export function openApiSchemas(bothSides: ReadonlySet<protobuf.ReflectionObject>): Schemas {
  const collected = new Map<string, Json>();

  function collect(name: string, make: () => Json): Json {
    if (!collected.has(name)) {
      collected.set(name, {}); // A message may contain itself.
      collected.set(name, make());
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  function reference(type: protobuf.Type | protobuf.Enum, form: Form, side: Side): Json {
    if (type instanceof protobuf.Enum) return collect(type.name, () => enumSchema(type));
    const suffix = side === "request" && bothSides.has(type) ? ".request" : "";
    return collect(type.name + suffix + suffixOf(form), () => messageSchema(type, form, side, []));
  }

  function messageSchema(type: protobuf.Type, form: Form, side: Side, omitted: readonly string[]): Json {
    const fields = type.fieldsArray.filter((field) => !omitted.includes(field.name));
    const required = fields.filter((field) => isRequired(field, form, side)).map((field) => nameOf(field, form));
    return {
      type: "object",
      ...described(type.comment),
      properties: Object.fromEntries(fields.map((field) => [nameOf(field, form), fieldSchema(field, form, side)])),
      ...(required.length > 0 ? { required } : {}),
      ...(side === "request" ? { additionalProperties: false } : {}),
    };
  }

  function fieldSchema(field: protobuf.Field, form: Form, side: Side): Json {
    const value = valueSchema(field, form, side);
    if (field.repeated) return { type: "array", items: value, ...listRules(field), ...described(field.comment) };
    if (field.map) return { type: "object", additionalProperties: value, ...described(field.comment) };
    const zero = field.resolvedType instanceof protobuf.Enum && side === "request" && !canBeAbsent(field);
    return {
      ...value,
      ...(zero ? { default: zeroName(field.resolvedType as protobuf.Enum) } : {}),
      ...described(field.comment),
    };
  }

  function valueSchema(field: protobuf.Field, form: Form, side: Side): Json {
    const rules = field.repeated || field.map ? itemRules(field) : rulesOf(field);
    if (isTimestamp(field)) return { type: "string", format: "date-time" };
    if (field.resolvedType) return reference(field.resolvedType, form, side);
    if (longNumbers.has(field.type) && form === "protojson")
      return { type: "string", format: field.type, pattern: "^-?[0-9]{1,19}$" };
    if (longNumbers.has(field.type)) return { type: "integer", format: "int64", ...numberRules(rules) };
    if (wholeNumbers.has(field.type)) return { type: "integer", format: "int32", ...numberRules(rules) };
    if (field.type === "double" || field.type === "float") return { type: "number", format: field.type };
    if (field.type === "bool") return { type: "boolean" };
    return { type: "string", ...stringRules(rules) };
  }

  return {
    reference,
    body: (type, form, pathFields) =>
      collect(type.name + suffixOf(form), () => messageSchema(type, form, "request", pathFields)),
    parameter: (field) => withoutDescription(fieldSchema(field, "json", "request")),
    components: () => Object.fromEntries([...collected].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function suffixOf(form: Form): string {
  return form === "protojson" ? ".protojson" : "";
}

function nameOf(field: protobuf.Field, form: Form): string {
  return form === "protojson" ? field.jsonName : field.name;
}

function described(comment: string | null | undefined): Json {
  const description = prose(comment);
  return description === "" ? {} : { description };
}

function withoutDescription({ description: _, ...schema }: Json): Json {
  return schema;
}

function isRequired(field: protobuf.Field, form: Form, side: Side): boolean {
  const rules = rulesOf(field);
  if (side === "request") return rules["required"] === true || (!canBeAbsent(field) && refusesZero(rules));
  // ProtoJSON leaves out what has its default value.
  return form === "json" && !canBeAbsent(field);
}

/** Whether the value that a field has when nobody sends it breaks its rules. */
function refusesZero(rules: Json): boolean {
  const { min_len, min_items, min_pairs, gt, gte, lt, lte, email, uri, uuid } = rules as Record<
    string,
    number | boolean
  >;
  const least = Number(min_len ?? min_items ?? min_pairs ?? 0);
  return (
    least > 0 ||
    Number(gt ?? -1) >= 0 ||
    Number(gte ?? 0) > 0 ||
    Number(lt ?? 1) <= 0 ||
    Number(lte ?? 0) < 0 ||
    [email, uri, uuid].includes(true)
  );
}

function zeroName(type: protobuf.Enum): string {
  return type.valuesById[0] ?? Object.keys(type.values)[0]!;
}

function enumSchema(type: protobuf.Enum): Json {
  const names = Object.keys(type.values);
  const list = names.map((name) => `- \`${name}\`: ${prose(type.comments[name])}`);
  return { type: "string", enum: names, description: [prose(type.comment), "", ...list].join("\n") };
}

function itemRules(field: protobuf.Field): Json {
  const items = rulesOf(field)["items"] as Record<string, Json> | undefined;
  return items?.[kindOf(field)] ?? {};
}

function listRules(field: protobuf.Field): Json {
  const { min_items, max_items, unique } = rulesOf(field);
  return defined({ minItems: min_items, maxItems: max_items, uniqueItems: unique });
}

function numberRules({ gt, gte, lt, lte, in: allowed }: Json): Json {
  const minimum = gt === undefined ? gte : Number(gt) + 1;
  const maximum = lt === undefined ? lte : Number(lt) - 1;
  return defined({ minimum, maximum, enum: listOf(allowed) });
}

function stringRules({ min_len, max_len, pattern, email, uri, uuid, in: allowed }: Json): Json {
  const format = email === true ? "email" : uri === true ? "uri" : uuid === true ? "uuid" : undefined;
  return defined({ minLength: min_len, maxLength: max_len, pattern, format, enum: listOf(allowed) });
}

/** An option that may be repeated, as a list: protobufjs gives a single value bare. */
export function listOf(value: unknown): unknown[] | undefined {
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value : [value];
}

function defined(schema: Json): Json {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}
