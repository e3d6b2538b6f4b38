// Encodings that mean the same, and encodings that must be refused: held against the server's own readers, and against
// @bufbuild/protobuf, which has other authors. Where it is laxer or stricter than the specification, that is said here.
import { isDeepStrictEqual } from "node:util";
import { fromBinary, fromJson, type DescField, type DescMessage, type JsonValue } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { readDescriptors, type Descriptors } from "../../../runner/client/descriptors.js";
import { codecNames, encode, plain, type CodecName, type Plain } from "../../../runner/client/encoding.js";
import { refused, sameMeaning } from "../../../runner/encodings/encodings.js";
import { isTimestamp, isUnsigned, kindOf, scalarKind } from "../../../runner/encodings/field-kind.js";
import { deepBytes, deepest, deepPlain, tooDeep } from "../../../runner/encodings/nesting.js";
import { truncations, type Truncation } from "../../../runner/encodings/binary/truncations.js";
import type { Variant } from "../../../runner/encodings/variant.js";
import { codecs } from "../../../src/contract/codecs/codec.js";
import { jsonOf } from "../../engine/codecs/kinds-arbitrary.js";
import { contract, kind, kindsFile, refusal } from "../../engine/codecs/kinds.js";
import { contractWith } from "../../support/contract-with.js";

const seed = 20261123;

interface Example {
  readonly type: DescMessage;
  readonly value: Plain;
}

let descriptors: Descriptors;
/** Every request of the contract and every message of kinds.proto, full and empty, and some that fast-check makes. */
let examples: Example[];

before(async function () {
  this.timeout(60_000);
  descriptors = readDescriptors(await contractWith(kindsFile));
  const requests = [...descriptors.rpcs.values()].map(({ request }) => request);
  const types = new Set([...["Kinds", "Bounded", "Query"].map(kindsType), ...requests]);
  const samples = fc.sample(jsonOf(kind("Kinds"), 1), { seed, numRuns: 3 });
  examples = [
    ...[...types].flatMap((type) => [
      { type, value: full(type) },
      { type, value: {} },
    ]),
    ...samples.map((value) => ({ type: kindsType("Kinds"), value })),
  ];
});

function kindsType(name: string): DescMessage {
  return descriptors.registry.getMessage(`lyceum.test.kinds.v1.${name}`)!;
}

/** A message with every field set, of a oneof the first, or inside another message the third. */
function full(type: DescMessage, depth = 0): Plain {
  const fields = type.fields.filter(({ oneof, message }) => !oneof && (depth === 0 || !message));
  const chosen = type.oneofs.map(({ fields }) => fields[depth === 0 ? 0 : 2]!).filter(Boolean);
  return Object.fromEntries([...fields, ...chosen].map((field) => [field.name, fullField(field, depth)]));
}

const keys: Readonly<Record<string, readonly string[]>> = { string: ["", "ключ/1"], bool: ["true", "false"] };

function fullField(field: DescField, depth: number): unknown {
  const one = fullValue(field, depth, 300);
  if (field.fieldKind === "list") return [one, one, fullValue(field, depth + 1, 0)];
  if (field.fieldKind !== "map") return one;
  const names = keys[scalarKind(field.mapKey)] ?? ["0", "7"];
  return Object.fromEntries(names.map((key) => [key, one]));
}

function fullValue(field: DescField, depth: number, number: number): unknown {
  const kind = kindOf(field);
  if (field.message && isTimestamp(field.message.typeName)) return "2026-11-23T12:34:56.120Z";
  if (field.message) return depth < 2 ? full(field.message, depth + 1) : {};
  if (field.enum) return field.enum.values.at(-1)!.name;
  if (kind === "string") return 'Привет/"🦊"';
  if (kind === "bool") return true;
  if (kind === "float" || kind === "double") return -0.5;
  return isUnsigned(kind) ? number : 0 - number;
}

/** What a body is to a reader; throws when it is refused. */
type Read = (type: DescMessage, body: Buffer, codec: CodecName) => Plain;

const server: Read = ({ typeName }, body, codec) => codecs[codec].reader(contract.root.lookupType(typeName))(body);

const library: Read = (type, body, codec) => {
  const { registry } = descriptors;
  if (codec === "protobuf") return plain(registry, type, fromBinary(type, body));
  const json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as JsonValue;
  return plain(registry, type, fromJson(type, json, { registry }));
};

/** An example in one serialization. */
interface Encoded extends Example {
  readonly usual: Buffer;
  readonly same: readonly Variant[];
  readonly refused: readonly Variant[];
  readonly cut: readonly Truncation[];
}

