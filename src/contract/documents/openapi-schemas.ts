// Messages of the contract as the schemas of an OpenAPI document: one for each message in each of the two JSON forms.
// They describe what the server writes and what clients should send, without what it also accepts (null, numbers as text).
import protobuf from "protobufjs";
import { durationPattern } from "../codecs/duration.js";
import { hasPresence, scalarTypeOf } from "../model/well-known-types.js";
import { durationFormat, keywordsOf } from "../validation/rules.js";
import { enumSchema, fieldSchema } from "../validation/json-schema.js";

export type Json = Record<string, unknown>;

/** `json`: snake_case, 64-bit integers as numbers. `protojson`: lowerCamelCase, 64-bit integers as strings. */
export type Form = "json" | "protojson";

/** The schema of a request requires only the fields that it needs; the schema of an answer, all that it always has. */
export type Side = "request" | "response";

/** Collects the component schemas that are referred to. */
export interface Schemas {
  /** A reference to the schema of a message or an enum. The schema is added to the components. */
  reference(type: protobuf.Type | protobuf.Enum, form: Form, side: Side): Json;
  /** A reference to the schema of a request's body: the message without the fields that the path binds. */
  body(type: protobuf.Type, form: Form, pathFields: readonly string[]): Json;
  /** The schema of one field in the json form, for a parameter. */
  parameter(field: protobuf.Field): Json;
  /** Everything collected so far, by name, sorted. */
  components(): Json;
}

/** Whether the values of a field are 64-bit integers. */
export function isLong(field: protobuf.Field): boolean {
  return scalarTypeOf(field)?.endsWith("64") === true;
}

/** A comment as one paragraph: without directives to tools, its lines joined. */
export function prose(comment: string | null | undefined): string {
  const lines = (comment ?? "").split("\n").filter((line) => !line.startsWith("buf:lint:"));
  return lines.join(" ").trim();
}

/**
 * An empty collection. A schema has the name of its message, with `.protojson` in that form, and with `.request` on the
 * request's side of a message that is used on both sides.
 */
