// The answers of the testee to valid messages and to requests that it skips, on every machine: the official runner starts on
// some alone. Messages that must be refused are in refusals.test.ts.
import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { fromBinary, fromJsonString, toBinary, toJson, type DescMessage, type FileRegistry } from "@bufbuild/protobuf";
import { expect } from "chai";
import {
  decode,
  encode,
  frame,
  loadOracle,
  messageOf,
  projectRoot,
  testee,
  testeeProgram,
  unframe,
  type Request,
} from "./testee-client.js";
import { loadTestMessage, testMessageName } from "./test-messages.js";

const send = testee();

let oracle: FileRegistry;
let schema: DescMessage;
before(async () => {
  oracle = await loadOracle();
  schema = messageOf(oracle, testMessageName);
});

describe("the conformance testee", () => {
  const valid: Record<string, object> = {
    nothing: {},
    numbers: {
      optionalInt32: -2147483648,
      optionalInt64: "-9007199254740991",
      optionalUint32: 4294967295,
      optionalUint64: "9007199254740991",
      optionalSint32: -1,
      optionalSint64: "-4294967297",
      optionalFixed32: 1,
      optionalFixed64: "4294967296",
      optionalSfixed32: -7,
      optionalSfixed64: "-8",
      optionalFloat: 1.5,
      optionalDouble: -1e300,
    },
    "numbers that are none": { optionalDouble: "NaN", repeatedFloat: ["Infinity", "-Infinity", 0] },
    "texts and truth": { optionalString: 'Ёж 🦔 \u0000"\\', optionalCord: "c", optionalBool: true },
    "messages in messages": { optionalNestedMessage: { a: 1, corecursive: { optionalForeignMessage: { c: -3 } } } },
    enums: { optionalNestedEnum: "NEG", repeatedForeignEnum: ["FOREIGN_BAZ", 17], optionalAliasedEnum: "MOO" },
    "lists, packed and not": {
      repeatedInt32: [1, -1, 0],
      packedSint64: ["1", "-1"],
      unpackedDouble: [0, 0.1],
      unpackedNestedEnum: ["BAR"],
      repeatedNestedMessage: [{}, { a: 2 }],
    },
    maps: {
      mapStringString: { "": "", a: "b" },
      mapBoolBool: { true: false, false: true },
      mapInt64Int64: { "-1": "1" },
      mapStringNestedMessage: { x: { a: 5 } },
      mapFixed32Fixed32: { 7: 8 },
    },
    "a oneof that holds a default": { oneofUint32: 0 },
    bytes: { optionalBytes: "+/8=", repeatedBytes: ["", "AA=="], mapStringBytes: { a: "eA==", "": "" } },
    "a oneof that holds no bytes": { oneofBytes: "" },
    durations: {
      optionalDuration: "-315576000000.999999999s",
      repeatedDuration: ["0s", "1.500s", "-0.000000001s", "0.000001s"],
    },
    wrappers: {
      optionalBoolWrapper: false,
      optionalInt32Wrapper: 0,
      optionalInt64Wrapper: "-9007199254740991",
      optionalUint64Wrapper: "0",
      optionalFloatWrapper: "NaN",
      optionalStringWrapper: "",
      optionalBytesWrapper: "",
      repeatedUint32Wrapper: [0, 4294967295],
      repeatedStringWrapper: ["", "a"],
      repeatedDoubleWrapper: ["-Infinity", 0.5],
    },
    "messages in an Any": {
      optionalAny: { "@type": `type.googleapis.com/${testMessageName}`, optionalInt64: "-5", repeatedAny: [{}] },
      repeatedAny: [
        { "@type": "type.googleapis.com/google.protobuf.Timestamp", value: "2026-11-23T12:00:00Z" },
        { "@type": "type.googleapis.com/google.protobuf.Any", value: {} },
      ],
    },
    timestamps: { optionalTimestamp: "2026-11-23T12:00:00.250Z", repeatedTimestamp: ["0001-01-01T00:00:00Z"] },
    "names that are hard to spell": { FieldName3: 3, fieldName4: 4, field0Name6: 6, FIELDName12: 12, FieldName13: 13 },
  };
  for (const [what, json] of Object.entries(valid)) {
    const text = JSON.stringify(json);
    const inputs: Record<string, (oracle: FileRegistry) => Request> = {
      JSON: () => ({ json: text }),
      binary: (oracle) => {
        const schema = messageOf(oracle, testMessageName);
        return { protobuf: toBinary(schema, fromJsonString(schema, text, { registry: oracle })) };
      },
    };
    for (const [form, input] of Object.entries(inputs)) {
      const asProtobuf = send((oracle) => ({ ...input(oracle), output: "PROTOBUF" }));
      const asJson = send((oracle) => ({ ...input(oracle), output: "JSON" }));

      it(`reads and writes ${what} in ${form} as another implementation does`, () => {
        const registry = oracle;
        const expected = toJson(schema, fromJsonString(schema, text, { registry }), { registry });
        expect(asProtobuf().case).to.equal("protobufPayload");
        expect(toJson(schema, fromBinary(schema, asProtobuf().value as Uint8Array), { registry })).to.deep.equal(
          expected,
        );
        expect(asJson().case).to.equal("jsonPayload");
        expect(JSON.parse(asJson().value as string)).to.deep.equal(expected);
      });
    }
  }

  const skipped: Record<string, Request> = {
    "messages of proto2": { json: "{}", messageType: "protobuf_test_messages.proto2.TestAllTypesProto2" },
    "messages of editions": { json: "{}", messageType: "protobuf_test_messages.editions.proto3.TestAllTypesProto3" },
    "unknown keys that are to be ignored": { json: '{"x": 1}', category: "JSON_IGNORE_UNKNOWN_PARSING_TEST" },
    "text format as output": { json: "{}", output: "TEXT_FORMAT" },
    "text format as input": { text: "", output: "PROTOBUF" },
    "JSPB as output": { json: "{}", output: "JSPB" },
    "JSPB as input": { jspb: "[]", output: "PROTOBUF" },
  };
  for (const [what, request] of Object.entries(skipped)) {
    const answer = send(request);
    it(`skips ${what}`, () => expect(answer().case).to.equal("skipped"));
  }

  const failureSet = send({ protobuf: Buffer.alloc(0), messageType: "conformance.FailureSet", output: "PROTOBUF" });
  it("has no list of failures, as the runner has it", () => {
    expect(failureSet().case).to.equal("protobufPayload");
    expect(failureSet().value).to.have.length(0);
  });

  it("reads a frame that comes in pieces, and two that come at once", async () => {
    const child = spawn(process.execPath, testeeProgram, { cwd: projectRoot, stdio: ["pipe", "pipe", "inherit"] });
    const request = frame(encode(oracle, { json: '{"optionalInt32": 7}' }));
    const bytes = Buffer.concat([request, request, request]);
    const pieces = [bytes.subarray(0, 2), bytes.subarray(2, 9), bytes.subarray(9)];
    for (const piece of pieces) {
      child.stdin.write(piece);
      await delay(20);
    }
    child.stdin.end();
    const parts: Buffer[] = [];
    for await (const part of child.stdout as AsyncIterable<Buffer>) parts.push(part);
    const answers = [...unframe(Buffer.concat(parts))].map((each) => decode(oracle, each).value);
    expect(answers).to.deep.equal(['{"optionalInt32":7}', '{"optionalInt32":7}', '{"optionalInt32":7}']);
  });
});

describe("the conformance test message", () => {
  it("lacks the fields that the contract refuses, and no other", () => {
    const { type, refused } = loadTestMessage();
    expect([...new Set(refused.values())].sort()).to.deep.equal([
      "google.protobuf.FieldMask",
      "google.protobuf.ListValue",
      "google.protobuf.NullValue",
      "google.protobuf.Struct",
      "google.protobuf.Value",
    ]);
    const all = schema.fields.map((field) => field.name);
    expect([...refused.keys(), ...Object.keys(type.fields)].sort()).to.deep.equal(all.sort());
  });
});
