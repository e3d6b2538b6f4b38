// A message as a tree of its fields, which can be encoded in unusual ways.
import { fromJson, toBinary, type DescMessage, type JsonValue } from "@bufbuild/protobuf";
import type { Descriptors } from "../client/descriptors.js";
import type { Plain } from "../client/encoding.js";
import { layoutOf, type Layout, type Member } from "./layout.js";
import { counted, LENGTH, readFields, readPacked, tag, varint } from "./wire-format.js";

/** One value of one field; the values of a list are separate entries. */
export interface Entry {
  readonly member: Member;
  /** A varint as its number, unsigned; a message, or an entry of a map, as its parts; anything else as its bytes. */
  readonly value: bigint | Buffer | readonly Part[];
}

/** A value, or raw bytes. */
export type Part = Entry | Buffer;

/** The unusual ways in which a tree is encoded. */
export interface WriteOptions {
  /** The minimal number of bytes of each tag, and of each length. */
  readonly tagBytes?: number;
  readonly lengthBytes?: number;
  /** The minimal number of bytes of a varint. */
  readonly varintBytes?: (member: Member) => number;
  /** Whether a list is encoded packed, one by one, or in both ways by turns. */
  readonly packing?: (member: Member) => "packed" | "single" | "mixed" | undefined;
}

/** Parses a message. Throws when `value` is not a message of the type. */
export function treeOf({ registry }: Descriptors, type: DescMessage, value: Plain): readonly Part[] {
  const bytes = toBinary(type, fromJson(type, value as JsonValue, { registry }));
  return parse(layoutOf(type), Buffer.from(bytes));
}

function parse(layout: Layout, bytes: Buffer): readonly Entry[] {
  const byNumber = new Map(layout.members.map((member) => [member.number, member]));
  return readFields(bytes).flatMap(({ number, wireType, value }): Entry[] => {
    const member = byNumber.get(number)!;
    if (member.layout) return [{ member, value: parse(member.layout, value as Buffer) }];
    const isPacked = member.isPackable && wireType === LENGTH;
    const values = isPacked ? readPacked(value as Buffer, member.wireType) : [value];
    return values.map((each) => ({ member, value: each }));
  });
}

/** Encodes a tree. */
export function write(parts: readonly Part[], options: WriteOptions = {}): Buffer {
  const written: Buffer[] = [];
  for (let at = 0; at < parts.length;) {
    const part = parts[at]!;
    let end = at + 1;
    if (!isEntry(part)) written.push(part);
    else if (part.member.isPackable) {
      while (end < parts.length && isOf(parts[end]!, part.member)) end++;
      written.push(...writeList(part.member, parts.slice(at, end) as readonly Entry[], options));
    } else written.push(tag(part.member.number, part.member.wireType, options.tagBytes), writeValue(part, options));
    at = end;
  }
  return Buffer.concat(written);
}

function writeList(member: Member, values: readonly Entry[], options: WriteOptions): Buffer[] {
  const single = (part: Entry): Buffer[] => [
    tag(member.number, member.wireType, options.tagBytes),
    writeValue(part, options),
  ];
  const packed = (some: readonly Entry[]): Buffer[] => [
    tag(member.number, LENGTH, options.tagBytes),
    counted(Buffer.concat(some.map((part) => writeValue(part, options))), options.lengthBytes),
  ];
  const packing = options.packing?.(member) ?? (member.isPacked ? "packed" : "single");
  if (packing === "packed") return packed(values);
  if (packing === "single") return values.flatMap(single);
  const half = Math.ceil(values.length / 2);
  return [...packed([]), ...single(values[0]!), ...packed(values.slice(1, half)), ...packed(values.slice(half))];
}

function writeValue({ member, value }: Entry, options: WriteOptions): Buffer {
  if (typeof value === "bigint") return varint(value, options.varintBytes?.(member));
  if (!Buffer.isBuffer(value)) return counted(write(value, options), options.lengthBytes);
  return member.wireType === LENGTH ? counted(value, options.lengthBytes) : value;
}

/**
 * Returns the new parts of a message. It is called for each message, entries of maps among them, from the innermost to the
 * outermost, which is at depth 1.
 */
export type Change = (layout: Layout, parts: readonly Part[], depth: number) => readonly Part[];

/** The tree with a change made in each of its messages. */
function changed(layout: Layout, parts: readonly Part[], change: Change, depth = 1): readonly Part[] {
  const inner = parts.map((part) =>
    isEntry(part) && part.member.layout
      ? { ...part, value: changed(part.member.layout, part.value as readonly Part[], change, depth + 1) }
      : part,
  );
  return change(layout, inner, depth);
}

/** Encodes one tree, with a change in each of its messages, and with options. */
export type Writer = (change?: Change, options?: WriteOptions) => Buffer;

export function writerOf(layout: Layout, tree: readonly Part[]): Writer {
  return (change, options) => write(change ? changed(layout, tree, change) : tree, options);
}

/** A member that a message of the tree can have. */
export interface Place {
  readonly member: Member;
  /** Its first path: "title", "shelves.name". */
  readonly path: string;
  /** Whether it is set anywhere. */
  readonly isSet: boolean;
}

/** The members of all messages of a tree, set or not, each once; those of the outer messages first. */
export function placesOf(layout: Layout, parts: readonly Part[]): Place[] {
  const places = new Map<Member, { member: Member; path: string; isSet: boolean }>();
  const messages: [layout: Layout, parts: readonly Part[], prefix: string][] = [[layout, parts, ""]];
  for (const [layout, parts, prefix] of messages) {
    const entries = parts.filter(isEntry);
    for (const member of layout.members) {
      const place = places.get(member) ?? { member, path: prefix + member.name, isSet: false };
      place.isSet ||= entries.some((entry) => entry.member === member);
      places.set(member, place);
    }
    for (const { member, value } of entries)
      if (member.layout) messages.push([member.layout, value as readonly Part[], `${prefix}${member.name}.`]);
  }
  return [...places.values()];
}

export function isEntry(part: Part): part is Entry {
  return !Buffer.isBuffer(part);
}

/** Whether a part is a value of that member. */
export function isOf(part: Part, member: Member): part is Entry {
  return isEntry(part) && part.member === member;
}
