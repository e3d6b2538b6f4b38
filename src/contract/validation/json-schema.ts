// Messages of the contract as JSON Schema: the shape of the plain object, which is that of the json codec. What validates
// a request and what documents it come of the same table of rules.
import protobuf from "protobufjs";
import { keywordsOf, type Schema } from "./rules.js";

/** Where the schema of a message or of an enum is found: the value of `$ref`. */
export type Reference = (type: protobuf.Type | protobuf.Enum) => string;

/**
 * The schema of a message. Other messages and enums are referred to, except google.protobuf.Timestamp. Throws an Error,
 * naming message and field, on a rule or a type that is not known.
 */
export function jsonSchema(type: protobuf.Type, reference: Reference): Schema {
  const fields = type.fieldsArray.map((field) => ({ field, isRequired: keywordsOf(field).isRequired }));
  const required = fields
    .filter(({ field, isRequired }) => isRequired && hasPresence(field))
    .map(({ field }) => field.name);
  return {
    type: "object",
    ...described(type.comment),
    properties: Object.fromEntries(type.fieldsArray.map((field) => [field.name, fieldSchema(field, reference)])),
    ...(required.length > 0 ? { required } : {}),
  };
}

/** The schema of an enum: its names. A number is also read; `x-enum-numbers` tells them. */
export function enumSchema(type: protobuf.Enum): Schema {
  const names = Object.keys(type.values);
  return { ...described(type.comment), type: "string", enum: names, "x-enum-numbers": { ...type.values } };
}

/** The schema of one field, with its rules and its comment. */
export function fieldSchema(field: protobuf.Field, reference: Reference): Schema {
  const rules = keywordsOf(field);
  const required = rules.isRequired && !hasPresence(field) ? { not: zeroSchema(field) } : {};
  const around = { ...described(field.comment), ...rules.value, ...required };
  const value = valueSchema(field, reference);
  if (field.repeated) return { type: "array", items: { ...value, ...rules.items }, ...around };
  if (!field.map) return { ...value, ...around };
  const propertyNames = { type: "string", "x-no-nul": true, ...rules.keys };
  return { type: "object", propertyNames, additionalProperties: { ...value, ...rules.items }, ...around };
}

/** The messages and enums that a message leads to, itself included; Timestamp is none of them. */
export function reachable(
  type: protobuf.Type,
  found = new Set<protobuf.Type | protobuf.Enum>(),
): Set<protobuf.Type | protobuf.Enum> {
  found.add(type);
  for (const { resolvedType } of type.fieldsArray) {
    if (!resolvedType || isTimestamp(resolvedType) || found.has(resolvedType)) continue;
    if (resolvedType instanceof protobuf.Type) reachable(resolvedType, found);
    else found.add(resolvedType);
  }
  return found;
}

/** Whether a field can be absent from the plain object. */
export function hasPresence(field: protobuf.Field): boolean {
  if (field.repeated || field.map) return false;
  return field.resolvedType instanceof protobuf.Type || !!field.hasPresence;
}

function valueSchema(field: protobuf.Field, reference: Reference): Schema {
  if (field.resolvedType && isTimestamp(field.resolvedType)) return { type: "string", format: "date-time" };
  if (field.resolvedType) return { $ref: reference(field.resolvedType) };
  if (field.type === "string") return { type: "string", "x-no-nul": true };
  if (field.type === "bool") return { type: "boolean" };
  if (field.type === "double" || field.type === "float") return { type: "number", format: field.type };
  if (/^[us]?int(32|64)$|^s?fixed(32|64)$/.test(field.type)) return { type: "integer", format: field.type };
  throw new Error(`${field.fullName.slice(1)}: the engine does not know the type ${field.type}`);
}

function isTimestamp(type: protobuf.ReflectionObject): boolean {
  return type.fullName === ".google.protobuf.Timestamp";
}

/** What a field without presence is when nobody has set it. */
function zeroSchema(field: protobuf.Field): Schema {
  if (field.repeated) return { maxItems: 0 };
  if (field.map) return { maxProperties: 0 };
  if (field.resolvedType instanceof protobuf.Enum) return { const: field.resolvedType.valuesById[0] };
  if (field.type === "string") return { const: "" };
  return { const: field.type === "bool" ? false : 0 };
}

/** A comment as running text, without directives to tools. */
function described(comment: string | null): Schema {
  const lines = (comment ?? "").split("\n").filter((line) => !line.startsWith("buf:lint:"));
  const description = lines.join(" ").trim();
  return description === "" ? {} : { description };
}
