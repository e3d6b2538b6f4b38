// The rules of the contract that a message breaks. It knows the rules and no server.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Violation } from "../cases/case.js";
import type { Descriptors } from "../client/descriptors.js";
import type { Plain } from "../client/encoding.js";
import { rulesOf, type Rules } from "../client/rules.js";
import { isAny, wrappedFieldOf } from "../client/well-known-types.js";
import { anyChecks, heldBy } from "./anys.js";
import { bytesChecks } from "./bytes.js";
import { durationChecks } from "./durations.js";
import { forms } from "./forms.js";
import { regexpOf } from "./texts/pattern.js";
import { textFaults } from "./text-rules.js";
import { enumName, enumNumber, hasPresence, keyTypeOf, fieldTypeOf, zeroOf, type FieldType } from "./field-type.js";

/**
 * All violations of a message, in no particular order. Texts are trimmed first where the contract demands it, and no text
 * may contain the character NUL. An unknown rule counts as satisfied.
 */
export function violationsOf(descriptors: Descriptors, type: DescMessage, message: Plain): Violation[] {
  return inMessage(descriptors, type, message, "");
}

/** The violations of one field at `path`. */
export function fieldViolations(descriptors: Descriptors, field: DescField, given: unknown, path: string): Violation[] {
  const rules = rulesOf(descriptors, field);
  const value = trimmed(rules, given ?? zeroOf(field));
  if (rules.isRequired && isUnset(field, value)) return [{ field: path, rule: "required" }];
  if (value === undefined) return [];
  const fieldType = fieldTypeOf(field);
  const each = (of: Rules, one: unknown, at: string): Violation[] => [
    ...faults(fieldType, of, one).map((rule) => ({ field: at, rule })),
    ...(fieldType.kind === "message" ? inMessage(descriptors, fieldType.of, one as Plain, at) : []),
    ...(fieldType.kind === "any" ? inAny(descriptors, one as Plain, at) : []),
  ];
  if (field.fieldKind === "list") {
    const items = value as readonly unknown[];
    return [
      ...wholeFaults(fieldType, rules, items).map((rule) => ({ field: path, rule })),
      ...items.flatMap((item, at) => each(rules.items, item, `${path}[${at}]`)),
    ];
  }
  if (field.fieldKind !== "map") return each(rules, value, path);
  const entries = Object.entries(value as Plain);
  return [
    ...wholeFaults(fieldType, rules, entries).map((rule) => ({ field: path, rule })),
    ...entries.flatMap(([key, one]) => {
      const at = `${path}[${keyName(field, key)}]`;
      const keyFaults = faults(keyTypeOf(field), rules.keys, key);
      return keyFaults.map((rule) => ({ field: at, rule })).concat(each(rules.items, one, at));
    }),
  ];
}

/** A key of a map, as it appears between the brackets of a path. */
export function keyName(field: DescField, key: string): string {
  return keyTypeOf(field).kind === "text" ? JSON.stringify(key) : key;
}

/** The rules that one value, already trimmed, breaks, by their full names. */
export function faults(fieldType: FieldType, rules: Rules, value: unknown): string[] {
  const found = Object.entries(rules.of)
    .filter(
      ([rule, bound]) =>
        checks[fieldType.kind]?.[rule]?.(value as never, bound as never, fieldType as never, rules) === false,
    )
    .map(([rule]) => `${rules.kind}.${rule}`);
  if (fieldType.kind === "text" && (value as string).includes("\0")) found.push("string.no_nul");
  if (fieldType.kind === "text") found.push(...textFaults(rules, value as string));
  if (fieldType.kind === "enum" && enumName(fieldType.of, enumNumber(fieldType.of, value)) === undefined)
    found.push("enum.defined_only");
  return found;
}

/** A value without the white space that the contract trims. */
export function trimmed(rules: Rules, value: unknown): unknown {
  if (!rules.isTrimmed || value === undefined) return value;
  if (typeof value === "string") return value.trim();
  if (Array.isArray(value)) return value.map((item) => (item as string).trim());
  return Object.fromEntries(Object.entries(value as Plain).map(([key, text]) => [key, (text as string).trim()]));
}

/** The number of Unicode code points. */
export function lengthOf(text: string): number {
  if (!surrogate.test(text)) return text.length;
  let pairs = 0;
  for (let at = 1; at < text.length; at += 1)
    if (isSurrogate(text, at, 0xdc00) && isSurrogate(text, at - 1, 0xd800)) pairs += 1;
  return text.length - pairs;
}

