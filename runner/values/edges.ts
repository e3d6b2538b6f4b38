// The edges of the rules of one value: what stands just inside of each rule, and what just outside.
import type { Named } from "./forms.js";
import type { Groups, Material } from "./edge-candidates.js";
import { enumName, type Slot } from "./field-type.js";
import { textGroups } from "./text-edges.js";

export interface Edge extends Named {
  /** By its full name: "string.max_len". */
  readonly rule: string;
  readonly side: "inside" | "outside";
}

/**
 * The edges of all rules of a value. What is outside breaks its rule alone; where that cannot be had, there is one value
 * that breaks it among as few others as can be. What no value can break has no outside.
 */
export function edges(material: Material): Edge[] {
  const { slot, rules } = material;
  const written = Object.entries(rules.of).filter(([, bound]) => bound !== false);
  const named = written.map(([rule, bound]) => ({
    rule: `${rules.kind}.${rule}`,
    groups: groupsOf(material, rule, bound),
  }));
  // Rules that hold wherever such a value stands, written or not.
  if (slot.kind === "text") named.push({ rule: "string.no_nul", groups: textGroups(material, "no_nul", true) });
  if (slot.kind === "enum" && !named.some(({ rule }) => rule === "enum.defined_only"))
    named.push({ rule: "enum.defined_only", groups: groupsOf(material, "defined_only", true) });
  return named.flatMap(({ rule, groups }) => {
    const edge =
      (side: Edge["side"]) =>
      ({ name, value }: Named): Edge => ({ rule, side, name, value });
    const within = inside(material, rule, groups).map(edge("inside"));
    return within.concat(outside(material, rule, groups).map(edge("outside")));
  });
}

function inside({ broken, spare }: Material, rule: string, groups: Groups): Named[] {
  const found = groups.inside.flatMap((group) => first(group, ({ value }) => broken(value).length === 0));
  if (groups.inside.length === 0 || found.length > 0) return apart(found);
  return [{ name: "a valid value", value: spare(rule) }];
}

function outside({ broken }: Material, rule: string, groups: Groups): Named[] {
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

function groupsOf(material: Material, rule: string, bound: unknown): Groups {
  const { slot } = material;
  switch (slot.kind) {
    case "text":
      return textGroups(material, rule, bound);
    case "integer":
      return integerGroups(slot, rule, bound);
    case "enum":
      return enumGroups(slot, rule, bound);
    case "moment":
      return momentGroups(rule);
    default:
      return { inside: [], outside: [] };
  }
}

function integerGroups(slot: Slot & { kind: "integer" }, rule: string, bound: unknown): Groups {
  const group = (...numbers: number[]): Named[] =>
    numbers
      .filter((number) => number >= slot.min && number <= slot.max)
      .map((value) => ({ name: String(value), value }));
  // Behind what is just outside stands the next, for a zero that is refused as something that must be set.
  const at = Number(bound);
  if (rule === "gt") return { inside: [group(at + 1)], outside: [group(at, at - 1)] };
  if (rule === "gte") return { inside: [group(at)], outside: [group(at - 1, at - 2)] };
  if (rule === "lt") return { inside: [group(at - 1)], outside: [group(at, at + 1)] };
  if (rule === "lte") return { inside: [group(at)], outside: [group(at + 1, at + 2)] };
  if (rule !== "in") return { inside: [], outside: [] };
  const listed = bound as readonly number[];
  const beside = listed.flatMap((number) => [number + 1, number - 1]);
  return { inside: listed.map((number) => group(number)), outside: [group(...beside, 0, slot.max, slot.min)] };
}

function enumGroups({ of }: Slot & { kind: "enum" }, rule: string, bound: unknown): Groups {
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

/** A day lies between here and now: no two clocks are that far apart, and no run takes that long. */
function momentGroups(rule: string): Groups {
  const fromNow = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
  const past = [
    [{ name: "yesterday", value: fromNow(-1) }],
    [{ name: "the first moment that there is", value: "0001-01-01T00:00:00.000Z" }],
  ];
  const future = [
    [{ name: "tomorrow", value: fromNow(1) }],
    [{ name: "the last moment that there is", value: "9999-12-31T23:59:59.999Z" }],
  ];
  if (rule === "lt_now") return { inside: past, outside: future };
  return rule === "gt_now" ? { inside: future, outside: past } : { inside: [], outside: [] };
}
