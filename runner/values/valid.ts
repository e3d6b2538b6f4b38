// Valid values, derived from the rules alone: the simplest one, and several different ones.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Descriptors } from "../client/descriptors.js";
import type { Plain } from "../client/encoding.js";
import { noRules, rulesOf, type Rules } from "../client/rules.js";
import { isAny, isDuration, wrappedFieldOf } from "../client/well-known-types.js";
import { anyUrl, heldBy } from "./anys.js";
import { bytesCandidates } from "./bytes.js";
import { durationCandidates } from "./durations.js";
import { forms } from "./forms.js";
import { faults, fieldViolations, lengthOf, trimmed } from "./violations.js";
import { samplesOf } from "./texts/pattern.js";
import { hasPresence, keyTypeOf, fieldTypeOf, type FieldType } from "./field-type.js";

/**
 * The simplest valid message: with the examples of the contract, else the simplest values that the rules allow, and without
 * optional fields. Throws an Error that names the field for which no valid value is known.
 */
export function validValue(descriptors: Descriptors, type: DescMessage): Plain {
  return validMessage(descriptors, type, []);
}

/** Options of valid values. */
export interface Wishes {
  /** A part of values that must be unique. */
  readonly unique?: string;
  /** The number of items or pairs, whatever the rules demand; when there are too few different values, some repeat. */
  readonly size?: number;
}

/** A valid value of a field that is set. Throws as validValue does. */
export function validField(descriptors: Descriptors, field: DescField, wishes: Wishes = {}): unknown {
  return fieldValue(descriptors, field, wishes, []);
}

/** An Any with a valid message of the type URL; without one, of the first that the rules list. */
export function validAny(descriptors: Descriptors, { of }: Rules, url?: string): Plain {
  return anyOf(descriptors, url ?? anyUrl(descriptors.registry, of["in"]), []);
}

/** A valid value of a type other than a message; undefined when none is known. */
export function validSingle(
  fieldType: FieldType,
  rules: Rules,
  isGood: (value: unknown) => boolean,
  unique = "",
): unknown {
  for (const value of candidates(fieldType, rules, unique)) if (isGood(value)) return value;
  return undefined;
}

/** Valid values that differ from each other and from `taken`, up to `count`; fewer when there are no more. */
export function distinctSingles(
  fieldType: FieldType,
  rules: Rules,
  taken: readonly unknown[],
  count: number,
): unknown[] {
  const seen = new Set(taken);
  const found: unknown[] = [];
  let tries = 0;
  for (const value of distinctCandidates(fieldType, rules, taken[0])) {
    if (found.length === count || tries++ > count * 4 + 1000) break;
    if (seen.has(value) || faults(fieldType, rules, trimmed(rules, value)).length > 0) continue;
    seen.add(value);
    found.push(value);
  }
  return found;
}

function validMessage(descriptors: Descriptors, type: DescMessage, above: readonly DescMessage[]): Plain {
  if (above.includes(type)) throw new Error(`${type.typeName} must hold itself: no value is valid`);
  return Object.fromEntries(
    type.fields.flatMap((field) => {
      const isLeftOut = fieldViolations(descriptors, field, undefined, "").length === 0;
      if (isLeftOut && (hasPresence(field) || field.fieldKind === "list" || field.fieldKind === "map")) return [];
      return [[field.name, fieldValue(descriptors, field, {}, [...above, type])]];
    }),
  );
}

function anyOf(descriptors: Descriptors, url: string, above: readonly DescMessage[]): Plain {
  const type = heldBy(descriptors.registry, { "@type": url })!;
  const wrapped = wrappedFieldOf(type);
  if (isAny(type)) return { "@type": url, value: {} };
  if (isDuration(type)) return { "@type": url, value: "1s" };
  if (type.typeName === "google.protobuf.Timestamp") return { "@type": url, value: "2000-01-01T00:00:00.000Z" };
  if (wrapped) return { "@type": url, value: validSingle(fieldTypeOf(wrapped), noRules, () => true) };
  return { "@type": url, ...validMessage(descriptors, type, above) };
}

