// The rules of buf.validate that are served: one table from a rule to the keyword of JSON Schema that checks and
// documents it, and to the sentence that a person reads. A rule that is not in the table is refused at start. Beside them
// stands a rule of our own, string.no_nul, for every string: Postgres cannot hold the character NUL.
import protobuf from "protobufjs";
import { optionValues } from "../model/declared-options.js";
import { compareDurations, formatDuration, isValidDuration, parseDuration, type Duration } from "../codecs/duration.js";
import { contentOf } from "../codecs/any-content.js";
import { isAny, isDuration, isTimestamp, scalarTypeOf } from "../model/well-known-types.js";
import { readPattern } from "./pattern.js";
import { textRules } from "./texts.js";

/** A JSON Schema of draft 2020-12, or a part of one. */
export type Schema = Record<string, unknown>;

/** The format of Durations as ProtoJSON has them; `duration` is the name of ISO 8601's, which are others. */
export const durationFormat = "google-duration";

/** The keywords for the rules of a field. */
export interface Keywords {
  /** `(buf.validate.field).required`. */
  readonly isRequired: boolean;
  /** Of the value; for a list or a map, of the whole. */
  readonly value: Schema;
  /** Of each item of a list, or of each value of a map. */
  readonly items: Schema;
  /** Of each key of a map. */
  readonly keys: Schema;
}

interface Rule {
  readonly keyword: string;
  /** The keyword's value, where the rule is only on or off. */
  readonly constant?: string | true;
  /** The sentence on a value that breaks the rule, given the keyword's value. */
  readonly sentence: (argument: never) => string;
}

const oneOf = (values: readonly unknown[]): string => `must be one of: ${values.join(", ")}`;
const count = (number: number, unit: string): string => `${number} ${unit}${number === 1 ? "" : "s"}`;

const numbers: Record<string, Rule> = {
  gt: { keyword: "exclusiveMinimum", sentence: (bound: number) => `must be greater than ${bound}` },
  gte: { keyword: "minimum", sentence: (bound: number) => `must be at least ${bound}` },
  lt: { keyword: "exclusiveMaximum", sentence: (bound: number) => `must be less than ${bound}` },
  lte: { keyword: "maximum", sentence: (bound: number) => `must be at most ${bound}` },
  in: { keyword: "enum", sentence: oneOf },
};

/** By family, which is also the prefix of a rule's name: `string.min_len`. */
const families: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  int32: numbers,
  int64: numbers,
  string: {
    min_len: { keyword: "minLength", sentence: (length: number) => `must have at least ${count(length, "character")}` },
    max_len: { keyword: "maxLength", sentence: (length: number) => `must have at most ${count(length, "character")}` },
    max_bytes: {
      keyword: "x-max-bytes",
      sentence: (size: number) => `must have at most ${count(size, "byte")} in UTF-8`,
    },
    pattern: { keyword: "pattern", sentence: (pattern: string) => `must match the pattern ${pattern}` },
    in: { keyword: "enum", sentence: oneOf },
    email: { keyword: "format", constant: "email", sentence: () => "must be an e-mail address" },
    uri: { keyword: "format", constant: "uri", sentence: () => "must be a URI" },
    uuid: { keyword: "format", constant: "uuid", sentence: () => "must be a UUID" },
    no_nul: { keyword: "x-no-nul", constant: true, sentence: () => "must not contain the character NUL" },
  },
  bytes: {
    min_len: { keyword: "x-min-bytes", sentence: (size: number) => `must have at least ${count(size, "byte")}` },
    max_len: { keyword: "x-max-bytes", sentence: (size: number) => `must have at most ${count(size, "byte")}` },
  },
  duration: {
    gt: { keyword: "x-duration-gt", sentence: (bound: string) => `must be greater than ${bound}` },
    gte: { keyword: "x-duration-gte", sentence: (bound: string) => `must be at least ${bound}` },
    lt: { keyword: "x-duration-lt", sentence: (bound: string) => `must be less than ${bound}` },
    lte: { keyword: "x-duration-lte", sentence: (bound: string) => `must be at most ${bound}` },
    in: { keyword: "enum", sentence: oneOf },
  },
  enum: { in: { keyword: "enum", sentence: oneOf } },
  any: { in: { keyword: "x-any-in", sentence: (urls: readonly string[]) => `must hold one of: ${urls.join(", ")}` } },
  repeated: {
    min_items: { keyword: "minItems", sentence: (size: number) => `must have at least ${count(size, "item")}` },
    max_items: { keyword: "maxItems", sentence: (size: number) => `must have at most ${count(size, "item")}` },
    unique: { keyword: "uniqueItems", constant: true, sentence: () => "must not have the same item twice" },
  },
  map: {
    min_pairs: { keyword: "minProperties", sentence: (size: number) => `must have at least ${count(size, "key")}` },
    max_pairs: { keyword: "maxProperties", sentence: (size: number) => `must have at most ${count(size, "key")}` },
  },
  timestamp: {
    gt_now: { keyword: "x-after-now", constant: true, sentence: () => "must be in the future" },
    lt_now: { keyword: "x-before-now", constant: true, sentence: () => "must be in the past" },
  },
};