function encoded({ type, value }: Example, codec: CodecName): Encoded {
  return {
    type,
    value,
    usual: encode(descriptors.registry, type, value, codec),
    same: sameMeaning(descriptors, type, value, codec),
    refused: refused(descriptors, type, value, codec),
    cut: truncations(descriptors, type, value, codec),
  };
}

const made = new Map<CodecName, readonly Encoded[]>();

/** All examples in one serialization, made once: to make them takes longer than to read them. */
function bodiesIn(codec: CodecName): readonly Encoded[] {
  const bodies = made.get(codec) ?? examples.map((example) => encoded(example, codec));
  made.set(codec, bodies);
  return bodies;
}

after(() => made.clear());

/** Fails when they differ. Chai, which says in what, takes long to find that they do not. */
function expectSame(found: unknown, expected: unknown, name: string): void {
  if (!isDeepStrictEqual(found, expected)) expect(found, name).to.deep.equal(expected);
}

function expectRefusal(read: () => unknown): void {
  try {
    read();
  } catch {
    return;
  }
  expect.fail("It was not refused");
}

/** Departures that are known, with the reason. Fails for any other, and for one that is none any more. */
class Departures {
  private readonly seen = new Set<RegExp>();
  constructor(private readonly known: readonly (readonly [name: RegExp, reason: string])[]) {}

  allow(name: string, holds: () => void): void {
    try {
      holds();
    } catch (error) {
      const [known] = this.known.find(([pattern]) => pattern.test(name)) ?? [];
      if (!known) throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
      this.seen.add(known);
    }
  }

  expectAll(): void {
    expect(this.known.filter(([pattern]) => !this.seen.has(pattern))).to.deep.equal([]);
  }
}

const strayWireType = "a known field is read as if it had its own wire type, whatever the tag says";
const readsOtherwise: Readonly<Record<"json" | "protobuf", readonly (readonly [RegExp, string])[]>> = {
  protobuf: [
    [/ again, with another wire type$/, strayWireType],
    [/^every known number once more, as a group$/, strayWireType],
  ],
  json: [
    [/^whole numbers with (an exponent|a fraction of zero), in quotes$/, "64 bits in quotes are digits alone"],
    [/^null for every absent field$/, "a message of a oneof must not be null where another member is set"],
    [/^-0 for every number that is 0$/, "32 bits keep the minus of a zero"],
  ],
};
const readsThough: typeof readsOtherwise = {
  protobuf: [
    [/^an unknown varint of eleven bytes$/, "what is skipped is not counted"],
    [/\..* packed, with one byte less than its length$/, "a list may reach beyond its message, if not beyond the body"],
    [/\.key of /, "the keys of a map are texts to us, and any number is one"],
  ],
  json: [
    [/ is (0x1|1) in quotes/, "texts are numbers as JavaScript has them"],
    [/ is a timestamp on the 30th of February(, inside)?$/, "it is the 2nd of March"],
  ],
};

for (const codec of codecNames) {
  const { [codec === "protobuf" ? "protobuf" : "json"]: otherwise } = readsOtherwise;
  const { [codec === "protobuf" ? "protobuf" : "json"]: though } = readsThough;

  describe(`encodings of one message in ${codec}`, () => {
    let bodies: readonly Encoded[];
    before(() => {
      bodies = bodiesIn(codec);
    });

    it("mean the same to the server", () => {
      for (const { type, usual, same } of bodies) {
        const meaning = server(type, usual, codec);
        for (const { name, body } of same) expectSame(server(type, body, codec), meaning, name);
      }
    }).timeout(60_000);

    it("mean the same to another library, but for what it is known to read otherwise", () => {
      const departures = new Departures(otherwise);
      for (const { type, usual, same } of bodies) {
        const meaning = library(type, usual, codec);
        for (const { name, body } of same)
          departures.allow(name, () => expectSame(library(type, body, codec), meaning, name));
      }
      departures.expectAll();
    }).timeout(60_000);

    it("that must be refused are refused by the server", () => {
      for (const { type, refused } of bodies)
        for (const { name, body } of refused) {
          const { detail } = refusal(() => server(type, body, codec));
          if (detail === "") expect.fail(`${name}: refused without a word`);
        }
    }).timeout(60_000);

    it("that must be refused are refused by another library, but for what it is known to read", () => {
      const departures = new Departures(though);
      for (const { type, refused } of bodies)
        for (const { name, body } of refused)
          departures.allow(name, () => expectRefusal(() => library(type, body, codec)));
      departures.expectAll();
    }).timeout(60_000);

    it("that break off mean to the server what is said of them, or are refused", () => {
      // Without the largest, whose thousands of pieces say nothing that those of the others do not.
      for (const { type, cut } of bodies.slice(1))
        for (const { name, body, meaning } of cut) {
          if (meaning === undefined) refusal(() => server(type, body, codec));
          else expectSame(server(type, body, codec), meaning, name);
        }
    }).timeout(60_000);

    it("have names of their own, and are the same at every call", () => {
      for (const first of bodies) {
        const again = encoded({ type: first.type, value: structuredClone(first.value) }, codec);
        for (const sort of ["same", "refused", "cut"] as const) {
          const [variants, others] = [first[sort], again[sort]];
          const isSame = variants.every(
            ({ name, body }, at) => others[at]!.name === name && others[at]!.body.equals(body),
          );
          expect(isSame && others.length === variants.length).to.equal(true);
          expect(new Set(variants.map(({ name }) => name)).size).to.equal(variants.length);
        }
      }
    }).timeout(60_000);

    it("are tens, not thousands, for a message of four fields", () => {
      const type = descriptors.rpcs.get("sendMessage")!.request;
      const value = { chat_id: 1, text: "text", client_message_id: "id", reply_to_id: 2 };
      expect(sameMeaning(descriptors, type, value, codec)).to.have.length.within(15, 40);
      expect(refused(descriptors, type, value, codec)).to.have.length.within(50, 130);
    });
  });
}

