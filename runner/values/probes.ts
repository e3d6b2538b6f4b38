// Messages on both sides of each rule: just inside, where a server must accept them, and just outside, where it must report
// the field and the rule.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { isDeepStrictEqual } from "node:util";
import type { Violation } from "../cases/case.js";
import type { Descriptors } from "../client/descriptors.js";
import type { Plain } from "../client/encoding.js";
import { rulesOf, type Rules } from "../client/rules.js";
import { unusualAnys } from "./anys.js";
import { edges } from "./edges.js";
import { counted } from "./forms.js";
import { faults, fieldViolations, keyName, trimmed, violationsOf } from "./violations.js";
import { hasPresence, keyTypeOf, fieldTypeOf, zeroOf, type FieldType } from "./field-type.js";
import { distinctSingles, validAny, validField, validSingle, validValue } from "./valid.js";

/** One message at the edge of a rule. */
export interface Probe {
  /** The field as a Problem names it: "books[0].title". */
  readonly field: string;
  /** The rule as a Problem names it: "string.max_len". */
  readonly rule: string;
  readonly side: "inside" | "outside";
  /** The value, described for people. */
  readonly name: string;
  /** The whole message: the base with another value of this field. */
  readonly value: Plain;
  /** All violations of the message; none inside. */
  readonly violations: readonly Violation[];
}

/** Options beside the base. */
export interface ProbeOptions {
  /** A part of values inside a rule that must be unique, such as e-mail addresses. */
  readonly unique?: string;
  /** The name of the field of the message whose probes are wanted, also those inside of it; all fields where it is absent. */
  readonly only?: string;
}

/**
 * The probes of all rules of a message and of its inner messages, without recursion into a type that contains itself.
 * Throws an Error when `base` breaks a rule, or when no valid value of a field is known.
 */
export function probes(
  descriptors: Descriptors,
  type: DescMessage,
  base: Plain,
  { unique = "", only }: ProbeOptions = {},
): Probe[] {
  const [broken] = violationsOf(descriptors, type, base);
  if (broken) throw new Error(`The base of ${type.typeName} breaks ${broken.rule} at ${broken.field}`);
  const prober = new Prober(descriptors, type, unique);
  prober.message(type, { value: base, path: "", put: (value) => value as Plain, above: [] }, only);
  return prober.found;
}

/** The names of the fields of a message that have probes, in the order of the message. */
export function probedFields(descriptors: Descriptors, type: DescMessage): string[] {
  const place = { value: validValue(descriptors, type), path: "", put: (value: unknown) => value as Plain, above: [] };
  return type.fields.flatMap(({ name }) => {
    const prober = new Prober(descriptors, type, "", 1);
    prober.message(type, place, name);
    return prober.found.length > 0 ? [name] : [];
  });
}

/** The place of a value in the message. */
interface Place<Value> {
  readonly value: Value;
  readonly path: string;
  /** The whole message with another value in this place. */
  put(value: unknown): Plain;
  /** The enclosing messages. */
  readonly above: readonly DescMessage[];
}

class Prober {
  readonly found: Probe[] = [];

  constructor(
    private readonly descriptors: Descriptors,
    private readonly root: DescMessage,
    private readonly unique: string,
    /** How many probes are enough. */
    private readonly enough = Infinity,
  ) {}

