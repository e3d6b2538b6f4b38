// Equivalent encodings and refused encodings: checked with the server's decoders and with @bufbuild/protobuf, an independent
// implementation.
import { isDeepStrictEqual } from "node:util";
import { fromBinary, fromJson, type DescMessage, type JsonValue } from "@bufbuild/protobuf";
import { expect } from "chai";
import { codecNames, decode, encode, plain, type CodecName, type Plain } from "../../../runner/client/encoding.js";
import { truncations } from "../../../runner/encodings/binary/truncations.js";
import { refused, sameMeaning } from "../../../runner/encodings/encodings.js";
import { deepBytes, deepest, deepPlain, tooDeep } from "../../../runner/encodings/nesting.js";
import { codecs } from "../../../src/contract/codecs/codec.js";
import { contract, refusal } from "../../engine/codecs/kinds.js";
import { repeats } from "../../support/numbers.js";
import { accepted, Departures, readDifferently } from "./departures.js";
import { Examples, type Encoded } from "./examples.js";

let examples: Examples;
before(async function () {
  this.timeout(60_000);
  examples = await Examples.open(repeats(5, 1));
});

/** Decodes a body; throws when it is refused. */
type Read = (type: DescMessage, body: Buffer, codec: CodecName) => Plain;

const server: Read = ({ typeName }, body, codec) =>
  withBase64(codecs[codec].reader(contract.root.lookupType(typeName))(body)) as Plain;

/** A value that the server read, with bytes in base64, as the runner has them. It is changed in place. */
function withBase64(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString("base64");
  if (typeof value !== "object" || value === null) return value;
  for (const [key, each] of Object.entries(value)) (value as Plain)[key] = withBase64(each);
  return value;
}

const library: Read = (type, body, codec) => {
  const { registry } = examples.descriptors;
  if (codec === "protobuf") return plain(registry, type, fromBinary(type, body));
  const json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as JsonValue;
  return plain(registry, type, fromJson(type, json, { registry }));
};

/** Fails when the values differ. Chai describes the difference, but compares slowly. */
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

for (const codec of codecNames) {
  const { [codec === "protobuf" ? "protobuf" : "json"]: differently } = readDifferently;
  const { [codec === "protobuf" ? "protobuf" : "json"]: known } = accepted;

  describe(`the encodings of one message in ${codec}`, () => {
    let bodies: readonly Encoded[];
    before(() => {
      bodies = examples.in(codec);
    });

    it("are decoded by the server to the same message", () => {
      for (const { type, usual, same } of bodies) {
        const meaning = server(type, usual, codec);
        for (const { name, body } of same) expectSame(server(type, body, codec), meaning, name);
      }
    }).timeout(60_000);

    it("are decoded by another library to the same message, with known departures", () => {
      const departures = new Departures(differently);
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
          if (detail === "") expect.fail(`${name}: refused without a detail`);
        }
    }).timeout(60_000);

    it("that must be refused are refused by another library, with known departures", () => {
      const departures = new Departures(known);
      for (const { type, refused } of bodies)
        for (const { name, body } of refused)
          departures.allow(name, () => expectRefusal(() => library(type, body, codec)));
      departures.expectAll();
    }).timeout(60_000);

    it("have a minus zero with its sign, to the runner and to the server", () => {
      const { registry } = examples.descriptors;
      const type = examples.kindsType("Kinds");
      const signed = { a_double: -0, a_float: -0, doubles: [-0, 0], double_by_string: { a: -0 }, wrapped_float: -0 };
      const written = codecs[codec].writer(contract.root.lookupType(type.typeName))(signed);
      expect(decode(registry, type, written, codec)).to.deep.include(signed);
      expect(server(type, encode(registry, type, signed, codec), codec)).to.deep.include(signed);
    });

    it("that are truncated are decoded by the server to the expected message, or refused", () => {
      // Without the largest message, whose thousands of truncations test nothing new.
      for (const { type, cut } of bodies.slice(1))
        for (const { name, body, meaning } of cut) {
          if (meaning === undefined) refusal(() => server(type, body, codec));
          // Written anew, since of a list the server reads one more element than it may have, and no other.
          else
            expectSame(
              server(type, body, codec),
              server(type, encode(examples.descriptors.registry, type, meaning, codec), codec),
              name,
            );
        }
    }).timeout(60_000);

    it("have unique names, and are the same at every call", () => {
      for (const first of bodies) {
        const again = examples.encoded({ type: first.type, value: structuredClone(first.value) }, codec);
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

    it("are some tens for a message of four fields", () => {
      const type = examples.descriptors.rpcs.get("sendMessage")!.request;
      const value = { chat_id: 1, text: "text", client_message_id: "id", reply_to_id: 2 };
      expect(sameMeaning(examples.descriptors, type, value, codec)).to.have.length.within(10, 40);
      expect(refused(examples.descriptors, type, value, codec)).to.have.length.within(50, 150);
    });
  });
}

describe("nested messages", () => {
  it("are accepted to a depth of 100 and refused beyond it, in every serialization", () => {
    for (const type of ["Kinds", "Bounded"].map((name) => examples.kindsType(name)))
      for (const codec of codecNames) {
        const nested = (depth: number): Buffer =>
          codec === "protobuf" ? deepBytes(type, depth)! : Buffer.from(JSON.stringify(deepPlain(type, depth)));
        for (const read of [server, library]) {
          expect(() => read(type, nested(deepest), codec)).not.to.throw();
          expect(() => read(type, nested(tooDeep), codec)).to.throw(/deep|depth/);
        }
      }
  });

  it("do not exist for a type that does not contain itself", () => {
    const { request } = examples.descriptors.rpcs.get("batchSendMessages")!;
    expect(deepPlain(request, deepest)).to.equal(undefined);
    expect(deepBytes(request, deepest)).to.equal(undefined);
  });
});

describe("a truncated body", () => {
  it("is a message in protobuf after a complete field", () => {
    const type = examples.descriptors.rpcs.get("sendMessage")!.request;
    const cuts = truncations(examples.descriptors, type, { chat_id: 300, text: "ab", reply_to_id: 1 }, "protobuf");
    expect(cuts.map(({ meaning }) => meaning)).to.deep.equal([
      { chat_id: 0, text: "", file_ids: [] },
      undefined,
      undefined,
      { chat_id: 300, text: "", file_ids: [] },
      undefined,
      undefined,
      undefined,
      { chat_id: 300, text: "ab", file_ids: [] },
      undefined,
    ]);
    expect(cuts.map(({ name }) => name).slice(3, 5)).to.deep.equal([
      "cut after 3 of 9 bytes, before text",
      "cut after 4 of 9 bytes, in the middle of text",
    ]);
  });

  it("is never a message in JSON", () => {
    const type = examples.descriptors.rpcs.get("sendMessage")!.request;
    for (const codec of ["json", "protojson"] as const) {
      const cuts = truncations(examples.descriptors, type, { text: "я" }, codec);
      expect(cuts.map(({ body, meaning }) => [body.length, meaning])).to.deep.equal(
        Array.from({ length: Buffer.byteLength('{"text":"я"}') }, (_, at) => [at, undefined]),
      );
    }
  });
});
