// How deep and how long a message may be, the same in every codec, and which messages cannot be served at all.
import { expect } from "chai";
import protobuf from "protobufjs";
import { codecs, type Plain } from "../../../src/contract/codecs/codec.js";
import { bytes, counted, END, LENGTH, START, tag, tagOf } from "./kinds-bytes.js";
import { contract, kind, refusal } from "./kinds.js";

const Kinds = kind("Kinds");
const read = codecs.protobuf.reader(Kinds);

/** A message with `levels` others inside it, one in another. */
function nested(levels: number, field = "a_kinds"): Buffer {
  let body: Buffer = Buffer.alloc(0);
  for (let level = 0; level < levels; level++) body = bytes(tag(field, LENGTH), counted(body));
  return body;
}

function nestedJson(levels: number): Buffer {
  return Buffer.from('{"a_kinds":'.repeat(levels) + "{}" + "}".repeat(levels));
}

describe("the depth of a message", () => {
  const readJson = codecs.json.reader(Kinds);

  it("is at most 100 in every codec, the outermost message counted", () => {
    expect(readJson(nestedJson(99))).to.deep.equal(read(nested(99)));
    for (const run of [() => read(nested(100)), () => readJson(nestedJson(100))])
      expect(refusal(run).detail).to.equal("The body is nested deeper than 100 messages");
  });

  const single: Record<string, string> = {
    a_time: '"1970-01-01T00:00:00Z"',
    a_duration: '"0s"',
    wrapped_int32: "0",
    wrapped_one_bytes: '""',
  };
  for (const [field, value] of Object.entries(single)) {
    it(`counts ${field} as a message in every codec`, () => {
      const json = (levels: number): Buffer =>
        Buffer.from(`${'{"a_kinds":'.repeat(levels)}{"${field}":${value}}${"}".repeat(levels)}`);
      const protobuf = (levels: number): Buffer => {
        let body = bytes(tag(field, LENGTH), 0);
        for (let level = 0; level < levels; level++) body = bytes(tag("a_kinds", LENGTH), counted(body));
        return body;
      };
      expect(readJson(json(98))).to.deep.equal(read(protobuf(98)));
      for (const run of [() => readJson(json(99)), () => read(protobuf(99))])
        expect(refusal(run).detail).to.equal("The body is nested deeper than 100 messages");
    });
  }

  it("does not count lists and maps", () => {
    const json = Buffer.from('{"kinds":[{"kinds_by_bool":{"true":'.repeat(49) + "{}" + "}}]}".repeat(49));
    readJson(json);
    refusal(() => readJson(Buffer.from(`{"a_kinds":{"a_kinds":${json.toString()}}}`)));
  });

  it("counts unknown groups", () => {
    const groups = (levels: number): Buffer =>
      Buffer.concat([tagOf(999, START), tagOf(999, END)].flatMap((each) => Array<Uint8Array>(levels).fill(each)));
    read(groups(99));
    refusal(() => read(groups(100)));
    refusal(() => read(groups(100_000)));
  });
});

describe("a list with a bound", () => {
  const Bounded = kind("Bounded");
  const fromBytes = codecs.protobuf.reader(Bounded);
  const fromJson = codecs.json.reader(Bounded);
  const writer = codecs.protobuf.writer(Bounded);

  const long = {
    numbers: [1, 2, 3, 4, 5, 6],
    texts: ["a", "b", "c", "d", "e"],
    members: Array(6).fill({ text: "m" }),
    counts: { a: 1, b: 2, c: 3, d: 4, e: 5 },
    fixed: [1, 2, 3, 4, 5],
    wide: [1, 2, 3, 4, 5],
    text: "behind",
    by_name: Object.fromEntries([..."abcdef"].map((name) => [name, { numbers: [1, 2, 3, 4, 5] }])),
  };

  it("is read to one element more, the same in every codec", () => {
    const json = Buffer.from(JSON.stringify({ ...long, text: "behind" }));
    const read = fromJson(json);
    expect(read).to.deep.equal(fromBytes(writer(long)));
    expect(read["numbers"]).to.deep.equal([1, 2, 3, 4]);
    expect(Object.keys(read["counts"] as Plain)).to.deep.equal(["a", "b", "c", "d"]);
    expect((read["by_name"] as Record<string, Plain>)["d"]!["numbers"]).to.deep.equal([1, 2, 3, 4]);
    expect(read["text"]).to.equal("behind");
  });

  it("is skipped beyond that, and only its end is checked", () => {
    expect(fromJson(Buffer.from('{"texts":["a","b","c","d",1,{"x":["]"]},null,"\\"]"],"text":"x"}'))["text"]).to.equal(
      "x",
    );
    expect(
      fromJson(Buffer.from('{"counts":{"a":1,"b":2,"c":3,"d":4,"e":"x","f":{"}":1}},"text":"x"}'))["text"],
    ).to.equal("x");
    refusal(() => fromJson(Buffer.from('{"texts":["a","b","c","d","e"')));
    refusal(() => fromJson(Buffer.from('{"texts":["a","b","c","d","e')));
  });

  it("ends with a whole element where it is packed, also in the part that is skipped", () => {
    for (const [name, body] of [
      ["numbers", counted(1, 2, 3, 4, 5, 0x80)],
      ["fixed", counted(Buffer.alloc(23))],
      ["wide", counted(Buffer.alloc(47))],
    ] as const) {
      const fault = refusal(() => fromBytes(bytes(tagOf(Bounded.fields[name]!.id, LENGTH), body)));
      expect(fault.message).to.match(/breaks off/);
    }
  });
});

