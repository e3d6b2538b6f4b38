// Messages that stand on both sides of each rule: just inside, where all must be well, and just outside, where a server
// must name the field and the rule.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { isDeepStrictEqual } from "node:util";
import type { Violation } from "../cases/case.js";
import type { Descriptors } from "../client/descriptors.js";
import type { Plain } from "../client/encoding.js";
import { rulesOf, type Rules } from "../client/rules.js";
import { edges } from "./edges.js";
import { counted } from "./forms.js";
import { faults, fieldViolations, keyName, trimmed, violationsOf } from "./violations.js";
import { hasPresence, keySlotOf, slotOf, zeroOf, type Slot } from "./field-type.js";
import { distinctSingles, validField, validSingle, validValue } from "./valid.js";

/** One message that stands at a rule. */
export interface Probe {
  /** The field, as a Problem names it: "books[0].title". */
  readonly field: string;
  /** The rule, as a Problem names it: "string.max_len". */
  readonly rule: string;
  readonly side: "inside" | "outside";
  /** What the value is, for people. */
  readonly name: string;
  /** The whole message: the base, in which only this field is another. */
  readonly value: Plain;
  /** Everything that the message breaks; nothing inside. */
  readonly violations: readonly Violation[];
}

/** What probes may be told beside the base. */
export interface ProbeOptions {
  /** Woven into values inside of a rule that look unique, such as e-mail addresses. */
  readonly unique?: string;
}

/**
 * The probes of all rules of a message, and of the messages in it, which are looked into as far as none holds itself.
 * Throws an Error when `base` breaks a rule itself, or when no valid value of a field is known.
 */
export function probes(
  descriptors: Descriptors,
  type: DescMessage,
  base: Plain,
  { unique = "" }: ProbeOptions = {},
): Probe[] {
  const [broken] = violationsOf(descriptors, type, base);
  if (broken) throw new Error(`The base of ${type.typeName} breaks ${broken.rule} at ${broken.field}`);
  const prober = new Prober(descriptors, type, unique);
  prober.message(type, { value: base, path: "", put: (value) => value as Plain, above: [] });
  return prober.found;
}

/** Where a value stands in the message that is probed. */
interface Place<Value> {
  readonly value: Value;
  readonly path: string;
  /** The whole message with another value in this place. */
  put(value: unknown): Plain;
  /** The messages that it is in. */
  readonly above: readonly DescMessage[];
}

class Prober {
  readonly found: Probe[] = [];

  constructor(
    private readonly descriptors: Descriptors,
    private readonly root: DescMessage,
    private readonly unique: string,
  ) {}

  message(type: DescMessage, { value: message, path, put, above }: Place<Plain>): void {
    if (above.includes(type)) return;
    for (const field of type.fields) {
      this.field(field, {
        value: message[field.name] ?? undefined,
        path: path === "" ? field.name : `${path}.${field.name}`,
        put: (value) => put(withField(message, field, value)),
        above: [...above, type],
      });
    }
  }

  private field(field: DescField, place: Place<unknown>): void {
    const rules = rulesOf(this.descriptors, field);
    const slot = slotOf(field);
    if (rules.isRequired) {
      const { path, put } = place;
      this.add(path, "required", "inside", "a valid value", () => put(this.valid(field)));
      if (hasPresence(field)) this.add(path, "required", "outside", "absent", () => put(undefined));
      else this.add(path, "required", "outside", "what it is when nobody sets it", () => put(zeroOf(field)));
    }
    if (field.fieldKind === "list") {
      this.list(field, slot, rules, { ...place, value: (place.value ?? []) as readonly unknown[] });
    } else if (field.fieldKind === "map") {
      this.map(field, slot, rules, { ...place, value: (place.value ?? {}) as Plain });
    } else if (slot.kind === "message") {
      this.inner(slot.of, place);
    } else {
      const broken = (value: unknown): string[] =>
        fieldViolations(this.descriptors, field, value, "").map(({ rule }) => rule);
      this.single(slot, rules, broken, place, () => place.path);
    }
  }

  /** A message that is a field, an item or a value. */
  private inner(type: DescMessage, place: Place<unknown>): void {
    if (place.above.includes(type)) return;
    this.message(type, { ...place, value: (place.value ?? validValue(this.descriptors, type)) as Plain });
  }

  private single(
    slot: Slot,
    rules: Rules,
    broken: (value: unknown) => string[],
    { value, put }: Pick<Place<unknown>, "value" | "put">,
    pathOf: (value: unknown) => string,
  ): void {
    const { unique } = this;
    const isGood = (one: unknown): boolean => broken(one).length === 0;
    const spare = (salt: string): unknown => validSingle(slot, rules, isGood, unique && unique + salt) ?? value;
    const like = value ?? spare("");
    if (like === undefined) throw new Error(`${this.root.typeName}: no valid value is known for ${pathOf(value)}`);
    for (const edge of edges({ slot, rules, like, spare, broken, unique })) {
      this.add(pathOf(edge.value), edge.rule, edge.side, edge.name, () => put(edge.value));
    }
  }

