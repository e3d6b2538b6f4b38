// Messages of the contract as JSON Schema: a schema of the plain object. The validator of a request and its documentation
// are both made from it, so they have the same rules.
import protobuf from "protobufjs";
import {
  hasPresence,
  isAny,
  isDuration,
  isTimestamp,
  nestedMessageOf,
  scalarTypeOf,
} from "../model/well-known-types.js";
import { durationFormat, keywordsOf, type Schema } from "./rules.js";

/** Where the schema of a message or of an enum stands: the value of `$ref`. */
export type Reference = (type: protobuf.Type | protobuf.Enum) => string;

/**
 * The schema of a message. Other messages and enums are referred to, except those that stand for one value, such as
 * google.protobuf.Timestamp. Throws an Error, naming message and field, on a rule that is not known.
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

/** The schema of an enum: its names, and in `x-enum-numbers` its numbers, which are read too. */
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

/** The messages and enums that a message leads to, itself included, without those that stand for one value. */
export function reachable(
  type: protobuf.Type,
  found = new Set<protobuf.Type | protobuf.Enum>(),
): Set<protobuf.Type | protobuf.Enum> {
  found.add(type);
  for (const field of type.fieldsArray) {
    const message = nestedMessageOf(field);
    if (message && !found.has(message)) reachable(message, found);
    if (field.resolvedType instanceof protobuf.Enum) found.add(field.resolvedType);
  }
  return found;
}

function valueSchema(field: protobuf.Field, reference: Reference): Schema {
  const { resolvedType } = field;
  if (isTimestamp(resolvedType)) return { type: "string", format: "date-time" };
  if (isDuration(resolvedType)) return { type: "string", format: durationFormat };
  if (isAny(resolvedType)) return { type: "object", "x-any": true };
  const scalar = scalarTypeOf(field);
  if (resolvedType && scalar === undefined) return { $ref: reference(resolvedType) };
  if (scalar === "string") return { type: "string", "x-no-nul": true };
  // Of no type of JSON: the plain object has a Buffer.
  if (scalar === "bytes") return { "x-bytes": true };
  if (scalar === "bool") return { type: "boolean" };
  return { type: scalar === "double" || scalar === "float" ? "number" : "integer", format: scalar };
}

/** The schema of the default of a field without presence. */
function zeroSchema(field: protobuf.Field): Schema {
  if (field.repeated) return { maxItems: 0 };
  if (field.map) return { maxProperties: 0 };
  if (field.resolvedType instanceof protobuf.Enum) return { const: field.resolvedType.valuesById[0] };
  if (field.type === "string") return { const: "" };
  if (field.type === "bytes") return { "x-max-bytes": 0 };
  return { const: field.type === "bool" ? false : 0 };
}

/** A comment as running text, without directives to tools. */
function described(comment: string | null): Schema {
  const lines = (comment ?? "").split("\n").filter((line) => !line.startsWith("buf:lint:"));
  const description = lines.join(" ").trim();
  return description === "" ? {} : { description };
}
