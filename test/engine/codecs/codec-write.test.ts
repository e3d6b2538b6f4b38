// What the codecs write: one row, in three serializations.
import { expect } from "chai";
import fc from "fast-check";
import protojson from "protobufjs/ext/protojson.js";
import { codecs, defaults, type Plain } from "../../../src/contract/codecs/codec.js";
import { contract, kind } from "./kinds.js";
import { repeats } from "../../support/numbers.js";

const Kinds = kind("Kinds");
const [toJson, toProtojson, toProtobuf] = [codecs.json, codecs.protojson, codecs.protobuf].map((codec) =>
  codec.writer(Kinds),
);
const [fromJson, fromProtobuf] = [codecs.json.reader(Kinds), codecs.protobuf.reader(Kinds)];

/** JSON.stringify, with bytes in base64. */
function stringify(message: Plain): string {
  return JSON.stringify(message, function (this: Plain, key, value: unknown) {
    const own = this[key];
    return Buffer.isBuffer(own) ? own.toString("base64") : value;
  });
}

/** A row in the order of the contract, with its defaults. */
function completed(value: Plain): Plain {
  const blank = defaults(Kinds);
  const entries = Kinds.fieldsArray.map(({ name }) => [name, value[name] ?? blank[name]] as const);
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
}

/** A row with floats in each of the ways that a field can be. */
function withFloats([first, second, third]: readonly number[]): Plain {
  const narrow = Math.fround(first!);
  return {
    a_double: first,
    a_float: narrow,
    maybe_double: second,
    chosen_double: third,
    doubles: [first, second, third],
    double_by_string: { a: first, b: second },
    float_by_fixed64: { 1: narrow },
    wrapped_double: second,
    wrapped_float: narrow,
    a_kinds: { ...defaults(Kinds), a_double: third },
  };
}

/** Fails unless all numbers in both have the same bits. Of NaN there is one alone. */
function expectSameBits(found: unknown, expected: unknown, what: string): void {
  expect(bitsIn(found), what).to.deep.equal(bitsIn(expected));
}

function bitsIn(value: unknown): unknown {
  if (typeof value === "number")
    return Number.isNaN(value) ? "NaN" : new BigUint64Array(Float64Array.of(value).buffer).join();
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([key, each]) => [key, bitsIn(each)]);
}

const texts = {
  "plain text": "Hello",
  Cyrillic: "Привет, мир",
  "an emoji": "чай ☕ 😀",
  "quotes and backslashes": String.raw`"\"`,
  "control characters": "\0\b\t\n\f\r\u001f\u007f\u009f",
  "separators of lines and paragraphs": "a\u2028b\u2029c",
  "half a surrogate pair": "a\ud83d",
  "the other half": "\ude00b",
  "a long text": "a".repeat(5000),
  "a long Cyrillic text": "ы".repeat(5000),
  "a long text with an escape at its end": `${"ы".repeat(5000)}"`,
  "a text that ends like an object": "{",
  nothing: "",
};

describe("writing JSON", () => {
  for (const [what, text] of Object.entries(texts)) {
    it(`writes ${what} as JSON.stringify does`, () => {
      const value = { a_string: text, strings: [text, text], int64_by_string: { [text]: 1 } };
      expect(toJson!(value).toString()).to.equal(stringify(completed(value)));
    });
  }

  const numbers = [0, 1, 9, 10, 99, 100, 2147483647, 2147483648, -1, -2147483648, 9007199254740991, -9007199254740991];
  for (const number of numbers) {
    it(`writes ${number} as JSON.stringify does`, () => {
      const value = { an_int64: number, sint64s: [number, number], a_double: number, maybe_int64: number };
      expect(toJson!(value).toString()).to.equal(stringify(completed(value)));
    });
  }

  it("writes floats as JSON.stringify does, and NaN and infinities as strings", () => {
    const value = { doubles: [0.1, -1.5e-9, 1e21, 1e300, 5e-324, Math.fround(0.1)] };
    expect(toJson!(value).toString()).to.equal(stringify(completed(value)));
    expect(JSON.parse(toJson!({ doubles: [NaN, Infinity, -Infinity] }).toString()).doubles).to.deep.equal([
      "NaN",
      "Infinity",
      "-Infinity",
    ]);
  });

  it("drops null and unknown fields, and fills missing fields with their defaults", () => {
    const row = {
      a_string: null,
      maybe_string: null,
      a_time: null,
      strings: undefined,
      password_hash: "secret",
      a_kinds: { x: 1 },
    };
    expect(toJson!(row).toString()).to.equal(stringify(completed({ a_kinds: completed({}) })));
  });

  it("writes commas only between members that are present", () => {
    const written = (name: string, value: Plain): string =>
      codecs.json
        .writer(contract.root.lookupType(`lyceum.v1.${name}`))(value)
        .toString();
    expect(written("LoginRequest", {})).to.equal('{"email":"","password":""}');
    expect(written("UpdateMessageRequest", { text: "x" })).to.equal('{"message_id":0,"text":"x"}');
    expect(written("ListChatsRequest", {})).to.equal('{"include":[]}');
    expect(written("ListChatsRequest", { skip: 1, sort: "title" })).to.equal('{"skip":1,"sort":"title","include":[]}');
  });

  it("writes an empty message as an object", () => {
    const empty = contract.root.lookupType("google.protobuf.Empty");
    expect(codecs.json.writer(empty)({}).toString()).to.equal("{}");
    expect(codecs.protojson.writer(empty)({}).toString()).to.equal("{}");
    expect(codecs.protobuf.writer(empty)({}).length).to.equal(0);
  });
});