describe("the encodings of a message with every kind of field", () => {
  /** Those of the names that none of the variants has. */
  const missing = (found: readonly string[], wanted: readonly string[]): string[] =>
    wanted.filter((name) => !found.includes(name));
  /** The first example is that message with all its fields set. */
  const names = (sort: "same" | "refused", codec: CodecName): string[] =>
    bodiesIn(codec)[0]![sort].map(({ name }) => name);

  it("are in protobuf of all these sorts", () => {
    const same = names("same", "protobuf");
    expect(
      missing(same, [
        "fields in reverse order",
        "every tag in five bytes",
        "every length in five bytes",
        "every varint in ten bytes",
        ...[0, 1, 2, 3, 5].map((type) => `unknown fields of wire type ${type} before, between and after the others`),
        "unknown fields of the highest number",
        "unknown fields of every wire type inside every message",
        "99 unknown groups, nested",
        "every known number once more, as a group",
        "a_string twice, the last counts",
        "a_double twice, the last counts",
        "a_color with bits beyond its type",
        "an_int32 with bits beyond its type",
        "a negative an_int32 in five bytes",
        "a_bool true as the number 2",
        "a_uint64 as a varint of ten bytes",
        "a_fixed32 again, with another wire type",
        "a_kinds in two pieces that are merged",
        "a_kinds in two pieces, the second empty",
        "a_kinds in two pieces that both have its single fields, the last count",
        "a_time in two pieces that are merged",
        "int32s not packed",
        "int32s packed and not packed in turns",
        "loose_int64s packed",
        "doubles not packed",
        "strings with other fields between its values",
        "entries of int64_by_string with the value before the key",
        "entries of int64_by_string without what is a default",
        "entries of kinds_by_bool with unknown fields in them",
        "each entry of time_by_uint32 twice, the last counts",
        "chosen_string after another of its oneof, the last counts",
      ]),
    ).to.deep.equal([]);
    const kinds = kindsType("Kinds");
    expect(sameMeaning(descriptors, kinds, {}, "protobuf").map(({ name }) => name)).to.include("defaults written out");
  });

  it("are in JSON of all these sorts", () => {
    for (const [codec, keys, numbers] of [
      ["json", "keys in lowerCamelCase", "whole numbers in quotes"],
      ["protojson", "keys as in the .proto file", "whole numbers without quotes"],
    ] as const) {
      expect(
        missing(names("same", codec), [
          keys,
          numbers,
          "whole numbers with a fraction of zero",
          "whole numbers with an exponent",
          "other numbers in quotes",
          "enums by number",
          "every letter escaped, in keys too",
          "slashes escaped",
          "each entry of a map twice, the last counts",
          "timestamps at the offset +03:00",
          "timestamps at the offset -00:00",
          "timestamps with as few digits as necessary",
          "timestamps with nine digits of a fraction",
          "timestamps with digits below a millisecond, which are dropped",
          "white space of all four kinds around every token",
          "members in reverse order",
          "a byte order mark at the beginning",
          "null for every absent field",
          "-0 for every number that is 0",
          "a_string first with another value, the last counts",
          "strings first as null, the last counts",
          "a_kinds first with messages nested 100 deep, the last counts",
        ]),
      ).to.deep.equal([]);
    }
    const empty = sameMeaning(descriptors, kindsType("Kinds"), {}, "json").map(({ name }) => name);
    expect(empty).to.include("defaults written out");
  });

  it("that must be refused are in protobuf of all these sorts", () => {
    expect(
      missing(names("refused", "protobuf"), [
        "a zero tag",
        "a zero tag inside a message",
        ...[0, 1, 2, 3, 4, 5].map((type) => `field number zero with wire type ${type}`),
        "a field number above 2^29 - 1",
        "a tag of six bytes",
        "wire type 6",
        "wire type 7 of a known field",
        "the end of a group that did not begin",
        "a group that does not end",
        "a group that ends as another",
        "100 unknown groups, nested",
        "messages nested 101 deep",
        "an_int32 as a varint of eleven bytes",
        "a_string with one byte less than its length",
        "a_string with a negative length",
        "a_double cut short by its last byte",
        "a_string with a truncated letter",
        "strings with half a surrogate pair",
        "int64_by_string.key with an overlong letter",
        "an_int64 of 2^53",
        "sint64s of -(2^63)",
        "a_uint64 of 2^64 - 1",
        "int64_by_string.value of -(2^53)",
        "fixed32s packed, cut in the middle of a value",
        "int32s packed, with a varint of eleven bytes",
        "a_time before the year 1",
        "times with negative nanoseconds",
      ]),
    ).to.deep.equal([]);
  });

  it("that must be refused are in JSON of all these sorts", () => {
    for (const codec of ["json", "protojson"] as const)
      expect(
        missing(names("refused", codec), [
          "no bytes",
          "a list as the whole body",
          "null as the whole body",
          "a trailing comma",
          "text after the body",
          "a comment",
          "a key in single quotes",
          "a key without quotes",
          "an unknown key",
          "a key with half a surrogate pair",
          "UTF-16",
          "messages nested 101 deep",
          "two members of the oneof choice",
          "a_string in both spellings",
          'a_bool is "true" in quotes',
          "an_int32 is 1.5",
          "an_int64 is an empty text",
          "an_int64 is 9007199254740992 in quotes",
          "a_uint32 is -1",
          "a_color is an unknown name",
          "a_double is NaN",
          "a_string is half of a surrogate pair, escaped",
          "a_string is a text with a bare control character",
          "a_string is a text that is not UTF-8",
          "strings is null, inside",
          "strings is one value where a list belongs",
          "a_string is a list",
          "int64_by_string is a list where a map belongs",
          "string_by_int64 is a map with a key of another type",
          "a_time is a timestamp without a zone",
          "a_time is a timestamp in the year 10000",
          "a_kinds is an object with an unknown key",
        ]),
      ).to.deep.equal([]);
  });
});

