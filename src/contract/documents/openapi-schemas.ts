// Messages of the contract as the schemas of an OpenAPI document: one for each message in each of the two JSON forms.
// They describe what the server writes and what clients should send, without what it also accepts (null, numbers as text).
import protobuf from "protobufjs";
import { durationPattern } from "../codecs/duration.js";
import { integerRange } from "../model/message-schema.js";
import { hasPresence, scalarTypeOf } from "../model/well-known-types.js";
import { durationFormat, keywordsOf } from "../validation/rules.js";
import { enumSchema, fieldSchema } from "../validation/json-schema.js";
import { integerPattern } from "./integer-pattern.js";

export type Json = Record<string, unknown>;

/** `json`: snake_case, 64-bit integers as numbers. `protojson`: lowerCamelCase, 64-bit integers as strings. */
export type Form = "json" | "protojson";

/** The schema of a request requires only the fields that it needs; the schema of an answer, all that it always has. */
export type Side = "request" | "response";

interface Reference {
  readonly $ref: string;
}

/** Collects the component schemas that are referred to. */
export interface Schemas {
  /** A reference to the schema of a message or an enum. The schema is added to the components. */
  reference(type: protobuf.Type | protobuf.Enum, form: Form, side: Side): Reference;
  /** A reference to the schema of a request's body: the message without the fields that the path binds. */
  body(type: protobuf.Type, form: Form, pathFields: readonly string[]): Reference;
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
 * request's side of a message that is used on both sides; where another has that name, the full one, and then a number.
 */
export function openApiSchemas(bothSides: ReadonlySet<protobuf.ReflectionObject>): Schemas {
  const collected = new Map<string, Json>();
  const owners = new Map<string, string>();

  /** `what` says which of the schemas of a type it is. */
  function collect(type: protobuf.Type | protobuf.Enum, suffix: string, what: string, make: () => Json): Reference {
    const owner = `${type.fullName} ${what}`;
    const fullName = type.fullName.slice(1);
    for (let index = 0; ; index++) {
      const name = [type.name, fullName][index] ?? `${fullName}${index}`;
      const own = owners.get(name + suffix);
      if (own === undefined) {
        owners.set(name + suffix, owner); // A message may contain itself.
        collected.set(name + suffix, make());
      }
      if (own === undefined || own === owner) return { $ref: `#/components/schemas/${name}${suffix}` };
    }
  }

  function message(type: protobuf.Type, form: Form, side: Side, omitted: readonly string[]): Reference {
    const suffix = (side === "request" && bothSides.has(type) ? ".request" : "") + suffixOf(form);
    return collect(type, suffix, `${side} ${omitted.join()}`, () => messageSchema(type, form, side, omitted));
  }

  function reference(type: protobuf.Type | protobuf.Enum, form: Form, side: Side): Reference {
    return type instanceof protobuf.Enum
      ? collect(type, "", "", () => explainedEnum(type))
      : message(type, form, side, []);
  }

  function messageSchema(type: protobuf.Type, form: Form, side: Side, omitted: readonly string[]): Json {
    const fields = type.fieldsArray.filter((field) => !omitted.includes(field.name));
    const isRequired = side === "request" ? isNeeded : isAlwaysWritten(form);
    const required = fields.filter(isRequired).map((field) => nameOf(field, form));
    const description = prose(type.comment);
    return {
      type: "object",
      ...(description === "" ? {} : { description }),
      properties: Object.fromEntries(fields.map((field) => [nameOf(field, form), property(field, form, side)])),
      ...(required.length > 0 ? { required } : {}),
      ...(side === "request" ? { additionalProperties: false, ...oneofSchema(fields, form) } : {}),
    };
  }

  function property(field: protobuf.Field, form: Form, side: Side): Json {
    const rules = fieldSchema(field, (type) => reference(type, form, side).$ref);
    const schema = published(rules, form);
    if (field instanceof protobuf.MapField)
      return { ...schema, propertyNames: keySchema(field, rules["propertyNames"] as Json) };
    const { resolvedType } = field;
    const hasDefault =
      resolvedType instanceof protobuf.Enum && side === "request" && !isList(field) && !hasPresence(field);
    return hasDefault ? { ...schema, default: resolvedType.valuesById[0] } : schema;
  }

  return {
    reference,
    body: (type, form, pathFields) => message(type, form, "request", pathFields),
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

/** Of the members of a oneof, at most one is given. */
function oneofSchema(fields: readonly protobuf.Field[], form: Form): Json {
  const pairs = fields.flatMap((field, index) =>
    fields.slice(index + 1).flatMap((other) => (field.partOf && field.partOf === other.partOf ? [[field, other]] : [])),
  );
  const together = pairs.map((pair) => ({ required: pair.map((field) => nameOf(field, form)) }));
  return together.length > 0 ? { not: { anyOf: together } } : {};
}

/** Whether a request without the field is refused. */
export function isNeeded(field: protobuf.Field): boolean {
  return keywordsOf(field).isRequired || (!hasPresence(field) && refusesZero(field));
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

/** Whether each answer has a field. ProtoJSON leaves out what has its default value. */
function isAlwaysWritten(form: Form): (field: protobuf.Field) => boolean {
  return (field) => keywordsOf(field).isRequired || (form === "json" && !hasPresence(field));
}

/** An enum with the comments of its values. */
function explainedEnum(type: protobuf.Enum): Json {
  const list = Object.keys(type.values).map((name) => `- \`${name}\`: ${prose(type.comments[name])}`);
  return { ...enumSchema(type), description: [prose(type.comment), "", ...list].join("\n") };
}

const parts: ReadonlySet<string> = new Set(["items", "additionalProperties"]);

/** The schema of a value in JSON, from that in the plain object: bytes are base64, and rules of every text are left out. */
function published(schema: Json, form: Form): Json {
  if ("x-bytes" in schema) return base64Schema(schema);
  if (schema["type"] === "integer") return integerSchema(schema, form);
  if (schema["type"] === "number") return { ...schema, type: ["number", "string"], pattern: "^(?:NaN|-?Infinity)$" };
  const entries = Object.entries(schema).filter(([key]) => key !== "x-no-nul");
  return {
    ...Object.fromEntries(
      entries.map(([key, value]) => [key, parts.has(key) ? published(value as Json, form) : value]),
    ),
    ...(schema["format"] === durationFormat ? { pattern: durationPattern } : {}),
  };
}

/** The keys of a map, which are text in JSON whatever their type. */
function keySchema({ keyType }: protobuf.MapField, rules: Json): Json {
  if (keyType === "string") return published(rules, "json");
  if (keyType === "bool") return { type: "string", enum: ["true", "false"] };
  return { type: "string", pattern: integerPattern(...integerRange(keyType)) };
}

/** A whole number with the bounds of its type, unless its rules have narrower ones. 64-bit integers are text in ProtoJSON. */
function integerSchema(schema: Json, form: Form): Json {
  const { format, minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: under, ...others } = schema;
  const [least, most] = integerRange(String(format));
  const min = typeof above === "number" ? above + 1 : Number(minimum ?? least);
  const max = typeof under === "number" ? under - 1 : Number(maximum ?? most);
  if (form === "json" || !String(format).endsWith("64")) {
    const bounds = [above === undefined ? { minimum: min } : {}, under === undefined ? { maximum: max } : {}];
    return Object.assign({}, schema, ...bounds) as Json;
  }
  const { examples, enum: allowed, not } = others as Record<string, unknown[]>;
  return {
    ...others,
    type: "string",
    format,
    pattern: integerPattern(min, max),
    ...(examples ? { examples: examples.map(String) } : {}),
    ...(allowed ? { enum: allowed.map(String) } : {}),
    // The rule `required`.
    ...(not ? { not: { const: "0" } } : {}),
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