describe("a message that is written and read again", () => {
  const full: Plain = {
    ...defaults(Kinds),
    a_string: "x",
    a_bool: true,
    an_int32: -1,
    a_sint32: -2,
    a_uint32: 4294967295,
    a_fixed32: 4294967295,
    a_sfixed32: -3,
    an_int64: -9007199254740991,
    a_sint64: -9007199254740991,
    a_uint64: 9007199254740991,
    a_fixed64: 4294967296,
    a_sfixed64: -4294967297,
    a_float: 0.5,
    a_double: 0.1,
    a_color: "COLOR_BLUE",
    a_time: "1969-12-31T23:59:59.999Z",
    a_kinds: { ...defaults(Kinds), a_string: "ы".repeat(100) },
    an_empty: {},
    maybe_string: "",
    maybe_bool: false,
    maybe_int32: 0,
    maybe_int64: 0,
    maybe_double: 0,
    maybe_color: "COLOR_UNSPECIFIED",
    a_bytes: Buffer.from([0xfb, 0xff, 0]),
    maybe_bytes: Buffer.alloc(0),
    a_duration: "-315576000000.999999999s",
    several_bytes: [Buffer.alloc(0), Buffer.alloc(70_000, 7)],
    durations: ["0s", "0.001s", "-0.000001s", "1.000000001s"],
    wrapped_int64s: [0, -9007199254740991],
    wrapped_bytes: [Buffer.alloc(0), Buffer.from("x")],
    bytes_by_int32: { "-7": Buffer.from("ы") },
    duration_by_uint64: { 9007199254740991: "3600s" },
    wrapped_by_sint64: { "-1": "", 5: "x" },
    bool_by_fixed32: { 4294967295: true },
    float_by_fixed64: { 1: 0.5 },
    empty_by_sfixed32: { "-2147483648": {} },
    uint32_by_sfixed64: { "-9007199254740991": 4294967295 },
    wrapped_by_string: { "": Buffer.alloc(0), __proto: Buffer.from([0]) },
    wrapped_double: 0,
    wrapped_float: -0.5,
    wrapped_int64: 0,
    wrapped_uint64: 1,
    wrapped_int32: -1,
    wrapped_uint32: 0,
    wrapped_bool: false,
    wrapped_string: "",
    wrapped_one_bytes: Buffer.alloc(0),
    strings: ["", "a"],
    bools: [false, true],
    int32s: [-1, 0, 1],
    sint64s: [2 ** 52, -(2 ** 52), -1, 0],
    fixed32s: [1],
    doubles: [1.5],
    colors: ["COLOR_RED"],
    times: ["2026-11-23T12:00:00.000Z", "0001-01-01T00:00:00.000Z"],
    kinds: [defaults(Kinds)],
    loose_int64s: [1, 2],
    int64_by_string: { a: 1, "": 0 },
    string_by_int64: { "-1": "x" },
    kinds_by_bool: { true: defaults(Kinds) },
    time_by_uint32: { 7: "2026-11-23T12:00:00.000Z" },
    color_by_sint32: { "-5": "COLOR_RED" },
    double_by_string: { x: 0 },
    chosen_kinds: defaults(Kinds),
  };

  it("is the same message in every codec", () => {
    for (const [written, read] of [
      [toJson!(full), fromJson],
      [toProtojson!(full), fromJson],
      [toProtobuf!(full), fromProtobuf],
    ] as const)
      expect(read(written)).to.deep.equal(full);
  });

  it("is, as JSON, the output of JSON.stringify", () => {
    expect(toJson!(full).toString()).to.equal(stringify(completed(full)));
  });

  it("is, as ProtoJSON, the library's form of the bytes", () => {
    expect(toProtojson!(full).toString()).to.equal(protojson.toJsonString(Kinds, Kinds.decode(toProtobuf!(full))));
    expect(toProtojson!({ an_int64: 5, a_time: "2026-11-23T12:00:00.100Z" }).toString()).to.equal(
      '{"anInt64":"5","aTime":"2026-11-23T12:00:00.100Z"}',
    );
  });

  it("keeps an enum's number without a name", () => {
    for (const [written, read] of [
      [toJson!({ a_color: 77 }), fromJson],
      [toProtobuf!({ a_color: 77, colors: [-1] }), fromProtobuf],
    ] as const)
      expect(read(written)["a_color"]).to.equal(77);
  });

  it("keeps every bit of a double and of a float, wherever they are, in each pair of codecs", () => {
    const bits = fc.oneof(
      fc.double({ noNaN: true }),
      fc
        .bigInt({ min: 0n, max: 2n ** 64n - 1n })
        .map((pattern) => new Float64Array(BigUint64Array.of(pattern).buffer)[0]!),
      fc.constantFrom(-0, 0, NaN, Infinity, -Infinity, 5e-324, -5e-324, Number.MAX_VALUE),
    );
    const names = Object.values(codecs);
    fc.assert(
      fc.property(
        fc.array(bits, { minLength: 3, maxLength: 3 }),
        fc.constantFrom(...names),
        fc.constantFrom(...names),
        (numbers, first, second) => {
          const row = withFloats(numbers);
          const once = first.reader(Kinds)(first.writer(Kinds)(row));
          const twice = second.reader(Kinds)(second.writer(Kinds)(once));
          for (const read of [once, twice])
            for (const [name, value] of Object.entries(row))
              expectSameBits(read[name], value, `${name} of ${numbers.join()}`);
        },
      ),
      { seed: 20261123, numRuns: repeats(300, 1500) },
    );
  });

  for (const codec of Object.values(codecs)) {
    it(`keeps the sign of a minus zero wherever it is, in ${codec.name}`, () => {
      const row = withFloats([-0, -0, -0]);
      const read = codec.reader(Kinds)(codec.writer(Kinds)(row));
      for (const [name, value] of Object.entries(row)) expectSameBits(read[name], value, name);
    });

    it(`has no minus zero among integers, in ${codec.name}`, () => {
      const row = { an_int32: -0, a_sint32: -0, an_int64: -0, maybe_int32: -0, int32s: [-0], wrapped_int64: -0 };
      const plus = { an_int32: 0, a_sint32: 0, an_int64: 0, maybe_int32: 0, int32s: [0], wrapped_int64: 0 };
      expect(codec.writer(Kinds)(row)).to.deep.equal(codec.writer(Kinds)(plus));
    });
  }

  it("keeps map keys that every object inherits", () => {
    const map = JSON.parse('{"__proto__":1}') as Plain;
    for (const read of [
      fromJson(toJson!({ int64_by_string: map })),
      fromProtobuf(toProtobuf!({ int64_by_string: map })),
    ])
      expect(Object.entries(read["int64_by_string"] as Plain)).to.deep.equal([["__proto__", 1]]);
  });
});