function fieldValue(
  descriptors: Descriptors,
  field: DescField,
  { unique = "", size: wished }: Wishes,
  above: readonly DescMessage[],
): unknown {
  const rules = rulesOf(descriptors, field);
  const fieldType = fieldTypeOf(field);
  const found = (value: unknown): unknown => {
    if (value === undefined)
      throw new Error(`${field}: no valid value is known; an example in the contract would help`);
    return value;
  };
  const one = (of: Rules): unknown =>
    fieldType.kind === "message"
      ? validMessage(descriptors, fieldType.of, above)
      : fieldType.kind === "any"
        ? anyOf(descriptors, anyUrl(descriptors.registry, of.of["in"]), above)
        : found(validSingle(fieldType, of, (value) => faults(fieldType, of, trimmed(of, value)).length === 0, unique));
  if (field.fieldKind === "list") {
    const size = wished ?? Math.max(1, Number(rules.of["min_items"] ?? 0));
    const first = one(rules.items);
    const more = rules.of["unique"] === true ? distinctSingles(fieldType, rules.items, [first], size - 1) : [];
    return Array.from({ length: size }, (_, at) => (at === 0 ? first : (more[at - 1] ?? first)));
  }
  if (field.fieldKind === "map") {
    const size = wished ?? Math.max(1, Number(rules.of["min_pairs"] ?? 0));
    const keys = distinctSingles(keyTypeOf(field), rules.keys, [], size);
    return Object.fromEntries(keys.map((key) => [String(key), one(rules.items)]));
  }
  if (fieldType.kind === "message" || fieldType.kind === "any") return one(rules);
  const isGood = (value: unknown): boolean => fieldViolations(descriptors, field, value, "").length === 0;
  return found(validSingle(fieldType, rules, isGood, unique));
}

/** Values that may be valid: the examples of the contract first, then the simplest. */
function* candidates(fieldType: FieldType, rules: Rules, unique: string): Generator<unknown> {
  const { of } = rules;
  const examples = [of["example"] ?? []].flat();
  const listed = [of["in"] ?? []].flat() as unknown[];
  switch (fieldType.kind) {
    case "text": {
      const made = textForms(rules).flatMap((form) => form.good(unique).map(({ value }) => value));
      // An example is always the same, and so not unique.
      yield* unique === "" ? [...examples, ...made] : [...made, ...examples];
      yield* [...listed, "a".repeat(Number(of["min_len"] ?? 1)), ""];
      if (typeof of["pattern"] === "string")
        yield* samplesOf(of["pattern"], Number(of["max_len"] ?? of["max_bytes"] ?? 64));
      return;
    }
    case "integer": {
      const { gt, gte, lt, lte } = of as Partial<Record<string, number>>;
      const near = [0, gte, gt === undefined ? gt : gt + 1, lte, lt === undefined ? lt : lt - 1];
      return yield* [...examples, ...listed, ...near, 1].filter((number) => isWithin(fieldType, number));
    }
    case "enum":
      return yield* fieldType.of.values.map(({ name }) => name);
    case "bool":
      return yield* [false, true];
    case "float":
      return yield* [0, 1];
    case "timestamp":
      return yield* ["2000-01-01T00:00:00.000Z", "9000-01-01T00:00:00.000Z"];
    case "duration":
      return yield* durationCandidates(rules);
    case "bytes":
      return yield* bytesCandidates(rules);
    case "message":
    case "any":
      return;
  }
}

function* distinctCandidates(fieldType: FieldType, rules: Rules, like: unknown): Generator<unknown> {
  yield* candidates(fieldType, rules, "");
  if (fieldType.kind === "integer") {
    const from = Number(like ?? candidates(fieldType, rules, "").next().value ?? 0);
    for (let step = 1; step < 100_000; step++)
      yield* [from + step, from - step].filter((number) => isWithin(fieldType, number));
  }
  if (fieldType.kind === "timestamp")
    for (let second = 1; second < 100_000; second++) yield new Date(946_684_800_000 + second * 1000).toISOString();
  if (fieldType.kind === "float") for (let number = 2; number < 100_000; number++) yield number;
  if (fieldType.kind !== "text") return;
  const least = Number(rules.of["min_len"] ?? 1);
  const pattern = rules.of["pattern"];
  for (let count = 1; count < 100_000; count++) {
    yield* textForms(rules).map((form) => form.good(`a${count}`)[0]!.value);
    yield count.toString(36).padStart(least, "0");
    if (pattern !== undefined && typeof like === "string") yield* ofLength(like, lengthOf(like) + count);
  }
}

/** The formats that a text must have. */
export function textForms(rules: Rules): (typeof forms)[string][] {
  return Object.keys(rules.of).flatMap((rule) => (rules.of[rule] === true ? (forms[rule] ?? []) : []));
}

/** `text` with another length in code points: one of its characters repeated or some removed; one text for each place. */
export function* ofLength(text: string, length: number): Generator<string> {
  const chars = [...text];
  const difference = length - chars.length;
  if (difference === 0) yield text;
  for (let at = 0; difference > 0 && at < chars.length; at++)
    yield [...chars.slice(0, at), chars[at]!.repeat(difference), ...chars.slice(at)].join("");
  for (let at = 0; difference < 0 && at <= length; at++)
    yield [...chars.slice(0, at), ...chars.slice(at - difference)].join("");
}

function isWithin(fieldType: FieldType & { kind: "integer" }, number: unknown): number is number {
  return typeof number === "number" && number >= fieldType.min && number <= fieldType.max;
}
