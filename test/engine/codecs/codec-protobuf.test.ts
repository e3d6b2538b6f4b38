// What the protobuf codec reads and what it refuses, byte by byte.
import { expect } from "chai";
import { codecs, defaults, type Plain } from "../../../src/contract/codecs/codec.js";
import { bytes, counted, END, FIXED32, FIXED64, LENGTH, START, tag, tagOf, VARINT, varint } from "./kinds-bytes.js";
import { kind, refusal } from "./kinds.js";

const Kinds = kind("Kinds");
const read = codecs.protobuf.reader(Kinds);

/** The fields that differ from their defaults. */
function setFields(body: Buffer): Plain {
  const blank = defaults(Kinds);
  return Object.fromEntries(
    Object.entries(read(body)).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(blank[key])),
  );
}

describe("reading protobuf", () => {
  const accepted: Record<string, [body: Buffer, meaning: Plain]> = {
    "no bytes are a message in which nothing is set": [bytes(), {}],
    "an unknown varint is skipped": [
      bytes(tagOf(9999, VARINT), varint(-1n), tag("a_bool", VARINT), 1),
      { a_bool: true },
    ],
    "an unknown fixed64 is skipped": [
      bytes(tagOf(9999, FIXED64), "12345678", tag("a_bool", VARINT), 1),
      { a_bool: true },
    ],
    "unknown bytes are skipped": [
      bytes(tagOf(9999, LENGTH), counted(0xff, 0xff), tag("a_bool", VARINT), 1),
      { a_bool: true },
    ],
    "an unknown fixed32 is skipped": [bytes(tagOf(9999, FIXED32), "1234", tag("a_bool", VARINT), 1), { a_bool: true }],
    "an unknown group is skipped with all that is in it": [
      bytes(
        tagOf(999, START),
        tagOf(1, START),
        tagOf(1, END),
        tagOf(2, VARINT),
        1,
        tagOf(999, END),
        tag("a_bool", VARINT),
        1,
      ),
      { a_bool: true },
    ],
    "the highest field number is a field number": [bytes(tagOf(2 ** 29 - 1, VARINT), 0), {}],
    "a known field with another wire type is unknown": [
      bytes(tag("a_string", VARINT), 5, tag("an_int32", LENGTH), counted(1)),
      {},
    ],
    "a number may be longer than it must": [bytes(tag("an_int32", VARINT), 0x81, 0x80, 0x80, 0x00), { an_int32: 1 }],
    "a tag may be longer than it must, up to five bytes": [bytes(0x90, 0x80, 0x80, 0x80, 0x00, 1), { a_bool: true }],
    "a negative int32 has ten bytes": [bytes(tag("an_int32", VARINT), varint(-2n)), { an_int32: -2 }],
    "an int32 keeps its lower half": [bytes(tag("an_int32", VARINT), varint(2n ** 40n + 5n)), { an_int32: 5 }],
    "a bool is anything but zero": [bytes(tag("a_bool", VARINT), varint(2n ** 63n)), { a_bool: true }],
    "64 bits reach to both ends of what is safe": [
      bytes(
        tag("an_int64", VARINT),
        varint(-(2n ** 53n) + 1n),
        tag("a_uint64", VARINT),
        varint(2n ** 53n - 1n),
        tag("a_sint64", VARINT),
        varint(2n ** 54n - 3n),
        tag("maybe_int64", VARINT),
        varint(2n ** 53n - 1n),
      ),
      { an_int64: -(2 ** 53) + 1, a_uint64: 2 ** 53 - 1, a_sint64: -(2 ** 53) + 1, maybe_int64: 2 ** 53 - 1 },
    ],
    "an enum's number that is not defined is left for validation to refuse": [
      bytes(tag("a_color", VARINT), 77, tag("maybe_color", VARINT), varint(-1n)),
      { a_color: 77, maybe_color: -1 },
    ],
    "the last scalar counts": [
      bytes(tag("a_string", LENGTH), counted("x"), tag("a_string", LENGTH), counted("y")),
      { a_string: "y" },
    ],
    "an optional field keeps its default when it is given": [
      bytes(tag("maybe_string", LENGTH), 0),
      { maybe_string: "" },
    ],
    "the last member of a oneof counts": [
      bytes(tag("chosen_string", LENGTH), counted("x"), tag("chosen_bool", VARINT), 0),
      { chosen_bool: false },
    ],
    "lists may be packed and not, in one message": [
      bytes(
        tag("int32s", VARINT),
        1,
        tag("int32s", LENGTH),
        counted(2, 3),
        tag("loose_int64s", LENGTH),
        counted(4),
        tag("int32s", VARINT),
        5,
      ),
      { int32s: [1, 2, 3, 5], loose_int64s: [4] },
    ],
    "an empty packed list is nothing": [bytes(tag("int32s", LENGTH), 0), {}],
    "an entry of a map may leave out its key, its value and both": [
      bytes(
        tag("int64_by_string", LENGTH),
        counted(tagOf(2, VARINT), 5),
        tag("string_by_int64", LENGTH),
        counted(tagOf(1, VARINT), 7),
        tag("time_by_uint32", LENGTH),
        0,
        tag("color_by_sint32", LENGTH),
        0,
      ),
      {
        int64_by_string: { "": 5 },
        string_by_int64: { 7: "" },
        time_by_uint32: { 0: "1970-01-01T00:00:00.000Z" },
        color_by_sint32: { 0: "COLOR_UNSPECIFIED" },
      },
    ],
    "an entry of a map may hold unknown fields, and its value first": [
      bytes(
        tag("int64_by_string", LENGTH),
        counted(tagOf(2, VARINT), 5, tagOf(3, VARINT), 1, tagOf(1, LENGTH), counted("__proto__")),
      ),
      { int64_by_string: JSON.parse('{"__proto__":5}') },
    ],
    "the last entry of a key counts": [
      bytes(...[1, 2].flatMap((value) => [tag("int64_by_string", LENGTH), counted(tagOf(2, VARINT), value)])),
      { int64_by_string: { "": 2 } },
    ],
    "a Timestamp may be before 1970": [
      bytes(tag("a_time", LENGTH), counted(8, varint(-1n), 16, varint(999_999_999))),
      { a_time: "1969-12-31T23:59:59.999999999Z" },
    ],
    "a Timestamp in two pieces is one Timestamp": [
      bytes(tag("a_time", LENGTH), counted(8, 1), tag("a_time", LENGTH), counted(16, varint(5_000_000))),
      { a_time: "1970-01-01T00:00:01.005Z" },
    ],
    "a Timestamp keeps digits that are finer than milliseconds, also in two pieces": [
      bytes(tag("a_time", LENGTH), counted(16, varint(500_000)), tag("a_time", LENGTH), counted(8, 1)),
      { a_time: "1970-01-01T00:00:01.000500Z" },
    ],
    "an empty Timestamp is the beginning of 1970": [
      bytes(tag("a_time", LENGTH), 0),
      { a_time: "1970-01-01T00:00:00.000Z" },
    ],
    "U+FFFD is a character like others": [
      bytes(tag("a_string", LENGTH), counted("a\uFFFDb")),
      { a_string: "a\uFFFDb" },
    ],
  };
  for (const [sentence, [body, meaning]] of Object.entries(accepted))
    it(sentence, () => expect(setFields(body)).to.deep.equal(meaning));

  it("merges the pieces of a message, and appends their lists", () => {
    const first = bytes(tag("a_string", LENGTH), counted("x"), tag("strings", LENGTH), counted("1"));
    const second = bytes(tag("a_bool", VARINT), 1, tag("strings", LENGTH), counted("2"));
    const { a_kinds: whole } = read(
      bytes(tag("a_kinds", LENGTH), counted(first), tag("a_kinds", LENGTH), counted(second)),
    );
    expect(whole).to.deep.equal({ ...defaults(Kinds), a_string: "x", a_bool: true, strings: ["1", "2"] });
  });

  const refused: Record<string, [body: Buffer, pointer: string, message: RegExp]> = {
    "a zero tag": [bytes(0), "", /field number out of range, at byte 0/],
    "a zero tag behind a field": [bytes(tag("a_bool", VARINT), 1, 0, 0), "", /field number out of range, at byte 2/],
    "field number zero with a wire type": [bytes(LENGTH, 0), "", /field number out of range/],
    "a field number of 2^29": [bytes(varint(2 ** 32), 0), "", /field number out of range/],
    // As the conformance suite has it (Required.*.BadTag_OverlongVarint).
    "a tag of six bytes": [bytes(0x90, 0x80, 0x80, 0x80, 0x80, 0x00, 1), "", /tag of more than five bytes, at byte 0/],
    "a tag that breaks off": [bytes(0x80), "", /breaks off, at byte 0/],
    "wire type 6": [bytes(tagOf(9999, 6), 0), "", /unknown wire type/],
    "wire type 7 of a known field": [bytes(tag("a_string", 7), 0), "/a_string", /unknown wire type/],
    "a number that breaks off": [bytes(tag("an_int32", VARINT), 0x80), "/an_int32", /breaks off, at byte 1/],
    "a number of eleven bytes": [
      bytes(tag("an_int32", VARINT), ...Array<number>(10).fill(0x80), 1),
      "/an_int32",
      /more than ten bytes/,
    ],
    "an unknown number of eleven bytes": [
      bytes(tagOf(9999, VARINT), ...Array<number>(10).fill(0x80), 1),
      "",
      /more than ten bytes/,
    ],
    "a fixed32 that breaks off": [bytes(tag("a_fixed32", FIXED32), "123"), "/a_fixed32", /breaks off/],
    "a double that breaks off": [bytes(tag("a_double", FIXED64), "1234567"), "/a_double", /breaks off/],
    "an unknown fixed64 that breaks off": [bytes(tagOf(9999, FIXED64), "1234567"), "", /breaks off/],
    "a string that breaks off": [bytes(tag("a_string", LENGTH), 3, "xy"), "/a_string", /beyond the end, at byte 1/],
    "a length of 2^32 and more": [
      bytes(tag("a_string", LENGTH), varint(2n ** 32n), "xy"),
      "/a_string",
      /beyond the end/,
    ],
    "a field that reaches beyond its message": [
      bytes(tag("a_kinds", LENGTH), counted(tag("a_string", LENGTH), 2, "x"), "y"),
      "/a_kinds/a_string",
      /beyond the end/,
    ],
    "the end of a group that has not begun": [bytes(tagOf(9999, END)), "", /has not begun/],
    "the end of a group that has not begun, as a known field": [
      bytes(tag("a_kinds", END)),
      "/a_kinds",
      /has not begun/,
    ],
    "the end of another group": [bytes(tagOf(9998, START), tagOf(9999, END)), "", /another group/],
    "a group that does not end": [bytes(tagOf(9999, START), tagOf(1, VARINT), 1), "", /breaks off/],
    "a zero tag in a group": [bytes(tagOf(9999, START), 0, tagOf(9999, END)), "", /field number out of range/],
    "bytes that are not UTF-8": [bytes(tag("a_string", LENGTH), counted("ok", 0xc3, 0x28)), "/a_string", /not UTF-8/],
    "half a surrogate pair in UTF-8": [
      bytes(tag("strings", LENGTH), counted(0xed, 0xa0, 0x80)),
      "/strings/0",
      /not UTF-8/,
    ],
    "an overlong letter in UTF-8": [bytes(tag("a_string", LENGTH), counted(0xc1, 0x81)), "/a_string", /not UTF-8/],
    "a map's key that is not UTF-8": [
      bytes(tag("int64_by_string", LENGTH), counted(tagOf(1, LENGTH), counted(0xff))),
      "/int64_by_string",
      /not UTF-8/,
    ],
    "an int64 of 2^53": [bytes(tag("an_int64", VARINT), varint(2n ** 53n)), "/an_int64", /9007199254740991/],
    "an int64 of -(2^53)": [bytes(tag("an_int64", VARINT), varint(-(2n ** 53n))), "/an_int64", /9007199254740991/],
    "a uint64 of 2^64 - 1": [bytes(tag("a_uint64", VARINT), varint(2n ** 64n - 1n)), "/a_uint64", /9007199254740991/],
    "a sint64 of 2^53": [bytes(tag("a_sint64", VARINT), varint(2n ** 54n)), "/a_sint64", /9007199254740991/],
    "an sfixed64 of -(2^63)": [
      bytes(tag("a_sfixed64", FIXED64), 0, 0, 0, 0, 0, 0, 0, 0x80),
      "/a_sfixed64",
      /9007199254740991/,
    ],
    "an int64 of 2^53 in a packed list": [
      bytes(tag("sint64s", LENGTH), counted(2, varint(2n ** 54n))),
      "/sint64s/1",
      /9007199254740991/,
    ],
    "a map's value beyond 2^53": [
      bytes(
        tag("int64_by_string", LENGTH),
        counted(tagOf(1, LENGTH), counted("x"), tagOf(2, VARINT), varint(2n ** 60n)),
      ),
      "/int64_by_string/x",
      /9007199254740991/,
    ],
    "a packed list that breaks off": [bytes(tag("doubles", LENGTH), counted("1234567")), "/doubles/0", /breaks off/],
    "a Timestamp before the year 1": [
      bytes(tag("a_time", LENGTH), counted(8, varint(-62135596801n))),
      "/a_time",
      /0001 and 9999/,
    ],
    "a Timestamp after the year 9999": [
      bytes(tag("times", LENGTH), counted(8, varint(253402300800n))),
      "/times/0",
      /0001 and 9999/,
    ],
    "a Timestamp beyond all numbers": [
      bytes(tag("a_time", LENGTH), counted(8, varint(2n ** 63n))),
      "/a_time",
      /0001 and 9999/,
    ],
    "negative nanoseconds": [bytes(tag("a_time", LENGTH), counted(16, varint(-1n))), "/a_time", /RFC 3339/],
    "a second of nanoseconds": [
      bytes(tag("a_time", LENGTH), counted(16, varint(1_000_000_000))),
      "/a_time",
      /RFC 3339/,
    ],
  };
  for (const [what, [body, pointer, message]] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      const fault = refusal(() => read(body));
      expect(fault.pointer).to.equal(pointer);
      expect(fault.message).to.match(message);
    });
  }

  it("accepts the first bytes of a message only where they end with a whole field", () => {
    const whole = bytes(
      tag("a_string", LENGTH),
      counted("text"),
      tag("a_double", FIXED64),
      "12345678",
      tag("an_int64", VARINT),
      varint(300),
    );
    const ends = new Set([0, 6, 15, whole.length]);
    for (let end = 0; end <= whole.length; end++) {
      const cut = whole.subarray(0, end);
      if (ends.has(end)) read(cut);
      else refusal(() => read(cut));
    }
  });
});