describe("writing protobuf", () => {
  it("leaves out defaults, null and unknown fields", () => {
    const row = { ...defaults(Kinds), a_time: null, maybe_string: undefined, password_hash: "secret" };
    expect(toProtobuf!(row).length).to.equal(0);
  });

  it("writes fields in the order of their numbers, whatever the order of the row", () => {
    expect(toProtobuf!({ an_int32: 1, a_bool: true, a_string: "x" })).to.deep.equal(
      Buffer.from([10, 1, 0x78, 16, 1, 24, 1]),
    );
  });

  for (const size of [0, 127, 128, 16383, 16384, 70_000, 2_100_000]) {
    it(`writes a text and a message of ${size} bytes`, () => {
      const value = { a_kinds: { a_string: "a".repeat(size), a_bool: true }, strings: ["ы".repeat(size >> 1)] };
      const read = fromProtobuf(toProtobuf!(value));
      expect(Kinds.decode(toProtobuf!(value)).toJSON()["a_kinds"].a_string ?? "").to.equal(value.a_kinds.a_string);
      expect((read["a_kinds"] as Plain)["a_string"]).to.equal(value.a_kinds.a_string);
      expect(read["strings"]).to.deep.equal(value.strings);
    });
  }

  it("gives each answer a buffer of its own", () => {
    const first = toProtobuf!({ a_string: "first" });
    toProtobuf!({ a_string: "other" });
    expect(fromProtobuf(first)["a_string"]).to.equal("first");
  });
});

describe("a value of another type than the contract has", () => {
  const wrong: Record<string, Plain> = {
    a_string: { a_string: 1 },
    a_bool: { a_bool: "true" },
    an_int32: { an_int32: 1.5 },
    a_uint32: { a_uint32: -1 },
    an_int64: { an_int64: "5" },
    a_double: { a_double: "5" },
    a_color: { a_color: "COLOR_GREEN" },
    a_time: { a_time: new Date(0) },
    a_kinds: { a_kinds: "x" },
    strings: { strings: "x" },
    kinds: { kinds: [null] },
    int64_by_string: { int64_by_string: { a: "x" } },
  };
  for (const [name, row] of Object.entries(wrong)) {
    it(`is not written: ${name}`, () => {
      for (const write of [toJson!, toProtojson!, toProtobuf!])
        expect(() => write(row)).to.throw(TypeError, new RegExp(`Kinds\\.${name} cannot be written`));
    });
  }

  it("does not disturb the answer that is written next", () => {
    expect(() => toJson!({ a_string: "x", a_bool: 1 })).to.throw(TypeError);
    expect(fromJson(toJson!({ a_string: "y" }))).to.deep.equal({ ...defaults(Kinds), a_string: "y" });
  });
});