export function openApiSchemas(bothSides: ReadonlySet<protobuf.ReflectionObject>): Schemas {
  const collected = new Map<string, Json>();

  function collect(name: string, make: () => Json): { $ref: string } {
    if (!collected.has(name)) {
      collected.set(name, {}); // A message may contain itself.
      collected.set(name, make());
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  function reference(type: protobuf.Type | protobuf.Enum, form: Form, side: Side): { $ref: string } {
    if (type instanceof protobuf.Enum) return collect(type.name, () => explainedEnum(type));
    const infix = side === "request" && bothSides.has(type) ? ".request" : "";
    return collect(type.name + infix + suffixOf(form), () => messageSchema(type, form, side, []));
  }

  function messageSchema(type: protobuf.Type, form: Form, side: Side, omitted: readonly string[]): Json {
    const fields = type.fieldsArray.filter((field) => !omitted.includes(field.name));
    const required = fields.filter((field) => isRequired(field, form, side)).map((field) => nameOf(field, form));
    const description = prose(type.comment);
    return {
      type: "object",
      ...(description === "" ? {} : { description }),
      properties: Object.fromEntries(fields.map((field) => [nameOf(field, form), property(field, form, side)])),
      ...(required.length > 0 ? { required } : {}),
      ...(side === "request" ? { additionalProperties: false } : {}),
    };
  }

  function property(field: protobuf.Field, form: Form, side: Side): Json {
    const schema = published(fieldSchema(field, (type) => reference(type, form, side).$ref));
    if (isLong(field) && form === "protojson") return withLongsAsText(schema);
    const { resolvedType } = field;
    const hasDefault =
      resolvedType instanceof protobuf.Enum && side === "request" && !isList(field) && !hasPresence(field);
    return hasDefault ? { ...schema, default: resolvedType.valuesById[0] } : schema;
  }

  return {
    reference,
    body: (type, form, pathFields) =>
      collect(type.name + suffixOf(form), () => messageSchema(type, form, "request", pathFields)),
    parameter(field) {
      const { description: _, ...schema } = property(field, "json", "request");
      return schema;
    },
    components: () => Object.fromEntries([...collected].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function suffixOf(form: Form): string {
  return form === "protojson" ? ".protojson" : "";
}

function nameOf(field: protobuf.Field, form: Form): string {
  return form === "protojson" ? field.jsonName : field.name;
}

function isList(field: protobuf.Field): boolean {
  return field.repeated || field.map;
}

function isRequired(field: protobuf.Field, form: Form, side: Side): boolean {
  if (side === "request") return keywordsOf(field).isRequired || (!hasPresence(field) && refusesZero(field));
  // ProtoJSON leaves out what has its default value.
  return form === "json" && !hasPresence(field);
}

/** Whether the default of a field breaks its rules. */
function refusesZero(field: protobuf.Field): boolean {
  const { value } = keywordsOf(field);
  const bound = (name: string, otherwise: number): number => (value[name] as number | undefined) ?? otherwise;
  if (["minLength", "x-min-bytes", "minItems", "minProperties", "minimum"].some((name) => bound(name, 0) > 0))
    return true;
  if (bound("exclusiveMinimum", -1) >= 0 || bound("maximum", 0) < 0 || bound("exclusiveMaximum", 1) <= 0) return true;
  const { enum: allowed, pattern, format } = value as { enum?: unknown[]; pattern?: string; format?: string };
  const zero =
    field.resolvedType instanceof protobuf.Enum ? field.resolvedType.valuesById[0] : field.type === "string" ? "" : 0;
  if (allowed && !allowed.includes(zero)) return true;
  return format !== undefined || (pattern !== undefined && !new RegExp(pattern, "u").test(""));
}

/** An enum with the comments of its values. */
function explainedEnum(type: protobuf.Enum): Json {
  const list = Object.keys(type.values).map((name) => `- \`${name}\`: ${prose(type.comments[name])}`);
  return { ...enumSchema(type), description: [prose(type.comment), "", ...list].join("\n") };
}

const parts: ReadonlySet<string> = new Set(["items", "additionalProperties", "propertyNames"]);

/** The schema of a value in JSON, from that in the plain object: bytes are base64, and rules of every text are left out. */
function published(schema: Json): Json {
  if ("x-bytes" in schema) return base64Schema(schema);
  const entries = Object.entries(schema).filter(([key]) => key !== "x-no-nul");
  return {
    ...Object.fromEntries(entries.map(([key, value]) => [key, parts.has(key) ? published(value as Json) : value])),
    ...(schema["format"] === durationFormat ? { pattern: durationPattern } : {}),
  };
}

/** The bounds of bytes as bounds of their base64, which has four characters for three bytes. */
function base64Schema(schema: Json): Json {
  const most = schema["x-max-bytes"];
  const own = Object.entries(schema).filter(([key]) => key !== "x-bytes" && key !== "not");
  return {
    type: "string",
    format: "byte",
    contentEncoding: "base64",
    ...(typeof most === "number" ? { maxLength: Math.ceil(most / 3) * 4 } : {}),
    // The rule `required`.
    ...("not" in schema ? { minLength: 1 } : {}),
    ...Object.fromEntries(own),
  };
}

/** A schema in ProtoJSON: 64-bit integers are text, and JSON Schema has no keyword for the bounds of a number as text. */
function withLongsAsText(schema: Json): Json {
  if (schema["type"] === "array") return { ...schema, items: withLongsAsText(schema["items"] as Json) };
  if (schema["type"] === "object")
    return { ...schema, additionalProperties: withLongsAsText(schema["additionalProperties"] as Json) };
  const { format, description, examples, enum: allowed } = schema as Record<string, unknown[]>;
  const text = {
    type: "string",
    format,
    pattern: "^-?[0-9]{1,19}$",
    description,
    examples: examples?.map(String),
    enum: allowed?.map(String),
  };
  return Object.fromEntries(Object.entries(text).filter(([, value]) => value !== undefined));
}