describe("a message that the plain objects cannot hold", () => {
  const refusedTypes: Record<string, string> = {
    "google.protobuf.Struct": "google.protobuf.Struct avatar = 1;",
    "google.protobuf.Value": "map<string, google.protobuf.Value> avatar = 1;",
    "google.protobuf.ListValue": "repeated google.protobuf.ListValue avatar = 1;",
    "google.protobuf.FieldMask": "google.protobuf.FieldMask avatar = 1;",
    "google.protobuf.NullValue": "google.protobuf.NullValue avatar = 1;",
  };
  for (const [type, field] of Object.entries(refusedTypes)) {
    it(`is refused by name, with the reason, when it has a field of ${type}`, () => {
      const { root } = protobuf.parse(`syntax = "proto3"; message Person { ${field} }`, { keepCase: true });
      for (const name of ["struct", "field_mask"])
        root.addJSON(protobuf.common.get(`google/protobuf/${name}.proto`)!.nested!);
      root.resolveAll();
      for (const codec of Object.values(codecs))
        expect(() => codec.reader(root.lookupType("Person"))).to.throw(
          new RegExp(`^Person\\.avatar: the type ${type} cannot be served: \\w+ \\w+`),
        );
    });
  }

  const refusedFields: Record<string, [source: string, message: string]> = {
    "two fields share a key": [
      'syntax = "proto3"; message Person { string first_name = 1; string firstName = 2; }',
      "Person.firstName: the key firstName belongs to another field too",
    ],
    "a field is required": [
      'syntax = "proto2"; message Person { required string name = 1; }',
      "Person.name: required fields and groups are not of proto3",
    ],
    "a message inside it cannot be served": [
      'syntax = "proto3"; message Person { repeated Person friends = 1; Photo photo = 2; } message Photo { google.protobuf.Struct pixels = 1; }',
      "Photo.pixels: the type google.protobuf.Struct cannot be served",
    ],
  };
  for (const [what, [source, message]] of Object.entries(refusedFields)) {
    it(`is refused by name when ${what}`, () => {
      const { root } = protobuf.parse(source, { keepCase: true });
      root.addJSON(protobuf.common.get("google/protobuf/struct.proto")!.nested!);
      root.resolveAll();
      for (const codec of Object.values(codecs))
        expect(() => codec.reader(root.lookupType("Person"))).to.throw(message);
    });
  }

  it("is not any other message of google.protobuf", () => {
    const { root } = protobuf.parse(
      `syntax = "proto3"; package google.protobuf;
      message SourceContext { string file_name = 1; } message Outer { SourceContext context = 1; }`,
      { keepCase: true },
    );
    root.resolveAll();
    const read = codecs.json.reader(root.lookupType("google.protobuf.Outer"));
    expect(read(Buffer.from('{"context":{"file_name":"x"}}'))).to.deep.equal({ context: { file_name: "x" } });
  });

  it("does not occur in the contract", () => {
    for (const { request, response } of contract.methods) {
      for (const codec of Object.values(codecs)) {
        codec.reader(request);
        codec.writer(response);
      }
    }
    codecs.json.writer(contract.problem);
  });
});
