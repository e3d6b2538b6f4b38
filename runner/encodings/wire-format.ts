// The wire format of Protocol Buffers, written by hand: tags and values, valid and invalid, that no library would write.

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;
export const START = 3;
export const END = 4;
export const FIXED32 = 5;

/** The highest field number. */
export const highestNumber = 2 ** 29 - 1;

/** A varint in two's complement, of as many bytes as it needs, or of more, with redundant padding. */
export function varint(value: number | bigint, bytes = 1): Buffer {
  const parts: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) parts.push(Number(rest & 127n) | 128);
  parts.push(Number(rest));
  while (parts.length < bytes) {
    parts[parts.length - 1]! |= 128;
    parts.push(0);
  }
  return Buffer.from(parts);
}

/** The tag before a value: the number of its field, and its wire type. */
export function tag(number: number, wireType: number, bytes = 1): Buffer {
  return varint(number * 8 + wireType, bytes);
}

/** Bytes with their length before them. */
export function counted(content: Buffer, lengthBytes = 1): Buffer {
  return Buffer.concat([varint(content.length, lengthBytes), content]);
}

/** A group, from its start to its end. */
export function group(number: number, ...content: readonly Buffer[]): Buffer {
  return Buffer.concat([tag(number, START), ...content, tag(number, END)]);
}

/** Nested groups of that number. */
export function nestedGroups(number: number, count: number): Buffer {
  return Buffer.concat([
    ...Array<Buffer>(count).fill(tag(number, START)),
    ...Array<Buffer>(count).fill(tag(number, END)),
  ]);
}

/** A field of that wire type with a meaningless value; its content is no valid text, and no valid message. */
export function stray(number: number, wireType: number): Buffer {
  switch (wireType) {
    case VARINT:
      return Buffer.concat([tag(number, VARINT), varint(-1)]);
    case FIXED64:
      return Buffer.concat([tag(number, FIXED64), Buffer.alloc(8, 0xff)]);
    case LENGTH:
      return Buffer.concat([tag(number, LENGTH), counted(Buffer.from([0xff, 0x00, 0xff]))]);
    case START:
      return group(number, stray(1, VARINT), group(2, stray(number, LENGTH)), group(number), stray(3, FIXED32));
    default:
      return Buffer.concat([tag(number, FIXED32), Buffer.alloc(4, 0xff)]);
  }
}

/** One field of an encoded message. */
export interface RawField {
  readonly number: number;
  readonly wireType: number;
  /** The number of a varint, unsigned; else the bytes. */
  readonly value: bigint | Buffer;
  /** The offset of its end in the message. */
  readonly end: number;
}

/** The fields of a valid message without groups. Throws an Error at a group. */
export function readFields(bytes: Buffer): RawField[] {
  const fields: RawField[] = [];
  for (let at = 0; at < bytes.length;) {
    const [key, start] = readVarint(bytes, at);
    const wireType = Number(key & 7n);
    let [value, end]: [bigint | Buffer, number] = [0n, start];
    if (wireType === VARINT) [value, end] = readVarint(bytes, start);
    else {
      const [size, from] = wireType === LENGTH ? readVarint(bytes, start) : [sizeOf(wireType), start];
      end = from + Number(size);
      value = bytes.subarray(from, end);
    }
    fields.push({ number: Number(key >> 3n), wireType, value, end });
    at = end;
  }
  return fields;
}

/** The values of a packed list. */
export function readPacked(bytes: Buffer, wireType: number): (bigint | Buffer)[] {
  const values: (bigint | Buffer)[] = [];
  for (let at = 0; at < bytes.length;) {
    if (wireType === VARINT) {
      const [value, end] = readVarint(bytes, at);
      values.push(value);
      at = end;
    } else {
      const end = at + sizeOf(wireType);
      values.push(bytes.subarray(at, end));
      at = end;
    }
  }
  return values;
}

function readVarint(bytes: Buffer, start: number): [value: bigint, end: number] {
  let value = 0n;
  for (let at = start, shift = 0n; ; at++, shift += 7n) {
    value |= BigInt(bytes[at]! & 127) << shift;
    if (bytes[at]! < 128) return [value, at + 1];
  }
}

function sizeOf(wireType: number): number {
  if (wireType === FIXED64) return 8;
  if (wireType === FIXED32) return 4;
  throw new Error(`A message with fields of wire type ${wireType} cannot be taken apart`);
}