/** The keywords of a field. Throws an Error, naming message, field and rule, on a rule that is not known or not allowed. */
export function keywordsOf(field: protobuf.Field): Keywords {
  const { required, ...rules } = (optionValues(field, "buf.validate.field")[0] ?? {}) as Record<string, Arguments>;
  const where = `${field.parent?.fullName.slice(1)}.${field.name}`;
  const single = { isRequired: (required as unknown) === true, items: {}, keys: {} };
  const plain = familyOf(field);
  const text = textRules(field);
  if (!field.repeated && !field.map) return { ...single, value: { ...keywords(rules, plain, field, where), ...text } };
  const whole = field.repeated ? "repeated" : "map";
  const { items, values, keys, ...others } = (rules[whole] ?? {}) as Record<string, Record<string, Arguments>>;
  if (others["unique"] && (field.resolvedType instanceof protobuf.Type || field.type === "bytes"))
    throw new Error(`${where}: repeated.unique is for scalars other than bytes, and for enums`);
  const rest = { ...rules, [whole]: others as Arguments };
  return {
    ...single,
    value: keywords(rest, whole, field, where),
    items: { ...keywords(items ?? values ?? {}, plain, field, where), ...text },
    // A key is always text in JSON, so only rules for text apply.
    keys: keywords(
      keys ?? {},
      field instanceof protobuf.MapField && field.keyType === "string" ? "string" : undefined,
      field,
      where,
    ),
  };
}

/** The rule that a keyword stands for, by name, with the sentence on a value that breaks it. `schema` has the keyword. */
export function ruleOf(keyword: string, schema: Schema): { rule: string; message: string } {
  if (keyword === "not") return requiredRule;
  const argument = schema[keyword];
  if ("x-enum-numbers" in schema) return { rule: "enum.defined_only", message: oneOf(schema["enum"] as string[]) };
  const family = schemaFamily(schema);
  const found = Object.entries(families[family] ?? {}).find(
    ([, rule]) => rule.keyword === keyword && (rule.constant === undefined || rule.constant === argument),
  );
  if (!found) throw new Error(`no rule of ${family} has the keyword ${keyword}`);
  return { rule: `${family}.${found[0]}`, message: found[1].sentence(argument as never) };
}

/** The rule that an absent value breaks where one is required. */
export const requiredRule = { rule: "required", message: "is required" };

type Arguments = Record<string, unknown>;

/** The family of rules for one value; a wrapper has that of its scalar. */
function familyOf(field: protobuf.Field): string | undefined {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Enum) return "enum";
  if (isTimestamp(resolvedType)) return "timestamp";
  if (isAny(resolvedType)) return "any";
  return isDuration(resolvedType) ? "duration" : scalarTypeOf(field);
}