const surrogate = /[\ud800-\udfff]/;
const isSurrogate = (text: string, at: number, kind: 0xd800 | 0xdc00): boolean =>
  (text.charCodeAt(at) & 0xfc00) === kind;

function inMessage(descriptors: Descriptors, type: DescMessage, message: Plain, at: string): Violation[] {
  return type.fields.flatMap((field) =>
    fieldViolations(descriptors, field, message[field.name], at === "" ? field.name : `${at}.${field.name}`),
  );
}

/** The violations of the message that an Any holds, by the rules of its own type. */
function inAny(descriptors: Descriptors, any: Plain, at: string): Violation[] {
  const type = heldBy(descriptors.registry, any);
  if (!type) return [];
  if (isAny(type)) return inAny(descriptors, any["value"] as Plain, `${at}.value`);
  const isSingle = type.typeName === "google.protobuf.Timestamp" || type.typeName === "google.protobuf.Duration";
  const wrapped = wrappedFieldOf(type);
  if (wrapped) return fieldViolations(descriptors, wrapped, any["value"], `${at}.value`);
  return isSingle ? [] : inMessage(descriptors, type, any, at);
}

function isUnset(field: DescField, value: unknown): boolean {
  if (field.fieldKind === "list") return (value as unknown[]).length === 0;
  if (field.fieldKind === "map") return Object.keys(value as Plain).length === 0;
  return value === (hasPresence(field) ? undefined : zeroOf(field));
}

/** The broken rules of a list, or of the pairs of a map. */
function wholeFaults(fieldType: FieldType, rules: Rules, items: readonly unknown[]): string[] {
  const { min_items, min_pairs, max_items, max_pairs, unique } = rules.of as Partial<Record<string, number | boolean>>;
  const size = items.length;
  const keyOf = (item: unknown): unknown => (fieldType.kind === "enum" ? enumNumber(fieldType.of, item) : item);
  return [
    ...(size < Number(min_items ?? 0) ? ["repeated.min_items"] : []),
    ...(size > Number(max_items ?? Infinity) ? ["repeated.max_items"] : []),
    ...(size < Number(min_pairs ?? 0) ? ["map.min_pairs"] : []),
    ...(size > Number(max_pairs ?? Infinity) ? ["map.max_pairs"] : []),
    ...(unique === true && new Set(items.map(keyOf)).size < size ? ["repeated.unique"] : []),
  ];
}

type Check = (value: never, bound: never, fieldType: never, rules: Rules) => boolean;

/** By kind of value, then by rule. */
const checks: Readonly<Partial<Record<FieldType["kind"], Readonly<Record<string, Check>>>>> = {
  integer: {
    gt: (number: number, bound: number) => number > bound,
    gte: (number: number, bound: number) => number >= bound,
    lt: (number: number, bound: number) => number < bound,
    lte: (number: number, bound: number) => number <= bound,
    in: (number: number, listed: number[]) => listed.includes(number),
  },
  text: {
    min_len: (text: string, bound: number) => lengthOf(text) >= bound,
    max_len: (text: string, bound: number) => lengthOf(text) <= bound,
    max_bytes: (text: string, bound: number) => Buffer.byteLength(text) <= bound,
    in: (text: string, listed: string[]) => listed.includes(text),
    // The pattern of a text that is much too long is not checked: matching may take long.
    pattern: (text: string, pattern: string, _: FieldType, { of }: Rules) =>
      text.length > Number(of["max_len"] ?? Infinity) * 2 ||
      text.length > Number(of["max_bytes"] ?? Infinity) ||
      regexpOf(pattern).test(text),
    ...Object.fromEntries(
      Object.entries(forms).map(([name, form]) => [name, (text: string, isOn: boolean) => !isOn || form.is(text)]),
    ),
  },
  enum: {
    in: (value: unknown, listed: number[], fieldType: FieldType & { kind: "enum" }) =>
      listed.includes(enumNumber(fieldType.of, value)),
  },
  any: anyChecks,
  bytes: bytesChecks,
  duration: durationChecks,
  timestamp: {
    lt_now: (timestamp: string, isOn: boolean) => !isOn || Date.parse(timestamp) < Date.now(),
    gt_now: (timestamp: string, isOn: boolean) => !isOn || Date.parse(timestamp) > Date.now(),
  },
};
