// The wire format of Protocol Buffers, byte by byte; it depends on wire types and on no message. Strict: what protobuf
// calls malformed is refused, never read as the end of a message.
import { isUtf8 } from "node:buffer";
import type protobuf from "protobufjs";
import type { ApiError } from "../../errors.js";
import { malformed, type Step } from "./malformed.js";
import { maxDepth } from "../model/message-schema.js";

/** Where the parts of an Any are. */
export interface AnyParts {
  readonly root: protobuf.Root;
  readonly path: readonly Step[];
  readonly depth: number;
  url: string;
  /** Where the name is, or the first part where there is none. */
  urlAt: number;
  /** Where the length of its value is. */
  valueAt: number | undefined;
  /** Where the bytes around the value end. */
  end: number;
}

/** A cursor over the bytes of one message. Every method throws MALFORMED_REQUEST with the byte offset. */
export class ProtobufScanner {
  /** Where the cursor stands in the message, kept by the reader of the message. */
  readonly path: Step[] = [];
  at = 0;
  /** The two halves of the varint or fixed64 that was read last, unsigned. */
  low = 0;
  high = 0;

  /** How many keys each map has that was begun. */
  readonly sizes = new Map<object, number>();
  /** How many times a Timestamp or a Duration was merged into an earlier one of the same field. */
  merges = 0;
  /** Each Any with the places of its parts: it is read when the bytes around it are, as its parts may come in pieces. */
  anys: Map<object, AnyParts> | undefined;

  constructor(private readonly body: Buffer) {}

  /** A field's number and wire type, as number * 8 + wire type. */
  tag(end: number): number {
    const start = this.at;
    this.varint(end);
    if (this.at - start > 5) throw this.broken("a tag of more than five bytes", start);
    if (this.high !== 0 || this.low < 8) throw this.broken("a field number out of range", start);
    return this.low;
  }

  /** Reads a length, and answers where the bytes that it announces end. */
  length(end: number): number {
    const start = this.at;
    this.varint(end);
    const next = this.at + this.low;
    if (this.high !== 0 || next > end) throw this.broken("a length beyond the end", start);
    return next;
  }

  /** Reads up to ten bytes into `low` and `high`. */
  varint(end: number): void {
    const start = this.at;
    const first = this.body[start]!;
    if (first < 0x80 && start < end) {
      this.at = start + 1;
      this.low = first;
      this.high = 0;
      return;
    }
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= end) throw this.broken("a number that breaks off", start);
      const byte = this.body[this.at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw this.broken("a number of more than ten bytes", start);
  }

  fixed32(end: number): void {
    const start = this.pass(4, end);
    this.low = this.body.readUInt32LE(start);
    this.high = 0;
  }

  fixed64(end: number): void {
    const start = this.pass(8, end);
    this.low = this.body.readUInt32LE(start);
    this.high = this.body.readUInt32LE(start + 4);
  }

  float(end: number): number {
    return this.body.readFloatLE(this.pass(4, end));
  }

  double(end: number): number {
    return this.body.readDoubleLE(this.pass(8, end));
  }

  /** A field of bytes with its length, as a copy: it must not keep the whole body in memory. */
  bytes(end: number): Buffer {
    const next = this.length(end);
    const copy = Buffer.from(this.body.subarray(this.at, next));
    this.at = next;
    return copy;
  }

  /** A string with its length. */
  string(end: number): string {
    const next = this.length(end);
    const start = this.at;
    const text = this.body.toString("utf8", start, next);
    // The decoder writes U+FFFD in place of what is not UTF-8, so a text without it needs no second check.
    if (text.includes("\uFFFD") && !isUtf8(this.body.subarray(start, next)))
      throw malformed(this.path, `is not UTF-8, at byte ${start}`);
    this.at = next;
    return text;
  }

  /** Goes past the value behind `tag`; a group with all that is in it. */
  skip(tag: number, end: number, depth: number): void {
    const start = this.at;
    switch (tag & 7) {
      case 0:
        return this.varint(end);
      case 1:
        return void this.pass(8, end);
      case 2:
        this.at = this.length(end);
        return;
      case 3:
        return this.skipGroup(tag >>> 3, end, depth + 1);
      case 5:
        return void this.pass(4, end);
      default:
        throw this.broken((tag & 7) === 4 ? "the end of a group that has not begun" : "an unknown wire type", start);
    }
  }

  /** Goes past the rest of a packed list without reading its elements: only its last bytes are looked at. */
  skipPacked(wireType: number, end: number): void {
    const whole = wireType === 0 ? this.body[end - 1]! < 0x80 : (end - this.at) % (wireType === 1 ? 8 : 4) === 0;
    if (!whole) throw this.broken("a list that breaks off", end);
    this.at = end;
  }

  /** The error for bytes that are not a message. */
  broken(what: string, at: number): ApiError {
    return malformed(
      this.path,
      `${this.path.length ? "" : "The body "}is not a protobuf message: ${what}, at byte ${at}`,
    );
  }

  /** The error for a message inside too many others. */
  tooDeep(): ApiError {
    return malformed([], `The body is nested deeper than ${maxDepth} messages`);
  }

  private skipGroup(number: number, end: number, depth: number): void {
    if (depth > maxDepth) throw this.tooDeep();
    for (;;) {
      const start = this.at;
      const tag = this.tag(end);
      if ((tag & 7) !== 4) this.skip(tag, end, depth);
      else if (tag >>> 3 === number) return;
      else throw this.broken("the end of another group", start);
    }
  }

  /** Goes past `size` bytes and answers where they begin. */
  private pass(size: number, end: number): number {
    const start = this.at;
    if (end - start < size) throw this.broken("a value that breaks off", start);
    this.at = start + size;
    return start;
  }
}
