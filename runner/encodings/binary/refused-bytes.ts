// Bytes that must be refused: each is a whole message with one fault.
import type { DescMessage } from "@bufbuild/protobuf";
import type { Descriptors } from "../../client/descriptors.js";
import type { Plain } from "../../client/encoding.js";
import { isLong, isTimestamp, isUnsigned } from "../field-kind.js";
import { layoutOf, type Layout, type Member } from "../layout.js";
import { isOf, placesOf, treeOf, writerOf, type Writer } from "../message-tree.js";
import { deepBytes, tooDeep } from "../nesting.js";
import { sample } from "../sample-value.js";
import { distinct, type Variant } from "../variant.js";
import {
  counted,
  END,
  FIXED32,
  FIXED64,
  group,
  LENGTH,
  nestedGroups,
  START,
  stray,
  tag,
  VARINT,
  varint,
} from "../wire-format.js";

/** Bodies with one fault in the message `value`. Throws when it is not a message of `type`. */
export function refusedBytes(descriptors: Descriptors, type: DescMessage, value: Plain): Variant[] {
  const layout = layoutOf(type);
  const tree = treeOf(descriptors, type, value);
  const body = writerOf(layout, tree);
  const whole = body();
  const deep = deepBytes(type, tooDeep);
  const inner = (fault: Buffer): Buffer => body((_, parts, depth) => (depth === 1 ? parts : [...parts, fault]));
  const variants: readonly Variant[] = [
    ...faults(layout).map(([name, bytes]) => ({ name, body: Buffer.concat([whole, bytes]) })),
    { name: "a zero tag before all fields", body: Buffer.concat([Buffer.of(0), whole]) },
    { name: "a zero tag inside a message", body: inner(Buffer.of(0)) },
    { name: "the end of a group inside a message that has none", body: inner(tag(layout.freeNumber, END)) },
    ...(deep ? [{ name: `messages nested ${tooDeep} deep`, body: deep }] : []),
    ...placesOf(layout, tree).flatMap(({ member, path }) => fieldFaults(member, path, body)),
  ];
  return distinct(variants, whole);
}

/** Faults that are possible in any message: invalid fields after all others. */
function faults({ freeNumber: free, members }: Layout): (readonly [name: string, bytes: Buffer])[] {
  const [known] = members;
  return [
    ["a zero tag", Buffer.of(0)],
    ...[VARINT, FIXED64, LENGTH, START, END, FIXED32].map(
      (wireType) => [`field number zero with wire type ${wireType}`, zeroField(wireType)] as const,
    ),
    ["a zero tag in an unknown group", group(free, Buffer.of(0))],
    ["a field number above 2^29 - 1", Buffer.concat([varint(2n ** 32n), Buffer.of(1)])],
    ["a tag with bits beyond 32", Buffer.concat([varint(2n ** 34n + BigInt(free * 8)), Buffer.of(1)])],
    ["a tag of six bytes", Buffer.concat([tag(free, VARINT, 6), Buffer.of(1)])],
    ["a tag of eleven bytes", Buffer.concat([tag(free, VARINT, 11), Buffer.of(1)])],
    ["wire type 6", Buffer.concat([tag(free, 6), Buffer.of(1)])],
    ["wire type 7", Buffer.concat([tag(free, 7), Buffer.of(1)])],
    ...(known
      ? ([
          ["wire type 6 of a known field", Buffer.concat([tag(known.number, 6), Buffer.of(1)])],
          ["wire type 7 of a known field", Buffer.concat([tag(known.number, 7), Buffer.of(1)])],
          ["the end of a group with the number of a known field", tag(known.number, END)],
        ] as const)
      : []),
    ["the end of a group that did not begin", tag(free, END)],
    ["a group that does not end", Buffer.concat([tag(free, START), stray(1, VARINT)])],
    ["a group that ends as another", Buffer.concat([tag(free, START), tag(free + 1, END)])],
    [
      "two groups that end in the wrong order",
      Buffer.concat([tag(free, START), tag(free + 1, START), tag(free, END), tag(free + 1, END)]),
    ],
    ["an unknown varint of eleven bytes", Buffer.concat([tag(free, VARINT), varint(1, 11)])],
    ["an unknown varint that never ends", Buffer.concat([tag(free, VARINT), Buffer.alloc(40, 0xff)])],
    ["an unknown fixed64 of seven bytes", Buffer.concat([tag(free, FIXED64), Buffer.alloc(7)])],
    ["an unknown fixed32 of three bytes", Buffer.concat([tag(free, FIXED32), Buffer.alloc(3)])],
    [
      "an unknown field that is longer than the rest",
      Buffer.concat([tag(free, LENGTH), Buffer.of(5), Buffer.alloc(4)]),
    ],
    ["an unknown field of a negative length", Buffer.concat([tag(free, LENGTH), varint(-1)])],
    [`${tooDeep - 1} unknown groups, nested`, nestedGroups(free, tooDeep - 1)],
    ["thousands of unknown groups, nested", nestedGroups(free, 5000)],
  ];
}

