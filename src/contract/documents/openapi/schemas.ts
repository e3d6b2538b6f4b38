// Messages of the contract as the schemas of an OpenAPI document: one for each message in each of the two JSON forms.
// They describe what the server writes and what clients should send, without what it also accepts (numbers as text, numbers of
// enums, the names of the other form).
import protobuf from "protobufjs";
import { hasPresence, scalarTypeOf } from "../../model/well-known-types.js";
import { isTrimmed } from "../../validation/trim.js";
import { keywordsOf } from "../../validation/rules.js";
import { enumSchema, fieldSchema } from "../../validation/json-schema.js";
import { namedValues, openEnum } from "./open-enums.js";
import { defaultOf } from "./defaults.js";
import { keySchema, orNull, published } from "./values.js";
import { prose, type Form, type Json, type Side } from "./json-forms.js";
import type { Contract } from "../../model/load.js";

/** What a schema has its name from. */
type Named = Pick<protobuf.ReflectionObject, "name" | "fullName">;

interface Reference {
  readonly $ref: string;
}

/** Collects the component schemas that are referred to. */
export interface Schemas {
  /** A reference to the schema of a message or an enum. The schema is added to the components. */
  reference(type: protobuf.Type | protobuf.Enum, form: Form, side: Side): Reference;
  /** A reference to the schema of a request's body: the message without the fields that the path binds. */
  body(type: protobuf.Type, form: Form, pathFields: readonly string[]): Reference;
  /** The schema of one field in the json form, for a parameter, with its default. */
  parameter(field: protobuf.Field): Json;
  /** Everything collected so far, by name, sorted. */
  components(): Json;
}

/** Whether the values of a field are 64-bit integers. */
export function isLong(field: protobuf.Field): boolean {
  return scalarTypeOf(field)?.endsWith("64") === true;
}

/**
 * An empty collection. A schema has the name of its message, with `.protojson` in that form, and with `Input` on the
 * request's side of a message that is used on both sides; where another has that name, the full one, and then a number. Names
 * differ in their letters and digits, because generators keep nothing else of them.
 */
export function openApiSchemas(
  contract: Contract,
  bothSides: ReadonlySet<protobuf.ReflectionObject>,
  defaults: Readonly<Record<string, unknown>> = {},
): Schemas {
  const collected = new Map<string, Json>();
  const owners = new Map<string, string>();
  const known = namedValues(contract);

  /** `what` says which of the schemas of a type it is. */
  function collect(type: Named, suffix: string, what: string, make: () => Json): Reference {
    const owner = `${type.fullName} ${what}`;
    const fullName = type.fullName.slice(1);
    for (let index = 0; ; index++) {
      const name = ([type.name, fullName][index] ?? `${fullName}${index}`) + suffix;
      const key = name.replace(/[^a-z0-9]/gi, "").toLowerCase();
      const own = owners.get(key);
      if (own === undefined) {
        owners.set(key, owner); // A message may contain itself.
        collected.set(name, make());
      }
      if (own === undefined || own === owner) return { $ref: `#/components/schemas/${name}` };
    }
  }

  function message(type: protobuf.Type, form: Form, side: Side, omitted: readonly string[]): Reference {
    const suffix = inputOf(type, side) + (form === "protojson" ? ".protojson" : "");
    return collect(type, suffix, `${side} ${omitted.join()}`, () => messageSchema(type, form, side, omitted));
  }

  function inputOf(type: protobuf.Type | protobuf.Enum, side: Side): string {
    return side === "request" && bothSides.has(type) ? "Input" : "";
  }

  function reference(type: protobuf.Type | protobuf.Enum, form: Form, side: Side): Reference {
    if (type instanceof protobuf.Type) return message(type, form, side, []);
    return collect(type, inputOf(type, side), side, () =>
      side === "request" ? explainedEnum(type) : openEnum(explainedEnum(type)),
    );
  }

  function messageSchema(type: protobuf.Type, form: Form, side: Side, omitted: readonly string[]): Json {
    const fields = type.fieldsArray.filter((field) => !omitted.includes(field.name));
    const isRequired = side === "request" ? isNeeded : isAlwaysWritten(form);
    const required = fields.filter(isRequired).map((field) => nameOf(field, form));
    const description = prose(type.comment);
    return {
      type: "object",
      ...(description === "" ? {} : { description }),
      properties: Object.fromEntries(
        fields.map((field) => {
          const schema = property(field, form, side);
          const name = nameOf(field, form);
          return [name, side === "request" && !required.includes(name) ? orNull(schema) : schema];
        }),
      ),
      ...(required.length > 0 ? { required } : {}),
      ...(side === "request" ? { additionalProperties: false, ...oneofSchema(fields, form) } : {}),
    };
  }

  function property(field: protobuf.Field, form: Form, side: Side): Json {
    const named = known.get(field);
    if (named) return { ...collect(named, "", "", () => named.schema), description: prose(field.comment) };
    const rules = fieldSchema(field, (type) => reference(type, form, side).$ref);
    const place = { form, side, isTrimmed: isTrimmed(field) };
    const schema = published(rules, place);
    if (field instanceof protobuf.MapField)
      return { ...schema, propertyNames: keySchema(field, rules["propertyNames"] as Json, place) };
    return schema;
  }

  return {
    reference,
    body: (type, form, pathFields) => message(type, form, "request", pathFields),
    parameter(field) {
      const { description: _, ...schema } = property(field, "json", "request");
      const value = defaultOf(field, defaults);
      return value === undefined ? schema : { ...schema, default: value };
    },
    components: () => Object.fromEntries([...collected].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function nameOf(field: protobuf.Field, form: Form): string {
  return form === "protojson" ? field.jsonName : field.name;
}

/** Of the members of a oneof, at most one is given; null is none. */
function oneofSchema(fields: readonly protobuf.Field[], form: Form): Json {
  const given = { not: { type: "null" } };
  const together = fields.flatMap((field, index) =>
    fields
      .slice(index + 1)
      .filter((other) => field.partOf !== null && field.partOf === other.partOf)
      .map((other) => {
        const names = [nameOf(field, form), nameOf(other, form)];
        return { required: names, properties: Object.fromEntries(names.map((name) => [name, given])) };
      }),
  );
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
