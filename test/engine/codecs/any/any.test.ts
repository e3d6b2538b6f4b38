// google.protobuf.Any in the three serializations: what it may hold, how its parts may come, and what is refused. Beside it
// @bufbuild/protobuf, which has other authors.
import {
  createFileRegistry,
  fromBinary,
  fromJsonString,
  toBinary,
  toJsonString,
  type FileRegistry,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import fc from "fast-check";
import { codecs, defaults, type Plain } from "../../../../src/contract/codecs/codec.js";
import { contractWith } from "../../../support/contract-with.js";
import { jsonOf } from "../kinds-arbitrary.js";
import { bytes, counted, LENGTH, tagOf, VARINT } from "../kinds-bytes.js";
import { kind, kindsFile, refusal } from "../kinds.js";

const Anys = kind("Anys");
const fromJson = (json: string | object): Plain =>
  codecs.json.reader(Anys)(Buffer.from(typeof json === "string" ? json : JSON.stringify(json)));
const fromProtobuf = codecs.protobuf.reader(Anys);
const [toJson, toProtojson, toProtobuf] = [codecs.json, codecs.protojson, codecs.protobuf].map((codec) =>
  codec.writer(Anys),
);

const prefix = "type.googleapis.com/";
const url = (name: string): string => `${prefix}lyceum.test.kinds.v1.${name}`;
const wkt = (name: string): string => `${prefix}google.protobuf.${name}`;
const withAnys = (fields: Plain): Plain => ({ ...defaults(Anys), ...fields });

/** The parts of an Any. */
const typeUrl = (text: string): Buffer => bytes(tagOf(1, LENGTH), counted(text));
const value = (...content: (number | string | Uint8Array)[]): Buffer => bytes(tagOf(2, LENGTH), counted(...content));
const one = (...parts: Uint8Array[]): Buffer => bytes(tagOf(1, LENGTH), counted(...parts));
const text = (content: string): Buffer => bytes(tagOf(7, LENGTH), counted(content));

const message = { "@type": url("Anys"), ...withAnys({ text: "x" }) };

describe("an Any", () => {
  const held: Record<string, [plain: Plain, protojson: object]> = {
    "a message": [
      { "@type": url("Bounded"), ...defaults(kind("Bounded")), text: "x", counts: { a: 2 } },
      { "@type": url("Bounded"), counts: { a: "2" }, text: "x" },
    ],
    "a message without content": [
      { "@type": url("Bounded"), ...defaults(kind("Bounded")) },
      { "@type": url("Bounded") },
    ],
    Empty: [{ "@type": wkt("Empty") }, { "@type": wkt("Empty") }],
    "a Timestamp": [
      { "@type": wkt("Timestamp"), value: "2026-11-23T12:00:00.000Z" },
      { "@type": wkt("Timestamp"), value: "2026-11-23T12:00:00Z" },
    ],
    "the first Timestamp": [
      { "@type": wkt("Timestamp"), value: "1970-01-01T00:00:00.000Z" },
      { "@type": wkt("Timestamp"), value: "1970-01-01T00:00:00Z" },
    ],
    "a Duration": [
      { "@type": wkt("Duration"), value: "1.500s" },
      { "@type": wkt("Duration"), value: "1.500s" },
    ],
    "a wrapped integer": [
      { "@type": wkt("Int64Value"), value: 5 },
      { "@type": wkt("Int64Value"), value: "5" },
    ],
    "a wrapped zero": [
      { "@type": wkt("Int32Value"), value: 0 },
      { "@type": wkt("Int32Value"), value: 0 },
    ],
    "wrapped bytes": [
      { "@type": wkt("BytesValue"), value: Buffer.from("a") },
      { "@type": wkt("BytesValue"), value: "YQ==" },
    ],
    "another Any": [
      { "@type": wkt("Any"), value: { "@type": wkt("BoolValue"), value: true } },
      { "@type": wkt("Any"), value: { "@type": wkt("BoolValue"), value: true } },
    ],
    "an Any with nothing in it": [
      { "@type": wkt("Any"), value: {} },
      { "@type": wkt("Any"), value: {} },
    ],
    "a message with an Any": [
      { "@type": url("Anys"), ...withAnys({ several: [message, {}] }) },
      { "@type": url("Anys"), several: [{ "@type": url("Anys"), text: "x" }, {}] },
    ],
    nothing: [{}, {}],
  };

  let registry: FileRegistry;
  before(async function () {
    this.timeout(60_000);
    registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, await contractWith(kindsFile)));
  });

  for (const [what, [plain, json]] of Object.entries(held)) {
    for (const [place, around] of Object.entries<(any: object) => Plain>({
      "a field": (any) => ({ one: any }),
      "a list": (any) => ({ several: [any, any] }),
      "a map": (any) => ({ by_name: { a: any } }),
      "a oneof": (any) => ({ chosen: any }),
    })) {
      it(`in ${place} holds ${what}, to another implementation too`, () => {
        const type = registry.getMessage("lyceum.test.kinds.v1.Anys")!;
        const whole = withAnys(around(plain));
        expect(fromJson(toJson!(whole).toString())).to.deep.equal(whole);
        const canonical = toProtojson!(whole).toString();
        expect(JSON.parse(canonical)).to.deep.equal(around(json).by_name ? { byName: { a: json } } : around(json));
        expect(fromJson(canonical)).to.deep.equal(whole);
        const binary = toProtobuf!(whole);
        expect(fromProtobuf(binary)).to.deep.equal(whole);
        const theirs = fromJsonString(type, canonical, { registry });
        expect(fromProtobuf(Buffer.from(toBinary(type, theirs)))).to.deep.equal(whole);
        // Without the default of a wrapper, which it leaves out of the bytes as we do.
        expect(toBinary(type, theirs).length).to.equal(binary.length);
        expect(JSON.parse(toJsonString(type, fromBinary(type, binary), { registry }))).to.deep.equal(
          JSON.parse(toJsonString(type, theirs, { registry })),
        );
      });
    }
  }

  it("holds any message of the contract, in every serialization", () => {
    fc.assert(
      fc.property(jsonOf(kind("Kinds")), (json) => {
        const read = fromJson({ one: Object.assign({}, json, { "@type": url("Kinds") }) });
        const { "@type": type, ...inner } = read["one"] as Plain;
        expect(type).to.equal(url("Kinds"));
        expect(inner).to.deep.equal(codecs.json.reader(kind("Kinds"))(Buffer.from(JSON.stringify(json))));
        for (const codec of Object.values(codecs))
          expect(codec.reader(Anys)(codec.writer(Anys)(read))).to.deep.equal(read);
      }),
      { seed: 20261123, numRuns: 100 },
    );
  });

  it("has its fields as in the message alone, in the order of the contract, behind its type", () => {
    expect(toJson!({ one: { text: "x", "@type": url("Anys") } }).toString()).to.equal(
      `{"one":{"@type":"${url("Anys")}","several":[],"by_name":{},"text":"x"},"several":[],"by_name":{},"text":""}`,
    );
  });

  const sameJson: Record<string, string> = {
    "its type behind the fields": `{"one":{"text":"x","@type":"${url("Anys")}"}}`,
    "its type between fields that hold one too": `{"one":{"inner":null,"several":[],"@type":"${url("Anys")}","text":"x"}}`,
    "another prefix": `{"one":{"@type":"https://a.example/b/lyceum.test.kinds.v1.Anys","text":"x"}}`,
    "no prefix but the slash": `{"one":{"@type":"/lyceum.test.kinds.v1.Anys","text":"x"}}`,
    "its type with escapes": String.raw`{"one":{"text":"x","\u0040type":"type.googleapis.com\/lyceum.test.kinds.v1.Anys"}}`,
    "white space": ` { "one" : { "text" : "x" , "@type" : "${url("Anys")}" } } `,
    "keys in lowerCamelCase": `{"one":{"byName":{},"text":"x","@type":"${url("Anys")}"}}`,
  };
  for (const [what, json] of Object.entries(sameJson))
    it(`reads of JSON ${what}`, () => expect(fromJson(json)).to.deep.equal(withAnys({ one: message })));

  it("finds the type of each of many in one another, whatever comes first", () => {
    const levels = 40;
    const inside = `{"text":"x","@type":"${url("Anys")}"}`;
    const json = `${'{"one":'.repeat(levels)}${inside}${`,"@type":"${url("Anys")}"}`.repeat(levels - 1)}}`;
    let read = fromJson(json);
    for (let level = 0; level < levels; level++) {
      read = read["one"] as Plain;
      expect(read["@type"]).to.equal(url("Anys"));
    }
    expect(read["text"]).to.equal("x");
  });

  it("reads an Empty with an empty value, as some write it", () => {
    expect(fromJson({ one: { "@type": wkt("Empty"), value: {} } })["one"]).to.deep.equal({ "@type": wkt("Empty") });
  });

  const sameBytes: Record<string, [protobuf: Buffer, any: Plain | undefined]> = {
    "its value before its type": [one(value(text("x")), typeUrl(url("Anys"))), message],
    "its type in a first piece and its value in a second": [
      bytes(one(typeUrl(url("Anys"))), one(value(text("x")))),
      message,
    ],
    "the last type and the last value": [
      one(typeUrl("none"), value(text("y")), typeUrl(url("Anys")), value(text("x"))),
      message,
    ],
    "a type that comes in a later piece in place of an unknown one": [
      bytes(one(typeUrl("none"), value(text("x"))), one(typeUrl(url("Anys")))),
      message,
    ],
    "unknown fields": [
      one(bytes(tagOf(3, VARINT), 1), typeUrl(url("Anys")), value(text("x"), tagOf(99, VARINT), 1)),
      message,
    ],
    "an empty value": [one(typeUrl(wkt("Int32Value")), value()), { "@type": wkt("Int32Value"), value: 0 }],
    "a Timestamp without bytes": [
      one(typeUrl(wkt("Timestamp"))),
      { "@type": wkt("Timestamp"), value: "1970-01-01T00:00:00.000Z" },
    ],
    "an Any without bytes": [one(typeUrl(wkt("Any"))), { "@type": wkt("Any"), value: {} }],
    "no parts": [one(), {}],
    "an empty type and an empty value": [one(typeUrl(""), value()), {}],
    "no Any": [bytes(), undefined],
  };
  for (const [what, [protobuf, any]] of Object.entries(sameBytes))
    it(`reads of protobuf ${what}`, () =>
      expect(fromProtobuf(protobuf)).to.deep.equal(withAnys(any ? { one: any } : {})));

  it("reads an entry of a map without a value", () => {
    expect(fromProtobuf(bytes(tagOf(3, LENGTH), counted(tagOf(1, LENGTH), counted("a"))))["by_name"]).to.deep.equal({
      a: {},
    });
  });

  const unknown = "must name a message of the contract behind a slash";
  const refusedJson: Record<string, [json: string, pointer: string, message: string]> = {
    "no type": ['{"one":{"text":"x"}}', "/one/@type", unknown],
    "a type without a slash": ['{"one":{"@type":"lyceum.test.kinds.v1.Anys"}}', "/one/@type", unknown],
    "a type that is not of the contract": ['{"several":[{"@type":"a/b.C"}]}', "/several/0/@type", unknown],
    "a name that every object has": ['{"one":{"@type":"a/constructor"}}', "/one/@type", unknown],
    "the name of an enum": [`{"one":{"@type":"${url("Color")}"}}`, "/one/@type", unknown],
    "a message of Google's that is no well-known one": [
      `{"one":{"@type":"${wkt("FileDescriptorProto")}"}}`,
      "/one/@type",
      unknown,
    ],
    "a type that is not served": [`{"one":{"@type":"${wkt("Struct")}","value":{}}}`, "/one/@type", unknown],
    "an empty type": ['{"one":{"@type":""}}', "/one/@type", unknown],
    "a type that is no text": ['{"one":{"@type":5}}', "/one/@type", unknown],
    "null for a type": ['{"one":{"@type":null}}', "/one/@type", unknown],
    "a text": ['{"one":"x"}', "/one", "must be an object"],
    "null in a list": ['{"several":[null]}', "/several/0", "must be an object"],
    "an unknown key": [
      `{"one":{"@type":"${url("Anys")}","x":1}}`,
      "/one/x",
      "is not a field of lyceum.test.kinds.v1.Anys",
    ],
    "the type twice": [`{"one":{"@type":"${url("Anys")}","@type":"${url("Anys")}"}}`, "/one/@type", "is given twice"],
    "a field twice": [`{"one":{"text":"","text":"","@type":"${url("Anys")}"}}`, "/one/text", "is given twice"],
    "a wrong value": [`{"by_name":{"a":{"@type":"${url("Anys")}","text":1}}}`, "/by_name/a/text", "must be a string"],
    "a Duration without a value": [`{"one":{"@type":"${wkt("Duration")}"}}`, "/one/value", "is missing"],
    "null for a wrapped value": [`{"one":{"@type":"${wkt("Int32Value")}","value":null}}`, "/one/value", "is missing"],
    "a wrong wrapped value": [
      `{"one":{"value":"x","@type":"${wkt("Int32Value")}"}}`,
      "/one/value",
      "must be a whole number",
    ],
    "two members of a oneof": [
      `{"one":{"@type":"${url("Anys")}","chosen":{},"chosen_string":""}}`,
      "/one/chosen_string",
      "together with chosen",
    ],
    "half an object": ['{"one":{"a":1', "", "JSON breaks off"],
    "half a text": ['{"one":{"text":"', "", "JSON breaks off"],
  };
  for (const [what, [json, pointer, message]] of Object.entries(refusedJson)) {
    it(`refuses of JSON ${what}`, () => {
      const fault = refusal(() => fromJson(json));
      expect(fault.pointer).to.equal(pointer);
      expect(fault.message).to.include(message);
    });
  }

  const refusedBytes: Record<string, [protobuf: Buffer, pointer: string, message: string]> = {
    "a value without a type": [one(value(text("x"))), "/one/@type", `${unknown}, as in ${wkt("Empty")}, at byte 3`],
    "a type that is not of the contract": [one(value(text("x")), typeUrl("a/b.C")), "/one/@type", "at byte 8"],
    "a type that is not UTF-8": [one(bytes(tagOf(1, LENGTH), counted(0xff))), "/one", "is not UTF-8"],
    "a value that breaks off": [
      one(typeUrl(url("Anys")), value(tagOf(7, LENGTH), 9)),
      "/one/text",
      "is not a protobuf message: a length beyond the end",
    ],
    "a wrong value inside": [
      bytes(tagOf(2, LENGTH), counted(typeUrl(url("Anys")), value(tagOf(7, LENGTH), counted(0xff)))),
      "/several/0/text",
      "is not UTF-8",
    ],
    "a wrong wrapped value": [
      one(typeUrl(wkt("Duration")), value(8, 1, 16, 0xff, 0xff, 3, 0)),
      "/one/value",
      "protobuf message",
    ],
    "a length beyond the end": [bytes(tagOf(1, LENGTH), 3, tagOf(2, LENGTH), 9, 0), "/one", "a length beyond the end"],
  };
  for (const [what, [protobuf, pointer, message]] of Object.entries(refusedBytes)) {
    it(`refuses of protobuf ${what}`, () => {
      const fault = refusal(() => fromProtobuf(protobuf));
      expect(fault.pointer).to.equal(pointer);
      expect(fault.message).to.include(message);
    });
  }

  for (const [what, last] of Object.entries<Plain>({
    "a message": { "@type": url("Anys") },
    "a single value": { "@type": wkt("Duration"), value: "0s" },
    "an Any": { "@type": wkt("Any"), value: {} },
  })) {
    it(`counts for two in the depth of a message, where it holds ${what}`, () => {
      const nested = (levels: number): string =>
        `${'{"inner":'.repeat(levels)}{"one":${JSON.stringify(last)}}${"}".repeat(levels)}`;
      const binary = (levels: number): Buffer => {
        let body = toProtobuf!({ one: last });
        for (let level = 0; level < levels; level++) body = bytes(tagOf(6, LENGTH), counted(body));
        return body;
      };
      expect(fromJson(nested(97))).to.deep.equal(fromProtobuf(binary(97)));
      for (const run of [() => fromJson(nested(98)), () => fromProtobuf(binary(98))])
        expect(refusal(run).detail).to.equal("The body is nested deeper than 100 messages");
    });
  }

  it("counts what is in others", () => {
    const nested = (levels: number): Plain =>
      levels === 0 ? {} : { one: { "@type": wkt("Any"), value: levels === 1 ? {} : nested(levels - 1)["one"] } };
    const body = toProtobuf!(nested(98));
    expect(fromProtobuf(body)).to.deep.equal(fromJson(nested(98)));
    for (const run of [() => fromJson(nested(99)), () => fromProtobuf(toProtobuf!(nested(99)))])
      expect(refusal(run).detail).to.equal("The body is nested deeper than 100 messages");
  });

  const wrong: Record<string, Plain> = {
    "a text": { one: "x" },
    "no type": { one: { text: "x" } },
    "an unknown type": { several: [{ "@type": "a/b.C" }] },
    "null for a type": { one: { "@type": null } },
    "no value": { by_name: { a: { "@type": wkt("Duration") } } },
    "a wrong value": { one: { "@type": wkt("Duration"), value: 5 } },
    "a field of another type": { one: { "@type": url("Anys"), text: 5 } },
  };
  for (const [what, row] of Object.entries(wrong)) {
    it(`throws a TypeError for ${what} to be written`, () => {
      for (const write of [toJson!, toProtojson!, toProtobuf!])
        expect(() => write(row)).to.throw(TypeError, "cannot be written");
    });
  }

  it("is written with the usual prefix, whatever a row has", () => {
    const row = { one: { "@type": "/lyceum.test.kinds.v1.Anys", text: "x" } };
    expect(toProtojson!(row).toString()).to.equal(`{"one":{"@type":"${url("Anys")}","text":"x"}}`);
    expect(fromProtobuf(toProtobuf!(row))["one"]).to.deep.equal(message);
  });
});