  private list(
    field: DescField,
    slot: Slot,
    rules: Rules,
    { value: items, path, put, above }: Place<readonly unknown[]>,
  ): void {
    const { min_items: least, unique } = rules.of as Partial<Record<string, number>>;
    const distinct = Boolean(unique);
    const fill = (count: number, first = items): unknown[] => this.filled(field, slot, rules, first, count);
    this.sizes(path, rules, "item", (count) => put(fill(count)));
    if (distinct) {
      const size = Math.max(2, least ?? 0);
      this.add(path, "repeated.unique", "inside", "items that differ", () => put(fill(size)));
      this.add(path, "repeated.unique", "outside", "the same item twice", () => {
        const differing = fill(size - 1);
        return put([...differing, differing[0]]);
      });
    }
    const rest = items.slice(1);
    const withFirst = (item: unknown): Plain => {
      const others = distinct ? rest.filter((other) => !isDeepStrictEqual(other, item)) : rest;
      return put(fill(Math.max(least ?? 0, others.length + 1), [item, ...others]));
    };
    const place = { value: items[0], path: `${path}[0]`, put: withFirst, above };
    if (slot.kind === "message") this.inner(slot.of, place);
    else this.single(slot, rules.items, brokenOf(slot, rules.items), place, () => place.path);
  }

  private map(field: DescField, slot: Slot, rules: Rules, { value: map, path, put, above }: Place<Plain>): void {
    const { min_pairs: least } = rules.of as Partial<Record<string, number>>;
    const keySlot = keySlotOf(field);
    const entries = Object.entries(map);
    const [key, value] = entries[0] ?? this.pair(field);
    const fill = (count: number, first = entries): Plain => {
      const taken = first.slice(0, count);
      const names = taken.map(([name]) => (keySlot.kind === "integer" ? Number(name) : name));
      const more = distinctSingles(keySlot, rules.keys, names, count - taken.length);
      return Object.fromEntries([...taken, ...more.map((name) => [String(name), this.bare(slot, value)] as const)]);
    };
    this.sizes(path, rules, "pair", (count) => put(fill(count)));
    const at = (name: unknown): string => `${path}[${keyName(field, String(name))}]`;
    const rest = entries.slice(1);
    const withKey = (name: unknown): Plain => {
      const others = rest.filter(([other]) => other !== name);
      return put(fill(Math.max(least ?? 0, others.length + 1), [[String(name), value], ...others]));
    };
    this.single(keySlot, rules.keys, brokenOf(keySlot, rules.keys), { value: key, put: withKey }, at);
    const withValue = (one: unknown): Plain => put(fill(Math.max(least ?? 0, rest.length + 1), [[key, one], ...rest]));
    const place = { value, path: at(key), put: withValue, above };
    if (slot.kind === "message") this.inner(slot.of, place);
    else this.single(slot, rules.items, brokenOf(slot, rules.items), place, () => place.path);
  }

  /** A list or a map of a size that is just allowed, and of one that is just not. */
  private sizes(path: string, rules: Rules, unit: "item" | "pair", make: (count: number) => Plain): void {
    for (const [name, further] of [
      [`min_${unit}s`, -1],
      [`max_${unit}s`, 1],
    ] as const) {
      const bound = rules.of[name] as number | undefined;
      if (bound === undefined) continue;
      const sized = (side: Probe["side"], count: number): void => {
        if (count >= 0) this.add(path, `${rules.kind}.${name}`, side, counted(count, unit), () => make(count));
      };
      sized("inside", bound);
      sized("outside", bound + further);
    }
  }

  /** So many items: `first`, then others like them; different ones where the same must not stand there twice. */
  private filled(field: DescField, slot: Slot, rules: Rules, first: readonly unknown[], count: number): unknown[] {
    const items = first.slice(0, count);
    if (items.length === count) return items;
    const like = first[0] ?? (this.valid(field) as unknown[])[0];
    const missing = count - items.length;
    const more = rules.of["unique"] === true ? distinctSingles(slot, rules.items, items, missing) : [];
    return [...items, ...Array.from({ length: missing }, (_, at) => more[at] ?? this.bare(slot, like))];
  }

  /** A message without the values that may be absent: one of them may be something that no two can have. */
  private bare(slot: Slot, value: unknown): unknown {
    if (slot.kind !== "message") return value;
    const isKept = (field: DescField): boolean =>
      field.message !== undefined ||
      !hasPresence(field) ||
      fieldViolations(this.descriptors, field, undefined, "").length > 0;
    const kept = new Set(slot.of.fields.filter(isKept).map(({ name }) => name));
    return Object.fromEntries(Object.entries(value as Plain).filter(([name]) => kept.has(name)));
  }

  private pair(field: DescField): [key: string, value: unknown] {
    return Object.entries(this.valid(field) as Plain)[0]!;
  }

  private valid(field: DescField): unknown {
    return validField(this.descriptors, field, { unique: this.unique });
  }

  /** What cannot be had without breaking something else inside, or without leaving the rule whole outside, is no probe. */
  private add(field: string, rule: string, side: Probe["side"], name: string, make: () => Plain): void {
    const value = make();
    const violations = violationsOf(this.descriptors, this.root, value);
    const breaksIt = violations.some((violation) => violation.field === field && violation.rule === rule);
    if (side === "inside" ? violations.length > 0 : !breaksIt) return;
    this.found.push({ field, rule, side, name, value, violations });
  }
}

function brokenOf(slot: Slot, rules: Rules): (value: unknown) => string[] {
  return (value) => faults(slot, rules, trimmed(rules, value));
}

/** A message with another value of one field, or without it; of the members of a oneof only one can be set. */
function withField(message: Plain, field: DescField, value: unknown): Plain {
  const others = { ...message };
  for (const rival of value === undefined ? [] : (field.oneof?.fields ?? []))
    if (rival !== field) delete others[rival.name];
  if (value === undefined) delete others[field.name];
  else others[field.name] = value;
  return others;
}