describe("messages in messages", () => {
  it("are read to a depth of 100 and refused from there on, in every serialization", () => {
    for (const type of ["Kinds", "Bounded"].map(kindsType))
      for (const codec of codecNames) {
        const nested = (depth: number): Buffer =>
          codec === "protobuf" ? deepBytes(type, depth)! : Buffer.from(JSON.stringify(deepPlain(type, depth)));
        for (const read of [server, library]) {
          expect(() => read(type, nested(deepest), codec)).not.to.throw();
          expect(() => read(type, nested(tooDeep), codec)).to.throw(/deep|depth/);
        }
      }
  });

  it("are not made of a type that does not hold itself", () => {
    const { request } = descriptors.rpcs.get("batchSendMessages")!;
    expect(deepPlain(request, deepest)).to.equal(undefined);
    expect(deepBytes(request, deepest)).to.equal(undefined);
  });
});

describe("a body that breaks off", () => {
  it("is in protobuf a message up to the last field that is whole", () => {
    const type = descriptors.rpcs.get("sendMessage")!.request;
    const cuts = truncations(descriptors, type, { chat_id: 300, text: "ab", reply_to_id: 1 }, "protobuf");
    expect(cuts.map(({ meaning }) => meaning)).to.deep.equal([
      { chat_id: 0, text: "" },
      undefined,
      undefined,
      { chat_id: 300, text: "" },
      undefined,
      undefined,
      undefined,
      { chat_id: 300, text: "ab" },
      undefined,
    ]);
    expect(cuts.map(({ name }) => name).slice(3, 5)).to.deep.equal([
      "cut after 3 of 9 bytes, before text",
      "cut after 4 of 9 bytes, in the middle of text",
    ]);
  });

  it("is in JSON never a message", () => {
    const type = descriptors.rpcs.get("sendMessage")!.request;
    for (const codec of ["json", "protojson"] as const) {
      const cuts = truncations(descriptors, type, { text: "я" }, codec);
      expect(cuts.map(({ body, meaning }) => [body.length, meaning])).to.deep.equal(
        Array.from({ length: Buffer.byteLength('{"text":"я"}') }, (_, at) => [at, undefined]),
      );
    }
  });
});
