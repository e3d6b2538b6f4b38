// The edges of the rules of one value: values just inside of each rule, and just outside.
import { bytesGroups } from "./bytes.js";
import { durationGroups } from "./durations.js";
import type { Named } from "./forms.js";
import type { Candidates, EdgeContext } from "./edge-candidates.js";
import { enumName, type FieldType } from "./field-type.js";
import { textGroups } from "./text-edges.js";
import { textRuleGroups, textRulesOf } from "./text-rules.js";

export interface Edge extends Named {
  /** By its full name: "string.max_len". */
  readonly rule: string;
  readonly side: "inside" | "outside";
}

/**
 * The edges of all rules of a value. A value outside breaks its rule alone; where no such value exists, one value breaks it
 * together with as few others as possible. A rule that no value can break has no value outside.
 */
export function* edges(context: EdgeContext): Generator<Edge> {
  const { fieldType, rules } = context;
  const written = Object.entries(rules.of).filter(([, bound]) => bound !== false);
  const named = written.map(([rule, bound]) => ({
    rule: `${rules.kind}.${rule}`,
    groups: groupsOf(context, rule, bound),
  }));
  // Rules of every text and every enum, declared or not.
  if (fieldType.kind === "text") named.push({ rule: "string.no_nul", groups: textGroups(context, "no_nul", true) });
  if (fieldType.kind === "text")
    for (const rule of textRulesOf(rules))
      named.push({ rule, groups: textRuleGroups(rule, typeof context.like === "string" ? context.like : "") });
  if (fieldType.kind === "enum" && !named.some(({ rule }) => rule === "enum.defined_only"))
    named.push({ rule: "enum.defined_only", groups: groupsOf(context, "defined_only", true) });
  for (const { rule, groups } of named) {
    for (const { name, value } of inside(context, rule, groups)) yield { rule, side: "inside", name, value };
    for (const { name, value } of outside(context, rule, groups)) yield { rule, side: "outside", name, value };
  }
}

function inside({ broken, spare }: EdgeContext, rule: string, groups: Candidates): Named[] {
  const found = groups.inside.flatMap((group) => first(group, ({ value }) => broken(value).length === 0));
  if (groups.inside.length === 0 || found.length > 0) return apart(found);
  return [{ name: "a valid value", value: spare(rule) }];
}

function outside({ broken }: EdgeContext, rule: string, groups: Candidates): Named[] {
  const breaksIt = groups.outside.flatMap((group) => first(group, ({ value }) => isOnly(broken(value), rule)));
  if (breaksIt.length > 0) return apart(breaksIt);
  const [best] = groups.outside
    .flatMap((group) => [...group])
    .map((found) => ({ found, rules: broken(found.value) }))
    .filter(({ rules }) => rules.includes(rule))
    .sort((a, b) => a.rules.length - b.rules.length);
  return best ? [best.found] : [];
}

function first(group: Iterable<Named>, fits: (named: Named) => boolean): Named[] {
  for (const named of group) if (fits(named)) return [named];
  return [];
}

function isOnly(broken: readonly string[], rule: string): boolean {
  return broken.length === 1 && broken[0] === rule;
}

function apart(found: readonly Named[]): Named[] {
  return found.filter(({ value }, at) => found.findIndex((other) => other.value === value) === at);
}

function groupsOf(context: EdgeContext, rule: string, bound: unknown): Candidates {
  const { fieldType } = context;
  switch (fieldType.kind) {
    case "text":
      return textGroups(context, rule, bound);
    case "integer":
      return integerGroups(fieldType, rule, bound);
    case "enum":
      return enumGroups(fieldType, rule, bound);
    case "timestamp":
      return timestampGroups(rule);
    case "duration":
      return durationGroups(rule, bound);
    case "bytes":
      return bytesGroups(rule, bound);
    default:
      return { inside: [], outside: [] };
  }
}

function integerGroups(fieldType: FieldType & { kind: "integer" }, rule: string, bound: unknown): Candidates {
  const group = (...numbers: number[]): Named[] =>
    numbers
      .filter((number) => number >= fieldType.min && number <= fieldType.max)
      .map((value) => ({ name: String(value), value }));
  // The second candidate is for bounds at zero, which `required` refuses.
  const at = Number(bound);
  if (rule === "gt") return { inside: [group(at + 1)], outside: [group(at, at - 1)] };
  if (rule === "gte") return { inside: [group(at)], outside: [group(at - 1, at - 2)] };
  if (rule === "lt") return { inside: [group(at - 1)], outside: [group(at, at + 1)] };
  if (rule === "lte") return { inside: [group(at)], outside: [group(at + 1, at + 2)] };
  if (rule !== "in") return { inside: [], outside: [] };
  const listed = bound as readonly number[];
  const beside = listed.flatMap((number) => [number + 1, number - 1]);
  return {
    inside: listed.map((number) => group(number)),
    outside: [group(...beside, 0, fieldType.max, fieldType.min)],
  };
}

function enumGroups({ of }: FieldType & { kind: "enum" }, rule: string, bound: unknown): Candidates {
  const one = (value: string | number): Named[] => [{ name: String(value), value }];
  const numbers = of.values.map(({ number }) => number);
  const undefinedOnes = [Math.max(...numbers) + 1, Math.min(...numbers) - 1].filter(
    (number) => (number | 0) === number,
  );
  if (rule === "defined_only")
    return { inside: of.values.map(({ name }) => one(name)), outside: undefinedOnes.map(one) };
  if (rule !== "in") return { inside: [], outside: [] };
  const listed = bound as readonly number[];
  const others = of.values.filter(({ number }) => !listed.includes(number)).map(({ name }) => one(name));
  return {
    inside: listed.map((number) => one(enumName(of, number) ?? number)),
    outside: others.length > 0 ? others : undefinedOnes.map(one),
  };
}

/** A day from now: more than the difference of two clocks and the duration of a run. */
function timestampGroups(rule: string): Candidates {
  const fromNow = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
  const past = [
    [{ name: "yesterday", value: fromNow(-1) }],
    [{ name: "the earliest timestamp", value: "0001-01-01T00:00:00.000Z" }],
  ];
  const future = [
    [{ name: "tomorrow", value: fromNow(1) }],
    [{ name: "the latest timestamp", value: "9999-12-31T23:59:59.999Z" }],
  ];
  if (rule === "lt_now") return { inside: past, outside: future };
  return rule === "gt_now" ? { inside: future, outside: past } : { inside: [], outside: [] };
}
