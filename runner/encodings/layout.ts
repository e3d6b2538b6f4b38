// A message type from the point of view of the wire format: fields, and the entries of a map as messages.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { kindOf, scalarKind, wireTypeOf, type Kind, type WireType } from "./field-kind.js";
import { highestNumber } from "./wire-format.js";

/** One field of a message, or the key or the value of a map's entry. */
export interface Member {
  readonly name: string;
  readonly number: number;
  readonly kind: Kind;
  /** The wire type of one value. */
  readonly wireType: WireType;
  readonly many: "one" | "list" | "map";
  /** A list that can be packed ... */
  readonly isPackable: boolean;
  /** ... and one that encoders pack. */
  readonly isPacked: boolean;
  /** Whether an encoded default is the same as its absence. */
  readonly isImplicit: boolean;
  /** The oneof of the member. */
  readonly oneof: string | undefined;
  /** The layout of its values: of a message its fields, of a map key and value. */
  readonly layout: Layout | undefined;
}

export interface Layout {
  readonly typeName: string;
  readonly members: readonly Member[];
  /** Whether it is the entry of a map. */
  readonly isEntry: boolean;
  /** A number without a field ... */
  readonly freeNumber: number;
  /** ... and the highest such number. */
  readonly highestFree: number;
}

const known = new WeakMap<DescMessage, Layout>();

/** The layout of a message type; the same object at every call. */
export function layoutOf(type: DescMessage): Layout {
  const found = known.get(type);
  if (found) return found;
  const members: Member[] = [];
  const layout = makeLayout(type.typeName, members, type.fields, false);
  // Set before the fields are read, since a message may contain itself.
  known.set(type, layout);
  for (const field of type.fields) members.push(memberOf(field));
  return layout;
}

function makeLayout(
  typeName: string,
  members: readonly Member[],
  numbered: readonly { readonly number: number }[],
  isEntry: boolean,
): Layout {
  const taken = new Set(numbered.map(({ number }) => number));
  let freeNumber = 1000;
  while (taken.has(freeNumber)) freeNumber++;
  let highestFree = highestNumber;
  while (taken.has(highestFree)) highestFree--;
  return { typeName, members, isEntry, freeNumber, highestFree };
}

function memberOf(field: DescField): Member {
  const kind = kindOf(field);
  const many = field.fieldKind === "list" || field.fieldKind === "map" ? field.fieldKind : "one";
  const wireType = many === "map" ? 2 : wireTypeOf(kind);
  const isPackable = many === "list" && wireType !== 2;
  return {
    name: field.name,
    number: field.number,
    kind: many === "map" ? "message" : kind,
    wireType,
    many,
    isPackable,
    isPacked: isPackable && field.fieldKind === "list" && field.packed,
    isImplicit: many === "one" && kind !== "message" && field.presence === FeatureSet_FieldPresence.IMPLICIT,
    oneof: field.oneof?.name,
    layout: field.fieldKind === "map" ? entryOf(field) : field.message && layoutOf(field.message),
  };
}

function entryOf(field: DescField & { fieldKind: "map" }): Layout {
  const one = { many: "one", isPackable: false, isPacked: false, isImplicit: true, oneof: undefined } as const;
  const [key, value] = [scalarKind(field.mapKey), kindOf(field)];
  const members: Member[] = [
    { name: "key", number: 1, kind: key, wireType: wireTypeOf(key), layout: undefined, ...one },
    {
      name: "value",
      number: 2,
      kind: value,
      wireType: wireTypeOf(value),
      layout: field.message && layoutOf(field.message),
      ...one,
    },
  ];
  return makeLayout(`${field.parent.typeName}.${field.name}`, members, members, true);
}
