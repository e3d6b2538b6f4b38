// Our readers and writers beside those of @bufbuild/protobuf, which has other authors, on messages that fast-check makes:
// both accept the same, refuse the same, and read the same values. Where it departs from the specification (it reads a known
// field with another wire type as if it had its own, and " " and "0x1" as numbers; it refuses "1e2" for an int64, and null
// beside another member of a oneof) protobufjs is the judge. The cases in which ours are stricter on purpose are named here.
import {
  createFileRegistry,
  fromBinary,
  fromJsonString,
  toBinary,
  toJson,
  type DescMessage,
  type Message,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { isDeepStrictEqual } from "node:util";
import { expect } from "chai";
import fc from "fast-check";
import protobuf from "protobufjs";
import protojson from "protobufjs/ext/protojson.js";
import { codecs, defaults, type Plain } from "../../../src/contract/codecs/codec.js";
import { ApiError } from "../../../src/errors.js";
import { nestedMessageOf, scalarTypeOf } from "../../../src/contract/model/well-known-types.js";
import { contractWith } from "../../support/contract-with.js";
import { kind, kindsFile } from "./kinds.js";
import { bytesOf, foreignBase64, foreignDurations, jsonOf, mutations, spoiledJson } from "./kinds-arbitrary.js";

const seed = 20261123;
const Kinds = kind("Kinds");
const fromJson = codecs.json.reader(Kinds);
const fromProtobuf = codecs.protobuf.reader(Kinds);

let oracle: DescMessage;

/** The verdict of a reader on a body: the message, or its refusal. */
type Verdict<Value> = { value: Value } | { refused: string };

/** Our readers refuse with an ApiError, and any other error of them fails the test; other readers throw any error. */
function verdict<Value>(read: () => Value, refusal: abstract new (...all: never) => Error = Error): Verdict<Value> {
  try {
    return { value: read() };
  } catch (error) {
    if (!(error instanceof refusal)) throw error;
    return { refused: error.message };
  }
}

/** Whether both refuse, or both accept with the same value. */
function agree(ours: Verdict<Plain>, theirs: Verdict<Plain>): boolean {
  if ("refused" in ours || "refused" in theirs) return "refused" in ours && "refused" in theirs;
  return isDeepStrictEqual(ours.value, theirs.value);
}

/** Fails unless another reader agrees with ours, or only ours refuses, with a message that matches `stricter`. */
function expectAgreement(ours: Verdict<Plain>, others: readonly Verdict<Plain>[], stricter: RegExp): void {
  if (others.some((theirs) => agree(ours, theirs))) return;
  if ("refused" in ours) expect(ours.refused, JSON.stringify(others)).to.match(stricter);
  else expect(ours, "no other reader agrees").to.deep.equal(others[0]);
}

/** What @bufbuild/protobuf read, as our plain object; a Timestamp or a Duration out of range throws. */
function plainOf(message: Message): Plain {
  return plain(Kinds, toJson(oracle, message) as Plain);
}

/** ProtoJSON as another library writes it, as our plain object. */
function plain(type: protobuf.Type, json: Plain): Plain {
  const message = defaults(type);
  for (const field of type.fieldsArray) {
    const value = json[field.resolve().jsonName!];
    if (value === undefined) continue;
    if (field.repeated) message[field.name] = (value as unknown[]).map((each) => plainValue(field, each));
    else if (field.map) {
      for (const [key, each] of Object.entries(value as Plain))
        (message[field.name] as Plain)[key] = plainValue(field, each);
    } else message[field.name] = plainValue(field, value);
  }
  return message;
}

function plainValue(field: protobuf.Field, value: unknown): unknown {
  if (field.resolvedType?.fullName === ".google.protobuf.Timestamp")
    return (value as string).replace(/(?<=:\d\d)Z$/, ".000Z");
  const message = nestedMessageOf(field);
  if (message) return plain(message, value as Plain);
  const scalar = scalarTypeOf(field);
  if (scalar === "bytes") return Buffer.from(value as string, "base64");
  // Other libraries keep more digits of a float in JSON than 32 bits hold.
  if (scalar === "float") return Math.fround(Number(value));
  return typeof value === "string" && scalar !== "string" && scalar !== undefined ? Number(value) : value;
}

/** The messages of our refusals that other readers need not share, for a body of JSON. */
function stricterThan(text: string): RegExp {
  const holds = (others: readonly string[]): boolean => others.some((other) => text.includes(JSON.stringify(other)));
  if (holds(foreignBase64)) return /base64/;
  if (holds(foreignDurations)) return /duration/;
  // Both take "+1" for a number, which JSON does not.
  return holds(["+1"]) ? /number/ : /9007199254740991/;
}

before(async function () {
  this.timeout(60_000);
  const set = fromBinary(FileDescriptorSetSchema, await contractWith(kindsFile));
  oracle = createFileRegistry(set).getMessage("lyceum.test.kinds.v1.Kinds")!;
});

describe("beside @bufbuild/protobuf", () => {
  it("a message as JSON has the same meaning to both", () => {
    fc.assert(
      fc.property(jsonOf(Kinds), (json) => {
        const text = JSON.stringify(json);
        const ours = fromJson(Buffer.from(text));
        const theirs = fromJsonString(oracle, text);
        expect(ours).to.deep.equal(plainOf(theirs));
        expect(fromProtobuf(Buffer.from(toBinary(oracle, theirs)))).to.deep.equal(ours);
      }),
      { seed, numRuns: 500 },
    );
  });

  it("our bytes and our ProtoJSON have the same meaning to it as our JSON has to us", () => {
    fc.assert(
      fc.property(jsonOf(Kinds), (json) => {
        const ours = fromJson(Buffer.from(JSON.stringify(json)));
        const bytes = codecs.protobuf.writer(Kinds)(ours);
        const theirs = fromBinary(oracle, bytes);
        expect(plainOf(theirs)).to.deep.equal(ours);
        expect(toBinary(oracle, theirs).length).to.equal(bytes.length);
        const text = codecs.protojson.writer(Kinds)(ours).toString();
        expect(plainOf(fromJsonString(oracle, text))).to.deep.equal(ours);
        // JSON.stringify drops the sign of a minus zero, as protobufjs does.
        expect(JSON.stringify(JSON.parse(text))).to.equal(protojson.toJsonString(Kinds, Kinds.decode(bytes)));
        for (const codec of Object.values(codecs))
          expect(codec.reader(Kinds)(codec.writer(Kinds)(ours))).to.deep.equal(ours);
      }),
      { seed, numRuns: 500 },
    );
  });

  it("JSON with a wrong value is refused by both, or has the same meaning to both", () => {
    let refusals = 0;
    fc.assert(
      fc.property(spoiledJson(Kinds), (json) => {
        const text = JSON.stringify(json);
        const ours = verdict(() => fromJson(Buffer.from(text)), ApiError);
        if ("refused" in ours) refusals++;
        const others = [
          verdict(() => plainOf(fromJsonString(oracle, text))),
          verdict(() => plain(Kinds, protojson.toJson(Kinds, protojson.fromJsonString(Kinds, text)) as Plain)),
        ];
        expectAgreement(ours, others, stricterThan(text));
      }),
      { seed, numRuns: 2000 },
    );
    expect(refusals).to.be.within(200, 1900);
  });

  it("bytes that were cut, changed and put together are refused by both, or have the same meaning to both", () => {
    const whole = bytesOf(jsonOf(Kinds), (json) => toBinary(oracle, fromJsonString(oracle, JSON.stringify(json))));
    let refusals = 0;
    fc.assert(
      fc.property(mutations(whole), (bytes) => {
        const ours = verdict(() => fromProtobuf(Buffer.from(bytes)), ApiError);
        if ("refused" in ours) refusals++;
        const others = [
          verdict(() => plainOf(fromBinary(oracle, bytes))),
          verdict(() => plain(Kinds, protojson.toJson(Kinds, Kinds.decode(bytes)) as Plain)),
        ];
        expectAgreement(ours, others, /9007199254740991/);
      }),
      { seed, numRuns: 3000 },
    );
    expect(refusals).to.be.within(500, 2500);
  });
});
