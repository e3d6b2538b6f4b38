// Bytes, Durations and wrappers in every codec: what is read, and what is refused where.
import { expect } from "chai";
import { codecs, defaults, type Plain } from "../../../src/contract/codecs/codec.js";
import { kind, refusal } from "./kinds.js";
import { bytes, counted, FIXED32, LENGTH, pieces, tag, tagOf, VARINT, varint } from "./kinds-bytes.js";

const Kinds = kind("Kinds");
const fromJson = codecs.json.reader(Kinds);
const fromProtobuf = codecs.protobuf.reader(Kinds);

/** A message in which these fields are set, and no others. */
function withFields(fields: Plain): Plain {
  return { ...defaults(Kinds), ...fields };
}

const SECONDS = tagOf(1, VARINT);
const NANOS = tagOf(2, VARINT);

describe("reading bytes, Durations and wrappers", () => {
  const read: Record<string, [json: string, protobuf: Buffer, meaning: Plain]> = {
    bytes: [
      '{"a_bytes":"-_8","several_bytes":["","AP8="],"bytes_by_int32":{"1":"eA"}}',
      bytes(
        pieces("a_bytes", Buffer.from([0xfb, 0xff])),
        pieces("several_bytes", bytes(), Buffer.from([0, 0xff])),
        pieces("bytes_by_int32", bytes(tagOf(1, VARINT), 1, tagOf(2, LENGTH), counted("x"))),
      ),
      {
        a_bytes: Buffer.from([0xfb, 0xff]),
        several_bytes: [Buffer.alloc(0), Buffer.from([0, 0xff])],
        bytes_by_int32: { 1: Buffer.from("x") },
      },
    ],
    "bytes that are not UTF-8": [
      '{"a_bytes":"/w=="}',
      pieces("a_bytes", Buffer.of(0xff)),
      { a_bytes: Buffer.of(0xff) },
    ],
    "optional bytes that are empty": [
      '{"maybe_bytes":""}',
      pieces("maybe_bytes", bytes()),
      { maybe_bytes: Buffer.alloc(0) },
    ],
    "empty bytes in a oneof": [
      '{"chosen_bytes":""}',
      pieces("chosen_bytes", bytes()),
      { chosen_bytes: Buffer.alloc(0) },
    ],
    "a Duration": [
      '{"a_duration":"1.5s","durations":["-0.000000001s","0s"]}',
      bytes(
        pieces("a_duration", bytes(SECONDS, 1, NANOS, varint(500_000_000))),
        pieces("durations", bytes(NANOS, varint(-1)), bytes()),
      ),
      { a_duration: "1.500s", durations: ["-0.000000001s", "0s"] },
    ],
    "a Duration at each end of its range": [
      '{"durations":["315576000000.999999999s","-315576000000.999999999s"]}',
      pieces(
        "durations",
        bytes(SECONDS, varint(315_576_000_000), NANOS, varint(999_999_999)),
        bytes(SECONDS, varint(-315_576_000_000), NANOS, varint(-999_999_999)),
      ),
      { durations: ["315576000000.999999999s", "-315576000000.999999999s"] },
    ],
    "a Duration of zero seconds in a oneof": [
      '{"chosen_duration":"-0s"}',
      pieces("chosen_duration", bytes()),
      { chosen_duration: "0s" },
    ],
    "wrappers of defaults": [
      '{"wrapped_int64":0,"wrapped_string":"","wrapped_bool":false,"wrapped_double":0,"wrapped_one_bytes":""}',
      bytes(
        ...["wrapped_int64", "wrapped_string", "wrapped_bool", "wrapped_double", "wrapped_one_bytes"].map((field) =>
          pieces(field, bytes()),
        ),
      ),
      {
        wrapped_int64: 0,
        wrapped_string: "",
        wrapped_bool: false,
        wrapped_double: 0,
        wrapped_one_bytes: Buffer.alloc(0),
      },
    ],
    "wrappers of other values": [
      '{"wrappedInt64":"-7","wrapped_int64s":["1",2],"wrapped_by_sint64":{"-1":"x"},"chosen_wrapper":5e0}',
      bytes(
        pieces("wrapped_int64", bytes(tagOf(1, VARINT), varint(-7))),
        pieces("wrapped_int64s", bytes(tagOf(1, VARINT), 1), bytes(tagOf(1, VARINT), 2)),
        pieces(
          "wrapped_by_sint64",
          bytes(tagOf(1, VARINT), 1, tagOf(2, LENGTH), counted(tagOf(1, LENGTH), counted("x"))),
        ),
        pieces("chosen_wrapper", bytes(tagOf(1, VARINT), 5)),
      ),
      { wrapped_int64: -7, wrapped_int64s: [1, 2], wrapped_by_sint64: { "-1": "x" }, chosen_wrapper: 5 },
    ],
    "null, which is the absent field": [
      '{"a_bytes":null,"maybe_bytes":null,"a_duration":null,"wrapped_int32":null,"several_bytes":null,"chosen_duration":null}',
      bytes(),
      {},
    ],
  };
  for (const [what, [json, protobuf, meaning]] of Object.entries(read)) {
    it(`reads ${what}`, () => {
      expect(fromJson(Buffer.from(json))).to.deep.equal(withFields(meaning));
      expect(fromProtobuf(protobuf)).to.deep.equal(withFields(meaning));
    });
  }

  const merged: Record<string, [protobuf: Buffer, meaning: Plain]> = {
    "the last bytes of one field": [pieces("a_bytes", bytes("x"), bytes("y")), { a_bytes: Buffer.from("y") }],
    "a Duration in two pieces": [
      pieces("a_duration", bytes(SECONDS, 1), bytes(NANOS, 5)),
      { a_duration: "1.000000005s" },
    ],
    "a wrapper in two pieces, the second empty": [
      pieces("wrapped_int32", bytes(tagOf(1, VARINT), 5), bytes()),
      { wrapped_int32: 5 },
    ],
    "a wrapper in two pieces, the last value of which counts": [
      pieces("wrapped_string", bytes(tagOf(1, LENGTH), counted("x")), bytes(tagOf(1, LENGTH), counted("y"))),
      { wrapped_string: "y" },
    ],
    "unknown fields in a Duration and in a wrapper": [
      bytes(
        pieces("a_duration", bytes(tagOf(3, VARINT), 1, tagOf(1, FIXED32), "1234", SECONDS, 2)),
        pieces("wrapped_int32", bytes(tagOf(2, VARINT), 1, tagOf(1, LENGTH), 0, tagOf(1, VARINT), 2)),
      ),
      { a_duration: "2s", wrapped_int32: 2 },
    ],
    "entries of maps without a value": [
      bytes(
        ...["bytes_by_int32", "duration_by_uint64", "wrapped_by_sint64", "empty_by_sfixed32"].map((field) =>
          pieces(field, bytes()),
        ),
        pieces("wrapped_by_string", bytes()),
      ),
      {
        bytes_by_int32: { 0: Buffer.alloc(0) },
        duration_by_uint64: { 0: "0s" },
        wrapped_by_sint64: { 0: "" },
        empty_by_sfixed32: { 0: {} },
        wrapped_by_string: { "": Buffer.alloc(0) },
      },
    ],
    "the last member of a oneof": [
      bytes(pieces("chosen_bytes", bytes("x")), pieces("chosen_duration", bytes()), pieces("chosen_wrapper", bytes())),
      { chosen_wrapper: 0 },
    ],
  };
  for (const [what, [protobuf, meaning]] of Object.entries(merged))
    it(`reads of protobuf ${what}`, () => expect(fromProtobuf(protobuf)).to.deep.equal(withFields(meaning)));

  it("copies bytes out of the body", () => {
    const body = pieces("a_bytes", Buffer.from("secret"));
    const { a_bytes: copy } = fromProtobuf(body);
    body.fill(0);
    expect(copy).to.deep.equal(Buffer.from("secret"));
  });

  const refused: Record<string, [json: string, pointer: string, message: RegExp]> = {
    "a number for bytes": ['{"a_bytes":1}', "/a_bytes", /must be base64, standard or URL-safe$/],
    "a list of numbers for bytes": ['{"a_bytes":[1]}', "/a_bytes", /must be base64/],
    "bytes of one character": ['{"several_bytes":["","A"]}', "/several_bytes/1", /must be base64/],
    "bytes in two alphabets": ['{"bytes_by_int32":{"7":"+_8="}}', "/bytes_by_int32/7", /must be base64/],
    "bytes with a line break": ['{"chosen_bytes":"AA\\nAA"}', "/chosen_bytes", /must be base64/],
    "bytes with padding too long": ['{"wrapped_one_bytes":"AAA=="}', "/wrapped_one_bytes", /must be base64/],
    "a number for a Duration": ['{"a_duration":1}', "/a_duration", /must be a duration in seconds such as "1.500s"/],
    "an object for a Duration": ['{"a_duration":{"seconds":1}}', "/a_duration", /must be a duration/],
    "a Duration without its s": ['{"durations":["1s","1"]}', "/durations/1", /must be a duration/],
    "a Duration of ISO 8601": ['{"a_duration":"PT1S"}', "/a_duration", /must be a duration/],
    "a Duration that is too long": ['{"a_duration":"315576000001s"}', "/a_duration", /at most 315576000000 seconds/],
    "ten digits of a fraction": [
      '{"duration_by_uint64":{"1":"0.0000000001s"}}',
      "/duration_by_uint64/1",
      /must be a duration/,
    ],
    "an object for a wrapper": ['{"wrapped_int32":{"value":1}}', "/wrapped_int32", /must be a whole number/],
    "a wrapper's value out of range": ['{"wrapped_int32":2147483648}', "/wrapped_int32", /2147483647/],
    "a wrapper's value beyond 2^53": [
      '{"wrapped_int64s":["9007199254740992"]}',
      "/wrapped_int64s/0",
      /9007199254740991/,
    ],
    "null in a list of wrappers": ['{"wrapped_int64s":[null]}', "/wrapped_int64s/0", /must be a whole number/],
    "null in a list of bytes": ['{"several_bytes":[null]}', "/several_bytes/0", /must be base64/],
    "null in a map of Durations": ['{"duration_by_uint64":{"1":null}}', "/duration_by_uint64/1", /must be a duration/],
    "two members of a oneof": [
      '{"chosen_bytes":"","chosen_wrapper":0}',
      "/chosen_wrapper",
      /together with chosen_bytes/,
    ],
  };
  for (const [what, [json, pointer, message]] of Object.entries(refused)) {
    it(`refuses of JSON ${what}`, () => {
      const fault = refusal(() => fromJson(Buffer.from(json)));
      expect(fault.pointer).to.equal(pointer);
      expect(fault.message).to.match(message);
    });
  }

  const malformed: Record<string, [protobuf: Buffer, pointer: string, message: RegExp]> = {
    "bytes that break off": [bytes(tag("a_bytes", LENGTH), 3, "xy"), "/a_bytes", /beyond the end, at byte 2/],
    "seconds above zero with nanos below": [
      pieces("a_duration", bytes(SECONDS, 1, NANOS, varint(-1))),
      "/a_duration",
      /must be a duration .*, at byte 3/,
    ],
    "seconds below zero with nanos above": [
      pieces("durations", bytes(), bytes(SECONDS, varint(-1), NANOS, 1)),
      "/durations/1",
      /must be a duration/,
    ],
    "a second of nanos": [
      pieces("a_duration", bytes(NANOS, varint(1_000_000_000))),
      "/a_duration",
      /must be a duration/,
    ],
    "too many seconds": [
      pieces("chosen_duration", bytes(SECONDS, varint(315_576_000_001))),
      "/chosen_duration",
      /at most 315576000000 seconds/,
    ],
    "more seconds than any number": [
      pieces("a_duration", bytes(SECONDS, varint(2n ** 63n))),
      "/a_duration",
      /must be a duration/,
    ],
    "a Duration whose pieces have two signs": [
      pieces("a_duration", bytes(SECONDS, 1), bytes(NANOS, varint(-1))),
      "/a_duration",
      /must be a duration/,
    ],
    "half a field in a Duration": [pieces("a_duration", bytes(SECONDS)), "/a_duration", /breaks off/],
    "half a field in a wrapper": [pieces("wrapped_int32", bytes(tagOf(1, VARINT))), "/wrapped_int32", /breaks off/],
    "a wrapped string that is not UTF-8": [
      pieces("wrapped_string", bytes(tagOf(1, LENGTH), counted(0xff))),
      "/wrapped_string",
      /not UTF-8/,
    ],
    "a wrapped integer beyond 2^53": [
      pieces("wrapped_int64s", bytes(), bytes(tagOf(1, VARINT), varint(2n ** 53n))),
      "/wrapped_int64s/1",
      /9007199254740991/,
    ],
    "a Duration in thousands of pieces": [
      pieces("a_duration", ...Array<Buffer>(1002).fill(bytes(SECONDS, 1))),
      "/a_duration",
      /too many pieces/,
    ],
  };
  for (const [what, [protobuf, pointer, message]] of Object.entries(malformed)) {
    it(`refuses of protobuf ${what}`, () => {
      const fault = refusal(() => fromProtobuf(protobuf));
      expect(fault.pointer).to.equal(pointer);
      expect(fault.message).to.match(message);
    });
  }
});