function zeroField(wireType: number): Buffer {
  const value = [
    Buffer.of(1),
    Buffer.alloc(8),
    counted(Buffer.from("ab")),
    tag(0, END),
    Buffer.alloc(0),
    Buffer.alloc(4),
  ];
  return Buffer.concat([tag(0, wireType), value[wireType]!]);
}

/** Faults of one field, set or not. */
function fieldFaults(member: Member, path: string, body: Writer): Variant[] {
  /** The field's value replaced by these bytes, at the end of each message that can have it. */
  const spoiled = (name: string, ...value: readonly Buffer[]): Variant => ({
    name: `${path} ${name}`,
    body: body(({ members }, parts) =>
      members.includes(member) ? [...parts.filter((part) => !isOf(part, member)), Buffer.concat(value)] : parts,
    ),
  });
  const key = tag(member.number, member.wireType);
  const variants: Variant[] = [];
  if (member.wireType === VARINT) variants.push(spoiled("as a varint of eleven bytes", key, varint(1, 11)));
  else if (member.wireType === LENGTH) {
    variants.push(
      spoiled("with one byte less than its length", key, Buffer.of(4), Buffer.from("abc")),
      spoiled("with a negative length", key, varint(-1), Buffer.from("abc")),
      spoiled("with a length of 2^31 - 1", key, varint(2 ** 31 - 1), Buffer.from("abc")),
      spoiled("with a length of eleven bytes", key, varint(0, 11)),
    );
  } else variants.push(spoiled("cut short by its last byte", key, (sample(member).value as Buffer).subarray(1)));
  if (member.isPackable) variants.push(...packedFaults(member, spoiled));
  if (member.kind === "string")
    for (const [name, bytes] of notUtf8) variants.push(spoiled(`with ${name}`, key, counted(Buffer.from(bytes))));
  if (isLong(member.kind)) for (const [name, value] of unsafe(member)) variants.push(spoiled(`of ${name}`, key, value));
  if (member.layout && isTimestamp(member.layout.typeName))
    for (const [name, timestamp] of invalidTimestamps) variants.push(spoiled(name, key, counted(timestamp)));
  return variants;
}

function packedFaults(member: Member, spoiled: (name: string, ...value: readonly Buffer[]) => Variant): Variant[] {
  const packed = tag(member.number, LENGTH);
  const { value } = sample(member);
  const one = typeof value === "bigint" ? varint(value) : (value as Buffer);
  const half = typeof value === "bigint" ? Buffer.of(0x80) : one.subarray(1);
  return [
    spoiled("packed, cut in the middle of a value", packed, counted(Buffer.concat([one, half]))),
    spoiled("packed, with one byte less than its length", packed, Buffer.of(one.length + 1), one),
    ...(typeof value === "bigint"
      ? [spoiled("packed, with a varint of eleven bytes", packed, counted(varint(1, 11)))]
      : []),
  ];
}

/** Bytes that are not UTF-8, by their fault. */
export const notUtf8: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ["the byte 0xff", [0x61, 0xff]],
  ["a continuation byte alone", [0x61, 0x80, 0x62]],
  ["a truncated letter", [0x61, 0xe2, 0x82]],
  ["an overlong letter", [0xc1, 0x81]],
  ["half a surrogate pair", [0xed, 0xa0, 0x80]],
  ["a letter beyond U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
];

/** Numbers of 64 bits that JSON cannot represent exactly. */
function unsafe({ kind, wireType }: Member): (readonly [name: string, value: Buffer])[] {
  const numbers: (readonly [string, bigint])[] = isUnsigned(kind)
    ? [
        ["2^53", 2n ** 53n],
        ["2^64 - 1", 2n ** 64n - 1n],
      ]
    : [
        ["2^53", 2n ** 53n],
        ["-(2^53)", -(2n ** 53n)],
        ["2^63 - 1", 2n ** 63n - 1n],
        ["-(2^63)", -(2n ** 63n)],
      ];
  const written = (number: bigint): Buffer => {
    if (kind === "sint64") return varint((number << 1n) ^ (number >> 63n));
    if (wireType === VARINT) return varint(number);
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, number));
    return bytes;
  };
  return numbers.map(([name, number]) => [name, written(number)]);
}

const seconds = (value: bigint): Buffer => Buffer.concat([tag(1, VARINT), varint(value)]);
const nanos = (value: number): Buffer => Buffer.concat([tag(2, VARINT), varint(value)]);

/** Timestamps outside the years 1 to 9999, or with invalid nanoseconds. */
const invalidTimestamps: readonly (readonly [name: string, bytes: Buffer])[] = [
  ["before the year 1", seconds(-62_135_596_801n)],
  ["after the year 9999", seconds(253_402_300_800n)],
  ["beyond all seconds", seconds(2n ** 63n - 1n)],
  ["with negative nanoseconds", nanos(-1)],
  ["with a second of nanoseconds", nanos(1_000_000_000)],
];