function schemaFamily(schema: Schema): string {
  if ("$ref" in schema) return "enum";
  if ("x-any" in schema) return "any";
  if (schema["type"] === "array") return "repeated";
  if (schema["type"] === "object") return "map";
  if ("x-bytes" in schema) return "bytes";
  if (schema["format"] === "date-time") return "timestamp";
  if (schema["format"] === durationFormat) return "duration";
  return String(schema["type"] === "integer" ? schema["format"] : schema["type"]);
}

/** The keywords of `{ string: { min_len: 1 } }`, of which only `family` may be there. */
function keywords(
  rules: Record<string, Arguments>,
  family: string | undefined,
  field: protobuf.Field,
  where: string,
): Schema {
  const schema: Schema = {};
  for (const [group, named] of Object.entries(rules)) {
    for (const [name, argument] of Object.entries(named)) {
      if (name === "example" && group !== "bytes")
        schema["examples"] = [argument].flat().map((example) => argumentOf(example, group, field, where));
      else if (name === "defined_only" && group === "enum" && family === "enum") continue; // Every enum is checked for it.
      else {
        const rule = group === family && families[group]?.[name];
        if (!rule) throw new Error(`${where}: the rule ${group}.${name} cannot be served on this field`);
        const value = name === "in" ? [argument].flat() : argument;
        if (argument !== false) schema[rule.keyword] = rule.constant ?? argumentOf(value, group, field, where);
      }
    }
    if (typeof named !== "object") throw new Error(`${where}: the rule ${group} cannot be served on this field`);
  }
  refuseImpossible(schema, where);
  return schema;
}

/** The argument of a rule, or a list of them, in the form of the plain object: enums by name, Durations as text. */
function argumentOf(argument: unknown, group: string, field: protobuf.Field, where: string): unknown {
  if (Array.isArray(argument)) return argument.map((each) => argumentOf(each, group, field, where));
  if (group === "enum" && field.resolvedType instanceof protobuf.Enum)
    return field.resolvedType.valuesById[argument as number] ?? argument;
  if (group === "any" && contentOf(field.root, argument as string)?.url !== argument)
    throw new Error(`${where}: ${String(argument)} is not the type URL of a message of the contract`);
  if (group !== "duration") return argument;
  const { seconds, nanos }: Duration = { seconds: 0, nanos: 0, ...(argument as Partial<Duration>) };
  if (!isValidDuration(seconds, nanos)) throw new Error(`${where}: ${seconds}s and ${nanos}ns are not a duration`);
  return formatDuration({ seconds, nanos });
}

function refuseImpossible(schema: Schema, where: string): void {
  for (const value of Object.values(schema).flat()) {
    if (typeof value === "number" && !Number.isSafeInteger(value))
      throw new Error(`${where}: ${value} is not a safe integer`);
  }
  const least = schema["minimum"] ?? schema["exclusiveMinimum"] ?? schema["x-duration-gte"] ?? schema["x-duration-gt"];
  const most = schema["maximum"] ?? schema["exclusiveMaximum"] ?? schema["x-duration-lte"] ?? schema["x-duration-lt"];
  // Protovalidate reads such a range as the values outside of it, which few people expect.
  if (isAbove(least, most)) throw new Error(`${where}: ${String(least)} is above ${String(most)}`);
  if (schema["pattern"] === undefined) return;
  if (textLimit(schema) === undefined) throw new Error(`${where}: a pattern needs max_len or max_bytes beside it`);
  try {
    readPattern(schema["pattern"] as string);
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
  }
}

/** Whether one bound is above another: two numbers, or two Durations. */
function isAbove(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return false;
  if (typeof one === "number") return one > (other as number);
  return compareDurations(parseDuration(one as string)!, parseDuration(other as string)!) > 0;
}

/** The length in UTF-16 units beyond which a text certainly breaks max_len or max_bytes. */
export function textLimit(schema: Schema): number | undefined {
  const limits = [Number(schema["maxLength"]) * 2, Number(schema["x-max-bytes"])].filter(
    (limit) => !Number.isNaN(limit),
  );
  return limits.length === 0 ? undefined : Math.min(...limits);
}
