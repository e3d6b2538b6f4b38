// The wire format of protobuf by hand: bodies of kinds.proto as no library would write them.
import { kind } from "./kinds.js";

export const [VARINT, FIXED64, LENGTH, START, END, FIXED32] = [0, 1, 2, 3, 4, 5] as const;

/** Bytes from numbers, texts, and bytes. */
export function bytes(...parts: (number | string | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.of(part) : Buffer.from(part))));
}

/** The tag of a field of Kinds. */
export function tag(name: string, wireType: number): Uint8Array {
  return tagOf(kind("Kinds").fields[name]!.id, wireType);
}

/** The tag of a field by its number. */
export function tagOf(number: number, wireType: number): Uint8Array {
  return varint(number * 8 + wireType);
}

/** A varint, in two's complement. */
export function varint(value: number | bigint): Uint8Array {
  const parts: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) parts.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...parts, Number(rest)]);
}

/** The same as `bytes`, with its length before it. */
export function counted(...parts: (number | string | Uint8Array)[]): Buffer {
  const content = bytes(...parts);
  return bytes(varint(content.length), content);
}

/** A field of Kinds, which is delimited, once for each of these contents. */
export function pieces(field: string, ...contents: readonly Uint8Array[]): Buffer {
  return bytes(...contents.flatMap((content) => [tag(field, LENGTH), counted(content)]));
}
