// Changes to a message that fast-check generates: mostly one or two, each of one field, here or in an inner message. The
// result is valid, or nearly valid.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { absent } from "../cases/case.js";
import type { Descriptors } from "../client/descriptors.js";
import type { Plain } from "../client/encoding.js";
import { rulesOf, type Rules } from "../client/rules.js";
import { arbitraryOf } from "./arbitraries.js";
import { hasPresence, keyTypeOf, fieldTypeOf } from "./field-type.js";
import { unusualAnys } from "./anys.js";
import { validAny, validField, validValue } from "./valid.js";

/** One change of a message. */
export interface Change {
  /** Names of fields, indexes of lists, keys of maps. */
  readonly path: readonly (string | number)[];
  /** The new value; `absent` removes the field. */
  readonly value: unknown;
}

/** Changes to a message of a type. They depend on the seed alone, and shrink towards one change, absent or simple. */
export function changes(descriptors: Descriptors, type: DescMessage): fc.Arbitrary<Change[]> {
  const choices = changesOf(descriptors, type, []);
  if (choices.length === 0) return fc.constant([]);
  const one = fc.oneof(...choices);
  return (
    fc
      .oneof(
        { withCrossShrink: true },
        { weight: 8, arbitrary: fc.array(one, { maxLength: 2 }) },
        { weight: 2, arbitrary: fc.array(one, { maxLength: 6 }) },
      )
      // Not with minLength, which would keep the last of two changes from shrinking away.
      .filter((all) => all.length > 0)
      .map((all) => all.flat())
  );
}

/** `base` with all changes, in order; messages on the path of a change are created when they are absent. */
export function changed(base: Plain, changes: readonly Change[]): Plain {
  const copy = structuredClone(base);
  for (const { path, value } of changes) put(copy, path, value);
  return copy;
}

function put(within: Plain | unknown[], [step, ...rest]: readonly (string | number)[], value: unknown): void {
  const inside = within as Plain;
  // An index beyond the end of a list means its end.
  const at = String(Array.isArray(within) ? Math.min(Number(step), within.length) : step);
  if (rest.length === 0) {
    if (value === absent) delete inside[at];
    else inside[at] = structuredClone(value);
    return;
  }
  if (inside[at] == null) {
    if (value === absent) return;
    inside[at] = typeof rest[0] === "number" ? [] : {};
  }
  put(inside[at] as Plain | unknown[], rest, value);
}

/** The changes of each field. */
function changesOf(
  descriptors: Descriptors,
  type: DescMessage,
  above: readonly DescMessage[],
): fc.Arbitrary<Change[]>[] {
  return type.fields.map((field) => {
    // Only one member of a oneof can be set.
    const rivals = (field.oneof?.fields ?? []).filter((rival) => rival !== field);
    const alone = rivals.map((rival): Change => ({ path: [rival.name], value: absent }));
    const whole = wholeOf(descriptors, field).map((value): Change[] =>
      (value === absent ? [] : alone).concat({ path: [field.name], value }),
    );
    const inner = innerOf(descriptors, field, [...above, type]);
    if (!inner) return whole;
    const inside = inner.map((made) =>
      alone.concat(made.map(({ path, value }): Change => ({ path: [field.name, ...path], value }))),
    );
    return fc.oneof({ withCrossShrink: true }, { weight: 2, arbitrary: whole }, { weight: 3, arbitrary: inside });
  });
}

/** Changes inside a message field; undefined for other fields, and for messages that nest endlessly. */
function innerOf(
  descriptors: Descriptors,
  field: DescField,
  above: readonly DescMessage[],
): fc.Arbitrary<Change[]> | undefined {
  const fieldType = fieldTypeOf(field);
  if (fieldType.kind !== "message" || above.length > 3) return undefined;
  if (above.filter((type) => type === fieldType.of).length > 1) return undefined;
  const choices = changesOf(descriptors, fieldType.of, above);
  if (choices.length === 0) return undefined;
  const made = fc.oneof(...choices);
  if (field.fieldKind !== "list" && field.fieldKind !== "map") return made;
  const steps = field.fieldKind === "list" ? [0, 1] : Object.keys(validField(descriptors, field) as Plain);
  return fc
    .tuple(fc.constantFrom<string | number>(...steps), made)
    .map(([step, all]) => all.map(({ path, value }) => ({ path: [step, ...path], value })));
}

