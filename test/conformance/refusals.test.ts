// Malformed messages are refused, on every machine: the official runner, which has more of them, starts on some alone.
import { expect } from "chai";
import { testee } from "./testee-client.js";

const send = testee();

const [VARINT, FIXED64, LENGTH, GROUP, END_GROUP, FIXED32] = [0, 1, 2, 3, 4, 5] as const;

// Fields of the test message; it has none with the number 505.
const optionalInt32 = 1;
const optionalString = 14;
const optionalBytes = 15;
const optionalNestedMessage = 18;
const recursiveMessage = 27;
const mapStringString = 69;
const unknownField = 505;

type Bytes = readonly number[];

function varint(value: number): Bytes {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

function tag(field: number, wireType: number): Bytes {
  return varint(field * 8 + wireType);
}

function counted(field: number, bytes: Bytes): Bytes {
  return [...tag(field, LENGTH), ...varint(bytes.length), ...bytes];
}

function nested(times: number, bytes: Bytes): Bytes {
  return times === 0 ? bytes : nested(times - 1, counted(recursiveMessage, bytes));
}

/** One group in another, with the ends of all. */
function groups(times: number): Bytes {
  const [begin, end] = [tag(unknownField, GROUP), tag(unknownField, END_GROUP)];
  return [...Array<Bytes>(times).fill(begin), ...Array<Bytes>(times).fill(end)].flat();
}

/** Of each scalar type: a value, and its fields alone, in a list, and in a packed list. */
const scalars: Record<string, { wireType: number; value: Bytes; one: number; list: number; packed: number }> = {
  INT32: { wireType: VARINT, value: [0x80, 1], one: 1, list: 31, packed: 75 },
  INT64: { wireType: VARINT, value: [0x80, 1], one: 2, list: 32, packed: 76 },
  UINT32: { wireType: VARINT, value: [0x80, 1], one: 3, list: 33, packed: 77 },
  UINT64: { wireType: VARINT, value: [0x80, 1], one: 4, list: 34, packed: 78 },
  SINT32: { wireType: VARINT, value: [0x80, 1], one: 5, list: 35, packed: 79 },
  SINT64: { wireType: VARINT, value: [0x80, 1], one: 6, list: 36, packed: 80 },
  FIXED32: { wireType: FIXED32, value: [1, 2, 3, 4], one: 7, list: 37, packed: 81 },
  FIXED64: { wireType: FIXED64, value: [1, 2, 3, 4, 0, 0, 0, 0], one: 8, list: 38, packed: 82 },
  SFIXED32: { wireType: FIXED32, value: [1, 2, 3, 4], one: 9, list: 39, packed: 83 },
  SFIXED64: { wireType: FIXED64, value: [1, 2, 3, 4, 0, 0, 0, 0], one: 10, list: 40, packed: 84 },
  FLOAT: { wireType: FIXED32, value: [0, 0, 0, 0x40], one: 11, list: 41, packed: 85 },
  DOUBLE: { wireType: FIXED64, value: [0, 0, 0, 0, 0, 0, 0, 0x40], one: 12, list: 42, packed: 86 },
  BOOL: { wireType: VARINT, value: [0x81, 0], one: 13, list: 43, packed: 87 },
  ENUM: { wireType: VARINT, value: [0x81, 0], one: 21, list: 51, packed: 88 },
};
const delimited: Record<string, { one: number; list: number }> = {
  STRING: { one: optionalString, list: 44 },
  BYTES: { one: optionalBytes, list: 45 },
  MESSAGE: { one: optionalNestedMessage, list: 48 },
};

const malformed: Record<string, Bytes> = {};
/** Adds bytes that are no message: as the whole of the body, and as a message inside it. */
function broken(name: string, bytes: Bytes): void {
  malformed[name] = bytes;
  malformed[`${name}, in a message`] = counted(recursiveMessage, bytes);
}
for (const [type, { wireType, value, one, list, packed }] of Object.entries(scalars)) {
  for (const [which, field] of Object.entries({ field: one, list, "unknown field": unknownField })) {
    broken(`the tag of a ${which} of ${type} without a value`, tag(field, wireType));
    broken(`half a value in a ${which} of ${type}`, [...tag(field, wireType), ...value.slice(0, -1)]);
  }
  broken(`half a value at the end of a packed list of ${type}`, counted(packed, [...value, ...value.slice(0, -1)]));
  broken(`a packed list of ${type} that is shorter than it says`, [...tag(packed, LENGTH), 40, ...value]);
}
for (const [type, { one, list }] of Object.entries(delimited)) {
  for (const [which, field] of Object.entries({ field: one, list, "unknown field": unknownField })) {
    broken(`the tag of a ${which} of ${type} without a length`, tag(field, LENGTH));
    broken(`half the length of a ${which} of ${type}`, [...tag(field, LENGTH), 0x80]);
    broken(`fewer bytes than a ${which} of ${type} announces`, [...tag(field, LENGTH), 3, 0x61, 0x61]);
    broken(`a ${which} of ${type} of four gigabytes`, [...tag(field, LENGTH), 0xff, 0xff, 0xff, 0xff, 0x0f]);
    broken(`a ${which} of ${type} with a negative length`, [...tag(field, LENGTH), ...Array<number>(9).fill(0xff), 1]);
  }
}
for (const wireType of [VARINT, FIXED64, LENGTH, GROUP, END_GROUP, FIXED32]) {
  broken(`a field with the number zero, of wire type ${wireType}`, [wireType, 0, 0, 0, 0, 0, 0, 0, 0]);
}
for (const wireType of [6, 7]) {
  for (const field of [0, optionalInt32, optionalString, unknownField])
    broken(`wire type ${wireType} for field ${field}`, [...tag(field, wireType), 0, 0, 0, 0]);
}
const tooLong = Array<number>(10).fill(0x80);
broken("a tag of eleven bytes", [...tooLong, 0]);
broken("a field number beyond 29 bits", [0x80, 0x80, 0x80, 0x80, 0x10, 0]);
broken("half a tag", [0x88]);
broken("a varint of eleven bytes", [...tag(optionalInt32, VARINT), ...tooLong, 0]);
broken("a varint of eleven bytes in an unknown field", [...tag(unknownField, VARINT), ...tooLong, 0]);
broken("the end of a group that has not begun", tag(unknownField, END_GROUP));
broken("the end of a group under the number of a known field", tag(optionalInt32, END_GROUP));
broken("a group without an end", [...tag(unknownField, GROUP), ...tag(optionalInt32, VARINT), 1]);
broken("a group without an end under the number of a known field", tag(optionalNestedMessage, GROUP));
broken("a group that ends as another", [...tag(unknownField, GROUP), ...tag(unknownField + 1, END_GROUP)]);
broken("two groups that end in the wrong order", [
  ...tag(unknownField, GROUP),
  ...tag(unknownField + 1, GROUP),
  ...tag(unknownField, END_GROUP),
  ...tag(unknownField + 1, END_GROUP),
]);
malformed["a group that ends outside the message that it began in"] = [
  ...counted(recursiveMessage, tag(unknownField, GROUP)),
  ...tag(unknownField, END_GROUP),
];
for (const [what, bytes] of Object.entries({
  "a byte that UTF-8 does not have": [0xff],
  "half a character": [0xd0],
  "half of a surrogate pair": [0xed, 0xa0, 0x80],
  "an overlong NUL": [0xc0, 0x80],
  "a code point beyond Unicode": [0xf4, 0x90, 0x80, 0x80],
})) {
  broken(`${what} in a string`, counted(optionalString, bytes));
  broken(`${what} in a list of strings`, counted(44, bytes));
  broken(`${what} in a oneof`, counted(113, bytes));
  broken(`${what} in the key of a map`, counted(mapStringString, counted(1, bytes)));
  broken(`${what} in the value of a map`, counted(mapStringString, counted(2, bytes)));
}
broken("an entry of a map that breaks off", [...tag(mapStringString, LENGTH), 4, ...tag(1, LENGTH), 1, 0x61]);
broken("an entry of a map with a field of number zero", counted(mapStringString, [0, 0]));
malformed["messages nested 101 deep"] = nested(100, []);
malformed["groups nested 101 deep"] = groups(101);
malformed["a timestamp after the year 9999"] = counted(302, [...tag(1, VARINT), 0x80, 0x83, 0xd1, 0xff, 0xaf, 0x07]);
malformed["a timestamp with half a field"] = counted(302, tag(1, VARINT));
malformed["a duration of seconds above zero and nanos below"] = counted(301, [
  ...tag(1, VARINT).concat(1),
  ...tag(2, VARINT).concat(Array<number>(9).fill(0xff), 1),
]);
malformed["a duration of a second of nanos"] = counted(301, [...tag(2, VARINT), 0x80, 0x94, 0xeb, 0xdc, 0x03]);
malformed["a duration with half a field"] = counted(301, tag(1, VARINT));
malformed["a wrapper with half a field"] = counted(205, tag(1, VARINT));

describe("binary input that the conformance testee refuses", () => {
  for (const [what, bytes] of Object.entries(malformed)) {
    const answers = (["PROTOBUF", "JSON"] as const).map((output) => send({ protobuf: Buffer.from(bytes), output }));
    it(what, () => {
      for (const answer of answers) expect(answer().case).to.equal("parseError");
    });
  }
});

describe("binary input that the conformance testee accepts", () => {
  const whole: Record<string, Bytes> = {
    "no bytes": [],
    "an unknown group": groups(1),
    "a group in a group": groups(2),
    "a group under the number of a known field": [...tag(optionalInt32, GROUP), ...tag(optionalInt32, END_GROUP)],
    "an unknown field of each wire type": [
      ...tag(unknownField, VARINT).concat(1),
      ...tag(unknownField, FIXED64).concat(0, 0, 0, 0, 0, 0, 0, 0),
      ...tag(unknownField, FIXED32).concat(0, 0, 0, 0),
      ...counted(unknownField, [0xff]),
    ],
    "a known field with another wire type": [...tag(optionalString, VARINT), 1],
    "a varint of ten bytes for an int32": [...tag(optionalInt32, VARINT), ...Array<number>(9).fill(0xff), 1],
    "the largest field number": [...tag(2 ** 29 - 1, VARINT), 0],
    "messages nested 100 deep": nested(99, []),
    "a length with more bytes than it needs": [...tag(optionalString, LENGTH), 0x81, 0x00, 0x61],
  };
  for (const [what, bytes] of Object.entries(whole)) {
    const answer = send({ protobuf: Buffer.from(bytes), output: "PROTOBUF" });
    it(what, () => expect(answer().case).to.equal("protobufPayload"));
  }
});

describe("JSON that the conformance testee refuses", () => {
  const refused: Record<string, string | Uint8Array> = {
    "no text at all": "",
    "null as the whole": "null",
    "a list as the whole": "[]",
    "what follows the message": "{} {}",
    "a message that breaks off": '{"optionalInt32": 1',
    "a comma behind the last member": '{"optionalInt32": 1,}',
    "a comma behind the last element": '{"repeatedInt32": [1,]}',
    "a missing comma": '{"optionalInt32": 1 "optionalInt64": 1}',
    "a comment": '{"optionalInt32": /* one */ 1}',
    "a key without quotes": "{optionalInt32: 1}",
    "single quotes": "{'optionalString': 'a'}",
    "a number with a leading zero": '{"optionalInt32": 01}',
    "a number with a plus": '{"optionalInt32": +1}',
    "a number in a string with a space": '{"optionalInt32": " 1"}',
    "a fraction for an int32": '{"optionalInt32": 0.5}',
    "an int32 beyond its range": '{"optionalInt32": 2147483648}',
    "a negative uint32": '{"optionalUint32": -1}',
    "an int64 beyond the safe integers": '{"optionalInt64": "9007199254740992"}',
    "an empty string for a number": '{"optionalDouble": ""}',
    "a double beyond the doubles": '{"optionalDouble": 1.89769e+308}',
    "a float beyond the floats": '{"optionalFloat": 3.502823e+38}',
    "NaN without quotes": '{"optionalDouble": NaN}',
    "a string for a bool": '{"optionalBool": "true"}',
    "a number for a bool": '{"optionalBool": 1}',
    "a number for a string": '{"optionalString": 1}',
    "an enum's name that is not defined": '{"optionalNestedEnum": "QUX"}',
    "an enum's name without quotes": '{"optionalNestedEnum": FOO}',
    "a value where a list belongs": '{"repeatedInt32": 1}',
    "null in a list": '{"repeatedNestedMessage": [null]}',
    "null as the value of a map": '{"mapBoolBool": {"true": null}}',
    "null as the key of a map": '{"mapInt32Int32": {null: 1}}',
    "a key of a map of bools that is no bool": '{"mapBoolBool": {"yes": true}}',
    "two members of a oneof": '{"oneofUint32": 1, "oneofString": ""}',
    "one key twice": '{"optionalInt32": 1, "optionalInt32": 1}',
    "one key of a map twice": '{"mapInt32Int32": {"1": 1, "1": 1}}',
    "two spellings of one key": '{"optionalInt32": 1, "optional_int32": 1}',
    "an unknown key": '{"optionalInt33": 1}',
    "half of a surrogate pair": '{"optionalString": "\\ud83e"}',
    "a surrogate pair in the wrong order": '{"optionalString": "\\udd94\\ud83e"}',
    "an escape that JSON does not have": '{"optionalString": "\\x41"}',
    "an escape that breaks off": '{"optionalString": "\\u12"}',
    "a line break in a string": '{"optionalString": "a\nb"}',
    "bytes that are not UTF-8": Buffer.from([...Buffer.from('{"optionalString": "'), 0xff, ...Buffer.from('"}')]),
    "a number for bytes": '{"optionalBytes": 1}',
    "bytes in two alphabets": '{"optionalBytes": "+_8="}',
    "bytes of one character": '{"repeatedBytes": ["A"]}',
    "a duration without its s": '{"optionalDuration": "1"}',
    "a duration beyond its range": '{"optionalDuration": "-315576000001s"}',
    "an object for a wrapper": '{"optionalInt32Wrapper": {"value": 1}}',
    "null in a list of wrappers": '{"repeatedInt32Wrapper": [null]}',
    "a timestamp with a small t": '{"optionalTimestamp": "2026-11-23t12:00:00Z"}',
    "a timestamp without a zone": '{"optionalTimestamp": "2026-11-23T12:00:00"}',
    "a timestamp after the year 9999": '{"optionalTimestamp": "10000-01-01T00:00:00Z"}',
    "a thirtieth of February": '{"optionalTimestamp": "2026-02-30T00:00:00Z"}',
    "messages nested 101 deep": `${'{"recursiveMessage":'.repeat(100)}{}${"}".repeat(100)}`,
  };
  for (const [what, json] of Object.entries(refused)) {
    const answers = (["PROTOBUF", "JSON"] as const).map((output) => send({ json, output }));
    it(what, () => {
      for (const answer of answers) expect(answer().case).to.equal("parseError");
    });
  }
});