  message(type: DescMessage, { value: message, path, put, above }: Place<Plain>, only?: string): void {
    if (above.includes(type)) return;
    for (const field of type.fields) {
      if (only !== undefined && field.name !== only) continue;
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
    const fieldType = fieldTypeOf(field);
    if (rules.isRequired) {
      const { path, put } = place;
      this.add(path, "required", "inside", "a valid value", () => put(this.valid(field)));
      if (hasPresence(field)) this.add(path, "required", "outside", "absent", () => put(undefined));
      else this.add(path, "required", "outside", "its default", () => put(zeroOf(field)));
    }
    if (field.fieldKind === "list") {
      this.list(field, fieldType, rules, { ...place, value: (place.value ?? []) as readonly unknown[] });
    } else if (field.fieldKind === "map") {
      this.map(field, fieldType, rules, { ...place, value: (place.value ?? {}) as Plain });
    } else if (fieldType.kind === "message") {
      this.inner(fieldType.of, place);
    } else if (fieldType.kind === "any") {
      this.any(rules, place);
    } else {
      const broken = (value: unknown): string[] =>
        fieldViolations(this.descriptors, field, value, "").map(({ rule }) => rule);
      this.single(fieldType, rules, broken, place, () => place.path);
    }
  }

  /** A message that is a field, an item or a value. */
  private inner(type: DescMessage, place: Place<unknown>): void {
    if (place.above.includes(type)) return;
    this.message(type, { ...place, value: (place.value ?? validValue(this.descriptors, type)) as Plain });
  }

  private single(
    fieldType: FieldType,
    rules: Rules,
    broken: (value: unknown) => string[],
    { value, put }: Pick<Place<unknown>, "value" | "put">,
    pathOf: (value: unknown) => string,
  ): void {
    if (this.found.length >= this.enough) return;
    const { unique } = this;
    const isGood = (one: unknown): boolean => broken(one).length === 0;
    const spare = (salt: string): unknown => validSingle(fieldType, rules, isGood, unique && unique + salt) ?? value;
    const like = value ?? spare("");
    if (like === undefined) throw new Error(`${this.root.typeName}: no valid value is known for ${pathOf(value)}`);
    for (const edge of edges({ fieldType, rules, like, spare, broken, unique })) {
      this.add(pathOf(edge.value), edge.rule, edge.side, edge.name, () => put(edge.value));
      if (this.found.length >= this.enough) return;
    }
  }

  private list(
    field: DescField,
    fieldType: FieldType,
    rules: Rules,
    { value: items, path, put, above }: Place<readonly unknown[]>,
  ): void {
    const { min_items: least, unique } = rules.of as Partial<Record<string, number>>;
    const distinct = Boolean(unique);
    const fill = (count: number, first = items): unknown[] => this.filled(field, fieldType, rules, first, count);
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
    this.value(fieldType, rules.items, place);
  }

  private map(
    field: DescField,
    fieldType: FieldType,
    rules: Rules,
    { value: map, path, put, above }: Place<Plain>,
  ): void {
    const { min_pairs: least } = rules.of as Partial<Record<string, number>>;
    const keyType = keyTypeOf(field);
    const entries = Object.entries(map);
    const [key, value] = entries[0] ?? this.pair(field);
    const fill = (count: number, first = entries): Plain => {
      const taken = first.slice(0, count);
      const names = taken.map(([name]) => (keyType.kind === "integer" ? Number(name) : name));
      const more = distinctSingles(keyType, rules.keys, names, count - taken.length);
      return Object.fromEntries([
        ...taken,
        ...more.map((name) => [String(name), this.bare(fieldType, value)] as const),
      ]);
    };
    this.sizes(path, rules, "pair", (count) => put(fill(count)));
    const at = (name: unknown): string => `${path}[${keyName(field, String(name))}]`;
    const rest = entries.slice(1);
    const withKey = (name: unknown): Plain => {
      const others = rest.filter(([other]) => other !== name);
      return put(fill(Math.max(least ?? 0, others.length + 1), [[String(name), value], ...others]));
    };
    this.single(keyType, rules.keys, brokenOf(keyType, rules.keys), { value: key, put: withKey }, at);
    const withValue = (one: unknown): Plain => put(fill(Math.max(least ?? 0, rest.length + 1), [[key, one], ...rest]));
    const place = { value, path: at(key), put: withValue, above };
    this.value(fieldType, rules.items, place);
  }

  /** An item of a list, or a value of a map. */
  private value(fieldType: FieldType, rules: Rules, place: Place<unknown>): void {
    if (fieldType.kind === "message") this.inner(fieldType.of, place);
    else if (fieldType.kind === "any") this.any(rules, place);
    else this.single(fieldType, rules, brokenOf(fieldType, rules), place, () => place.path);
  }

  /** An Any: a message of each type that is allowed, and others. */
  private any(rules: Rules, { path, put }: Place<unknown>): void {
    for (const url of (rules.of["in"] ?? []) as readonly string[])
      this.add(path, "any.in", "inside", url, () => put(validAny(this.descriptors, rules, url)));
    for (const any of unusualAnys) this.add(path, "any.in", "outside", JSON.stringify(any), () => put(any));
  }

  /** A list or a map of the smallest and largest valid size, and of the sizes just outside. */
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

  /** A list of a size: `first`, then similar items; different ones where items must be unique. */
  private filled(
    field: DescField,
    fieldType: FieldType,
    rules: Rules,
    first: readonly unknown[],
    count: number,
  ): unknown[] {
    const items = first.slice(0, count);
    if (items.length === count) return items;
    const like = first[0] ?? (this.valid(field) as unknown[])[0];
    const missing = count - items.length;
    const more = rules.of["unique"] === true ? distinctSingles(fieldType, rules.items, items, missing) : [];
    return [...items, ...Array.from({ length: missing }, (_, at) => more[at] ?? this.bare(fieldType, like))];
  }

  /** A message without its optional values, since some of them must be unique. */
  private bare(fieldType: FieldType, value: unknown): unknown {
    if (fieldType.kind !== "message") return value;
    const isKept = (field: DescField): boolean =>
      field.message !== undefined ||
      !hasPresence(field) ||
      fieldViolations(this.descriptors, field, undefined, "").length > 0;
    const kept = new Set(fieldType.of.fields.filter(isKept).map(({ name }) => name));
    return Object.fromEntries(Object.entries(value as Plain).filter(([name]) => kept.has(name)));
  }

  private pair(field: DescField): [key: string, value: unknown] {
    return Object.entries(this.valid(field) as Plain)[0]!;
  }

  private valid(field: DescField): unknown {
    return validField(this.descriptors, field, { unique: this.unique });
  }

  /** Adds a probe, unless it breaks something inside, or breaks nothing outside. */
  private add(field: string, rule: string, side: Probe["side"], name: string, make: () => Plain): void {
    if (this.found.length >= this.enough) return;
    const value = make();
    const violations = violationsOf(this.descriptors, this.root, value);
    const breaksIt = violations.some((violation) => violation.field === field && violation.rule === rule);
    if (side === "inside" ? violations.length > 0 : !breaksIt) return;
    this.found.push({ field, rule, side, name, value, violations });
  }
}

function brokenOf(fieldType: FieldType, rules: Rules): (value: unknown) => string[] {
  return (value) => faults(fieldType, rules, trimmed(rules, value));
}

/** A message with another value of one field, or without it; other members of its oneof are removed. */
function withField(message: Plain, field: DescField, value: unknown): Plain {
  const others = { ...message };
  for (const rival of value === undefined ? [] : (field.oneof?.fields ?? []))
    if (rival !== field) delete others[rival.name];
  if (value === undefined) delete others[field.name];
  else others[field.name] = value;
  return others;
}
