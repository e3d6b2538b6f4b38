// Checks a request against the rules of the contract, with one verdict for all codecs: it reads the plain object alone, in
// which the codecs have already checked the types.
import { _, Ajv, type ErrorObject, type KeywordCxt, type ValidateFunction } from "ajv";
import protobuf from "protobufjs";
import { ApiError } from "../../errors.js";
import type { FieldViolation } from "../../gen/lyceum/v1/problem.js";
import { contentOf } from "../codecs/any-content.js";
import type { Plain } from "../codecs/codec.js";
import { compareDurations, parseDuration } from "../codecs/duration.js";
import { anysIn, below, holdsAny, type FoundAny } from "./anys.js";
import { isEmail } from "./email.js";
import { isUri, isUuid } from "./formats.js";
import { readPattern } from "./pattern.js";
import { durationFormat, requiredRule, ruleOf, textLimit, type Schema } from "./rules.js";
import { enumSchema, jsonSchema, reachable, type Reference } from "./json-schema.js";
import { brokenTextRule, keepsTextRule, textKeywords } from "./texts.js";
import { trimmer } from "./trim.js";

/** The most violations in one answer. */
const mostViolations = 100;

const ajv = createAjv();

/**
 * Prepares the validation of a message: a function that trims, in place, then throws INVALID_FIELDS with all violations,
 * at most 100. Throws an Error, naming message, field and rule, when the message has a rule that is not known. The first request takes
 * some milliseconds more, as does the first message of a type in an Any.
 */
export function validator(type: protobuf.Type): (request: Plain) => void {
  const check = checkerOf(type);
  return (request) => {
    const violations = check(request);
    const [first] = violations;
    if (!first) return;
    const others = violations.length > 1 ? `, and ${violations.length - 1} more` : "";
    throw new ApiError("INVALID_FIELDS", `${first.field} ${first.message}${others}`, { violations });
  };
}

/** Trims a message in place, and returns its violations. */
type Checker = (message: Plain) => readonly FieldViolation[];

const none: readonly FieldViolation[] = [];
const checkers = new WeakMap<protobuf.Type, Checker>();

function checkerOf(type: protobuf.Type): Checker {
  const known = checkers.get(type);
  if (known) return known;
  const trim = trimmer(type);
  const schema = schemaOf(type);
  // To compile all of them would take a fifth of the time in which a server starts.
  let compiled: ValidateFunction | undefined;
  const checkFields: Checker = (message) => {
    trim?.(message);
    const isValid = (compiled ??= ajv.compile(schema));
    if (isValid(message)) return none;
    const errors = isValid.errors ?? [];
    // They refer to the request, with passwords in it; nothing should keep it alive.
    isValid.errors = null;
    return violationsOf(errors, type);
  };
  const checker: Checker = !holdsAny(type)
    ? checkFields
    : (message) => [...checkFields(message), ...anysIn(type, message).flatMap(checkAny)].slice(0, mostViolations);
  checkers.set(type, checker);
  return checker;
}

/** The violations of the message in an Any, by the rules of its own type. */
function checkAny({ root, any, field, pointer }: FoundAny): FieldViolation[] {
  const content = contentOf(root, String(any["@type"]));
  if (!content) return [];
  if (content.value?.kind === "any")
    return checkAny({ root, any: any["value"] as Plain, field: `${field}.value`, pointer: `${pointer}/value` });
  // The plain object of a Timestamp or a Duration has none of its fields.
  return checkerOf(content.type)(any).map((inner) => ({
    field: `${field}.${inner.field}`,
    pointer: pointer + inner.pointer,
    rule: inner.rule,
    message: inner.message,
  }));
}

const reference: Reference = (named) => `#/$defs/${named.fullName.slice(1)}`;

function schemaOf(type: protobuf.Type): Schema {
  const schemas = [...reachable(type)].map((named) => [
    named.fullName.slice(1),
    named instanceof protobuf.Enum ? enumSchema(named) : jsonSchema(named, reference),
  ]);
  return { $ref: reference(type), $defs: Object.fromEntries(schemas) as Schema };
}

function now(): string {
  return new Date().toISOString();
}

