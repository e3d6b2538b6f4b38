// The schemas of single values in JSON, made from those of the plain object: texts, whole numbers, bytes, Durations.
import protobuf from "protobufjs";
import { durationPattern } from "../../codecs/duration.js";
import { integerRange } from "../../model/message-schema.js";
import { durationFormat } from "../../validation/rules.js";
import { withoutTextRules } from "../../validation/texts.js";
import { integerPattern } from "./integer-pattern.js";
import type { Form, Json, Side } from "./json-forms.js";
import { textSchema } from "./texts.js";

/** Where a value is: its form, its side, and whether white space at the ends of its texts is cut off. */
export interface Place {
  readonly form: Form;
  readonly side: Side;
  readonly isTrimmed: boolean;
}

const parts: ReadonlySet<string> = new Set(["items", "additionalProperties"]);

/** The schema of a value in JSON, from that in the plain object: bytes are base64. Only those of requests have rules of texts. */
export function published(schema: Json, place: Place): Json {
  if ("x-bytes" in schema) return base64Schema(schema);
  if ("x-any" in schema) return anySchema(schema);
  if (schema["type"] === "integer") return integerSchema(schema, place.form);
  if (schema["type"] === "number") return place.side === "request" ? floatSchema(schema) : schema;
  if (schema["format"] === "date-time" && place.side === "request") return { ...schema, pattern: timestampPattern };
  if (schema["format"] === durationFormat) return { ...schema, pattern: durationPattern };
  if (schema["x-no-nul"] === true) {
    // An address may be in any script, which `email` of JSON Schema is not.
    const text = schema["format"] === "email" ? { ...schema, format: "idn-email" } : schema;
    return place.side === "request" ? textSchema(text, place.isTrimmed) : bare(text);
  }
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, parts.has(key) ? published(value as Json, place) : value]),
  );
}

/** The schema of a field that may be absent from a body, where null is the same. */
export function orNull(schema: Json): Json {
  const { type, enum: names, description } = schema;
  if (typeof type !== "string") {
    const value = without(schema, "description");
    return { ...(description === undefined ? {} : { description }), anyOf: [value, { type: "null" }] };
  }
  return {
    ...schema,
    type: [type, "null"],
    ...(Array.isArray(names) ? { enum: [...(names as unknown[]), null] } : {}),
  };
}

/** In requests three texts are numbers too. No answer holds them. */
function floatSchema(schema: Json): Json {
  return { ...schema, type: ["number", "string"], pattern: "^(?:NaN|-?Infinity)$" };
}

/** The texts of a Timestamp that are read, except for days and times that do not exist. */
const timestampPattern =
  "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})$";

function bare(schema: Json): Json {
  return without(withoutTextRules(schema), "x-no-nul");
}

/** The members of an object without one. */
function without(schema: Json, key: string): Json {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));
}

/** The keys of a map, which are text in JSON whatever their type. */
export function keySchema({ keyType }: protobuf.MapField, rules: Json, place: Place): Json {
  if (keyType === "string") return published(rules, { ...place, isTrimmed: false });
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

/** An Any: the members beside "@type" are those of the message that it names, in the form of JSON that is around it. */
function anySchema(schema: Json): Json {
  const urls = schema["x-any-in"];
  const description =
    "The type URL of a message, such as `type.googleapis.com/google.protobuf.Empty`. The fields of the message are beside it; " +
    "a Timestamp, a Duration, a wrapper or another Any is under `value`.";
  const type = { type: "string", ...(urls ? { enum: urls } : { pattern: "/[A-Za-z_][A-Za-z0-9_.]*$" }), description };
  const others = without(without(schema, "x-any"), "x-any-in");
  return { ...others, properties: { "@type": type }, required: ["@type"], additionalProperties: true };
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