/** Values of a whole field, absent among them. */
function wholeOf(descriptors: Descriptors, field: DescField): fc.Arbitrary<unknown> {
  const rules = rulesOf(descriptors, field);
  const value =
    field.fieldKind === "list"
      ? lists(descriptors, field, rules)
      : field.fieldKind === "map"
        ? maps(descriptors, field, rules)
        : single(descriptors, field, rules);
  return fc.oneof(
    { withCrossShrink: true },
    { weight: hasPresence(field) ? 2 : 1, arbitrary: fc.constant(absent) },
    { weight: 9, arbitrary: value },
  );
}

/** One value of a field: an item of a list, a value of a map. */
function single(descriptors: Descriptors, field: DescField, rules: Rules): fc.Arbitrary<unknown> {
  const fieldType = fieldTypeOf(field);
  if (fieldType.kind === "message") return fc.constant(validValue(descriptors, fieldType.of));
  if (fieldType.kind === "any") return fc.constantFrom(validAny(descriptors, rules), ...unusualAnys);
  const valid = validField(descriptors, field);
  const simplest = Array.isArray(valid)
    ? (valid as unknown[])[0]
    : field.fieldKind === "map"
      ? Object.values(valid as Plain)[0]
      : valid;
  return arbitraryOf(fieldType, rules, simplest);
}

function lists(descriptors: Descriptors, field: DescField, rules: Rules): fc.Arbitrary<unknown> {
  const item = single(descriptors, field, rules.items);
  const sizes = sizesOf(rules.of["min_items"], rules.of["max_items"]);
  const most = Math.min(4, Number(rules.of["max_items"] ?? 4) + 1);
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 3, arbitrary: fc.array(item, { maxLength: most }) },
    { weight: most > 1 ? 1 : 0, arbitrary: item.map((twice) => [twice, twice]) },
    { weight: 2, arbitrary: fc.constantFrom(...sizes).map((size) => validField(descriptors, field, { size })) },
  );
}

function maps(descriptors: Descriptors, field: DescField, rules: Rules): fc.Arbitrary<unknown> {
  const sizes = sizesOf(rules.of["min_pairs"], rules.of["max_pairs"]);
  const [simplest] = Object.keys(validField(descriptors, field) as Plain);
  const fieldType = keyTypeOf(field);
  const key = arbitraryOf(fieldType, rules.keys, fieldType.kind === "integer" ? Number(simplest) : simplest);
  // It cannot be a key of a plain object.
  const keys = key.map(String).filter((text) => text !== "__proto__");
  const maxKeys = Math.min(3, Number(rules.of["max_pairs"] ?? 3) + 1);
  return fc.oneof(
    { withCrossShrink: true },
    {
      weight: 3,
      arbitrary: fc.dictionary(keys, single(descriptors, field, rules.items), { maxKeys, noNullPrototype: true }),
    },
    { weight: 2, arbitrary: fc.constantFrom(...sizes).map((size) => validField(descriptors, field, { size })) },
  );
}

/** The sizes to try: 1, both bounds, and one more and one less of each. */
function sizesOf(least: unknown, most: unknown): number[] {
  const bounds = [least, most].flatMap((bound) => (typeof bound === "number" ? [bound - 1, bound, bound + 1] : []));
  // A list of thousands of items tests no rule.
  return [1, ...bounds].filter((size) => size >= 0 && size <= Math.min(1000, Number(most ?? 999) + 1));
}