function createAjv(): Ajv {
  // The schemas are generated here: to check them against the schema of schemas would take a tenth of the start.
  const checks = { meta: false, validateSchema: false };
  const created = new Ajv({
    ...checks,
    allErrors: true,
    strict: true,
    verbose: true,
    messages: false,
    strictNumbers: false,
  });
  created.addVocabulary(["x-enum-numbers", "x-any"]);
  created.addKeyword({
    keyword: "x-any-in",
    type: "object",
    schemaType: "array",
    validate: (urls: readonly unknown[], any: Plain) => urls.includes(any["@type"]),
  });
  created.addKeyword({
    keyword: "x-no-nul",
    type: "string",
    schemaType: "boolean",
    code: (context: KeywordCxt) => context.fail(_`${context.data}.includes("\\u0000")`),
  });
  for (const keyword of textKeywords)
    created.addKeyword({
      keyword,
      type: "string",
      schemaType: "boolean",
      validate: (_on: boolean, text: string) => keepsTextRule(keyword, text),
    });
  created.addKeyword({
    keyword: "x-max-bytes",
    schemaType: "number",
    validate: (most: number, value: string | Buffer) => value.length * 3 <= most || Buffer.byteLength(value) <= most,
  });
  created.addKeyword({
    keyword: "x-min-bytes",
    schemaType: "number",
    validate: (least: number, value: Buffer) => value.length >= least,
  });
  created.addKeyword({
    keyword: "x-bytes",
    schemaType: "boolean",
    validate: (_on: boolean, value: unknown) => Buffer.isBuffer(value),
  });
  // In place of Ajv's own: a text that breaks a bound of its length is not matched, so that matching has a bound too.
  created.removeKeyword("pattern");
  created.addKeyword({
    keyword: "pattern",
    type: "string",
    schemaType: "string",
    compile: (source: string, schema: Schema) => {
      const regexp = readPattern(source);
      const limit = textLimit(schema) ?? 0;
      return (text: string) => text.length > limit || regexp.test(text);
    },
  });
  // Timestamps are texts of one form in UTC. Without the Z, which comes after the digits of a finer one, their order is that of time.
  const isTimestampRule = { type: "string", schemaType: "boolean" } as const;
  created.addKeyword({
    keyword: "x-before-now",
    ...isTimestampRule,
    validate: (_on: boolean, text: string) => text.slice(0, -1) < now().slice(0, -1),
  });
  created.addKeyword({
    keyword: "x-after-now",
    ...isTimestampRule,
    validate: (_on: boolean, text: string) => text.slice(0, -1) > now().slice(0, -1),
  });
  addDurationKeywords(created);
  created.addFormat("email", isEmail).addFormat("uri", isUri).addFormat("uuid", isUuid).addFormat("date-time", true);
  created.addFormat(durationFormat, true);
  for (const width of ["int32", "int64", "uint32", "uint64", "sint32", "sint64"]) created.addFormat(width, true);
  for (const width of ["fixed32", "fixed64", "sfixed32", "sfixed64", "float", "double"]) created.addFormat(width, true);
  return created;
}

function addDurationKeywords(to: Ajv): void {
  const holds: Readonly<Record<string, (order: number) => boolean>> = {
    "x-duration-gt": (order) => order > 0,
    "x-duration-gte": (order) => order >= 0,
    "x-duration-lt": (order) => order < 0,
    "x-duration-lte": (order) => order <= 0,
  };
  for (const [keyword, isKept] of Object.entries(holds)) {
    to.addKeyword({
      keyword,
      type: "string",
      schemaType: "string",
      compile: (bound: string) => {
        const duration = parseDuration(bound)!;
        return (text: string) => isKept(compareDurations(parseDuration(text)!, duration));
      },
    });
  }
}

interface Broken {
  readonly pointer: string;
  readonly rule: string;
  readonly message: string;
}

function violationsOf(errors: readonly ErrorObject[], type: protobuf.Type): FieldViolation[] {
  const broken = errors.flatMap(brokenRule);
  const missing = new Set(broken.filter(({ rule }) => rule === requiredRule.rule).map(({ pointer }) => pointer));
  return broken
    .filter(({ pointer, rule }) => rule === requiredRule.rule || !missing.has(pointer))
    .slice(0, mostViolations)
    .map(({ pointer, rule, message }) => ({ field: fieldPath(pointer, type), pointer, rule, message }));
}

function brokenRule({ keyword, instancePath, propertyName, params, parentSchema, data }: ErrorObject): Broken[] {
  const schema = parentSchema as Schema;
  // The faults of each name are reported beside it.
  if (keyword === "propertyNames") return [];
  if (keyword === "required")
    return [{ pointer: below(instancePath, String(params["missingProperty"])), ...requiredRule }];
  if (keyword === "type") {
    // The number of an enum value that is not defined, which `enum` reports too. Anything else is a fault of a codec.
    if ("x-enum-numbers" in schema) return [];
    throw new Error(`${instancePath} is not of the type ${String(schema["type"])}`);
  }
  if (keyword === "x-bytes") throw new Error(`${instancePath} is not of the type bytes`);
  if (textKeywords.includes(keyword)) return [{ pointer: instancePath, ...brokenTextRule(keyword, data as string) }];
  return [
    {
      pointer: propertyName === undefined ? instancePath : below(instancePath, propertyName),
      ...ruleOf(keyword, schema),
    },
  ];
}

/** `/members/2/role` as `members[2].role`, and `/labels/a` of a map as `labels["a"]`. */
function fieldPath(pointer: string, type: protobuf.Type): string {
  let path = "";
  let message: protobuf.Type | undefined = type;
  let many: protobuf.Field | undefined;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    const field: protobuf.Field | undefined = many ?? message?.fields[name];
    if (many)
      path +=
        many instanceof protobuf.MapField && many.keyType === "string" ? `[${JSON.stringify(name)}]` : `[${name}]`;
    else path += path === "" ? name : `.${name}`;
    many = !many && (field?.repeated || field?.map) ? field : undefined;
    message = field?.resolvedType instanceof protobuf.Type ? field.resolvedType : undefined;
  }
  return path;
}
