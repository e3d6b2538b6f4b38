// Bytes, Durations and wrappers as the codecs write them, and the rows that they refuse to write.
import { expect } from "chai";
import { codecs, type Plain } from "../../../src/contract/codecs/codec.js";
import { kind } from "./kinds.js";
import { bytes, pieces, tagOf, VARINT, varint } from "./kinds-bytes.js";

const Kinds = kind("Kinds");
const fromProtobuf = codecs.protobuf.reader(Kinds);
const [toJson, toProtojson, toProtobuf] = [codecs.json, codecs.protojson, codecs.protobuf].map((codec) =>
  codec.writer(Kinds),
);

const NANOS = tagOf(2, VARINT);

describe("writing bytes, Durations and wrappers", () => {
  it("writes bytes in standard base64 with padding", () => {
    const row = { a_bytes: new Uint8Array([0xfb, 0xff]), wrapped_by_string: { x: Buffer.from([0xff]) } };
    const text = toJson!(row).toString();
    expect(text).to.include('"a_bytes":"+/8="').and.include('"wrapped_by_string":{"x":"/w=="}');
    expect(toProtojson!(row).toString()).to.equal('{"aBytes":"+/8=","wrappedByString":{"x":"/w=="}}');
  });

  it("writes a part of a larger buffer, and no more of it", () => {
    const part = Buffer.from("a secret").subarray(0, 1);
    expect(toJson!({ a_bytes: part }).toString()).to.include('"a_bytes":"YQ=="');
    expect(fromProtobuf(toProtobuf!({ a_bytes: part }))["a_bytes"]).to.deep.equal(Buffer.from("a"));
  });

  it("writes Durations in their canonical form, whatever form a row has them in", () => {
    const row = { a_duration: "90.5s", durations: ["-0s", "-0.1s"] };
    expect(toProtojson!(row).toString()).to.equal('{"aDuration":"90.500s","durations":["0s","-0.100s"]}');
    expect(toJson!(row).toString()).to.include('"a_duration":"90.500s"').and.include('"durations":["0s","-0.100s"]');
    expect(toProtobuf!({ a_duration: "-0.1s" })).to.deep.equal(
      pieces("a_duration", bytes(NANOS, varint(-100_000_000))),
    );
  });

  it("writes what is a default only where it can be absent", () => {
    expect(toProtobuf!({ a_bytes: Buffer.alloc(0) })).to.have.lengthOf(0);
    const row = { maybe_bytes: Buffer.alloc(0), a_duration: "0s", wrapped_int32: 0 };
    expect(toProtobuf!(row)).to.deep.equal(
      bytes(...["a_duration", "maybe_bytes", "wrapped_int32"].map((field) => pieces(field, bytes()))),
    );
    expect(toProtojson!(row).toString()).to.equal('{"aDuration":"0s","maybeBytes":"","wrappedInt32":0}');
  });

  it("writes wrapped 64-bit integers as text in ProtoJSON", () => {
    expect(toProtojson!({ wrapped_int64: 5, wrapped_int64s: [0] }).toString()).to.equal(
      '{"wrappedInt64s":["0"],"wrappedInt64":"5"}',
    );
  });

  const wrong: Record<string, Plain> = {
    "text for bytes": { a_bytes: "AA==" },
    "an empty text for bytes": { a_bytes: "" },
    "a list of numbers for bytes": { a_bytes: [1] },
    "a number for a Duration": { a_duration: 5 },
    "a text that is no Duration": { durations: ["5"] },
    "a Duration out of range": { a_duration: "315576000001s" },
    "an object for a wrapper": { wrapped_int32: { value: 5 } },
    "null in a list of wrappers": { wrapped_int64s: [null] },
    "nothing in a map of wrappers": { wrapped_by_string: { x: undefined } },
    "null in a list of bytes": { several_bytes: [null] },
    "a wrapped integer out of range": { wrapped_int32: 2 ** 31 },
  };
  for (const [what, row] of Object.entries(wrong)) {
    it(`throws a TypeError that names the field for ${what}`, () => {
      for (const write of [toJson!, toProtojson!, toProtobuf!])
        expect(() => write(row)).to.throw(
          TypeError,
          `lyceum.test.kinds.v1.Kinds.${Object.keys(row)[0]} cannot be written`,
        );
    });
  }
});
