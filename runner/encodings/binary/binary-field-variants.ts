// Equivalent encodings of one field.
import type { Layout, Member } from "../layout.js";
import {
  isEntry,
  isOf,
  placesOf,
  type Change,
  type Entry,
  type Part,
  type Place,
  type Writer,
} from "../message-tree.js";
import { another, sample, zero } from "../sample-value.js";
import type { Variant } from "../variant.js";
import { FIXED32, FIXED64, LENGTH, START, stray, VARINT } from "../wire-format.js";

/** The variants of every field that is set in a tree. */
export function fieldVariants(layout: Layout, tree: readonly Part[], body: Writer): Variant[] {
  return placesOf(layout, tree)
    .filter(({ isSet }) => isSet)
    .flatMap((place) => variantsOf(place, body));
}

type Each = (replace: (entry: Entry) => readonly Part[]) => Buffer;

function variantsOf({ member, path }: Place, body: Writer): Variant[] {
  /** Each value of the field replaced. */
  const each: Each = (replace) =>
    body((_, parts) => parts.flatMap((part) => (isOf(part, member) ? replace(part) : [part])));
  const variants: Variant[] = [
    {
      name: `${path} as a varint of ten bytes`,
      body: body(undefined, { varintBytes: (of) => (of === member ? 10 : 1) }),
    },
    {
      name: `${path} with bits beyond its type`,
      body: each((entry) => [{ member, value: beyondItsBits(member, entry.value) }]),
    },
    {
      name: `${path} true as the number 2`,
      body: each((entry) => [{ member, value: trueAsTwo(member, entry.value) }]),
    },
    {
      name: `a negative ${path} in five bytes`,
      body: each((entry) => [{ member, value: withoutSign(member, entry.value) }]),
    },
    { name: `${path} again, with another wire type`, body: body(withMismatch(member)) },
  ];
  if (member.many === "list") variants.push(...listVariants(member, path, body));
  else if (member.many === "map") variants.push(...mapVariants(member, path, body, each));
  else if (member.layout) variants.push(...messageVariants(path, each));
  else variants.push({ name: `${path} twice, the last counts`, body: each((entry) => [another(entry), entry]) });
  if (member.oneof !== undefined)
    variants.push({ name: `${path} after another of its oneof, the last counts`, body: body(withRival(member)) });
  return variants;
}

function listVariants(member: Member, path: string, body: Writer): Variant[] {
  const apart: Change = (_, parts) => {
    const [first, ...rest] = parts.filter((part) => isOf(part, member));
    return first ? [first, ...parts.filter((part) => !isOf(part, member)), ...rest] : parts;
  };
  return [
    { name: `${path} with other fields between its values`, body: body(apart) },
    ...(["packed", "single", "mixed"] as const).map((packing) => ({
      name: `${path} ${packings[packing]}`,
      body: body(undefined, { packing: (of) => (of === member ? packing : undefined) }),
    })),
  ];
}

const packings = { packed: "packed", single: "not packed", mixed: "packed and not packed in turns" } as const;

function mapVariants(member: Member, path: string, body: Writer, each: Each): Variant[] {
  const inside = (change: (parts: readonly Entry[], entry: Layout) => readonly Part[]): Buffer =>
    body((layout, parts) => (layout === member.layout ? change(parts as readonly Entry[], layout) : parts));
  const [key, value] = member.layout!.members as readonly [Member, Member];
  return [
    { name: `entries of ${path} with the value before the key`, body: inside((parts) => [...parts].reverse()) },
    {
      name: `entries of ${path} without what is a default`,
      body: inside((parts) => parts.filter((part) => !isDefault(part))),
    },
    {
      name: `entries of ${path} with unknown fields in them`,
      body: inside((parts, { freeNumber }) => [
        stray(freeNumber, LENGTH),
        ...parts.flatMap((part) => [part, stray(freeNumber, VARINT)]),
        stray(freeNumber, START),
      ]),
    },
    {
      name: `each entry of ${path} twice, the last counts`,
      body: each((entry) => {
        const first = (entry.value as readonly Part[]).filter((part) => isOf(part, key));
        return [{ member, value: [...first, sample(value)] }, entry];
      }),
    },
  ];
}

function messageVariants(path: string, each: Each): Variant[] {
  const half = (entry: Entry, from: number, to?: number): Entry => ({
    ...entry,
    value: (entry.value as readonly Part[]).slice(from, to),
  });
  const middle = ({ value }: Entry): number => Math.ceil((value as readonly Part[]).length / 2);
  return [
    {
      name: `${path} in two pieces that are merged`,
      body: each((entry) => [half(entry, 0, middle(entry)), half(entry, middle(entry))]),
    },
    { name: `${path} in two pieces, the second empty`, body: each((entry) => [entry, { ...entry, value: [] }]) },
    {
      name: `${path} in two pieces that both have its single fields, the last count`,
      body: each((entry) => {
        const first = (entry.value as readonly Part[]).filter(
          (part): part is Entry => isEntry(part) && part.member.many === "one" && !part.member.layout,
        );
        return [{ ...entry, value: first.map(another) }, entry];
      }),
    },
  ];
}

/** A number of 32 bits with a bit above them, or true as a bit above 32: decoders drop what the type does not hold. */
function beyondItsBits(member: Member, value: Entry["value"]): Entry["value"] {
  if (typeof value !== "bigint") return value;
  if (member.kind === "bool") return value === 0n ? value : 2n ** 63n;
  return /32$|^enum$/.test(member.kind) ? value ^ (2n ** 40n) : value;
}

function trueAsTwo(member: Member, value: Entry["value"]): Entry["value"] {
  return member.kind === "bool" && value === 1n ? 2n : value;
}

/** The lower 32 bits of a negative number. */
function withoutSign(member: Member, value: Entry["value"]): Entry["value"] {
  return typeof value === "bigint" && /^(int32|enum)$/.test(member.kind) ? BigInt.asUintN(32, value) : value;
}

/** After the field, its number with a wire type that it does not have: an unknown field, to be skipped. */
function withMismatch(member: Member): Change {
  const wireType = member.wireType === FIXED32 ? FIXED64 : FIXED32;
  return (_, parts) => (parts.some((part) => isOf(part, member)) ? [...parts, stray(member.number, wireType)] : parts);
}

/** Before the field, another member of its oneof. */
function withRival(member: Member): Change {
  return (layout, parts) => {
    const rival = layout.members.find((other) => other !== member && other.oneof === member.oneof);
    if (!rival || !parts.some((part) => isOf(part, member))) return parts;
    return [sample(rival), ...parts];
  };
}

function isDefault(part: Entry): boolean {
  const { member, value } = part;
  if (member.layout) return (value as readonly Part[]).length === 0;
  const none = zero(member).value;
  return Buffer.isBuffer(value) ? value.equals(none as Buffer) : value === none;
}
