// The golden files of the contract: they are up to date, and the codecs of the server, which are independent of the library
// that wrote the files, read and write them too.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type protobuf from "protobufjs";
import { checkGolden } from "../../../runner/golden/check-golden.js";
import { readGolden, type GoldenEncodings } from "../../../runner/golden/golden.js";
import { differences } from "../../../runner/match.js";
import { codecs, type Plain } from "../../../src/contract/codecs/codec.js";
import { loadContract } from "../../../src/contract/model/load.js";
import { clientDescriptors } from "../../support/client-descriptors.js";
import { suite } from "../../../suite/suite.js";

const protoDirectory = fileURLToPath(new URL("../../../proto", import.meta.url));
const goldenFolder = fileURLToPath(suite.golden);
const golden = readGolden(goldenFolder);
const contract = loadContract(protoDirectory);

/** Each golden value with its message, and a name for people. */
const samples: Sample[] = [];
for (const { message, fields, whole } of golden.messages.values()) {
  for (const [name, field] of Object.entries(fields))
    samples.push(sample(message, name, field, { [name]: field.value }));
  for (const encodings of whole) samples.push(sample(message, "all fields", encodings, encodings.value));
}

interface Sample {
  readonly name: string;
  readonly type: protobuf.Type;
  readonly encodings: GoldenEncodings;
  readonly value: Plain;
}

function sample(message: string, part: string, encodings: GoldenEncodings, value: Plain): Sample {
  return { name: `${message}: ${part}`, type: contract.root.lookupType(message), encodings, value };
}

/** The golden JSON as the server reads it: the value, with every default in its place. */
function read({ type, encodings }: Sample): Plain {
  return codecs.json.reader(type)(Buffer.from(encodings.json));
}

describe("the golden files of the contract", () => {
  it("break no released client and are complete (after an addition: make golden)", async () => {
    const findings = checkGolden(await clientDescriptors(), goldenFolder, suite.clients);
    expect(findings.map(({ sentence }) => sentence)).to.deep.equal([]);
    expect(samples.length, "golden values").to.be.greaterThan(150);
  });

  it("are read by the server to the same message from each of the three serializations", () => {
    for (const each of samples) {
      const { name, type, encodings, value } = each;
      const plain = read(each);
      expect(differences(plain, value), name).to.deep.equal([]);
      expect(codecs.protojson.reader(type)(Buffer.from(encodings.protojson)), name).to.deep.equal(plain);
      expect(codecs.protobuf.reader(type)(Buffer.from(encodings.protobuf, "hex")), name).to.deep.equal(plain);
    }
  });

  it("are written by the server to the same bytes and the same ProtoJSON", () => {
    for (const each of samples) {
      const { name, type, encodings } = each;
      const plain = read(each);
      expect(codecs.protobuf.writer(type)(plain).toString("hex"), name).to.equal(encodings.protobuf);
      expect(codecs.protojson.writer(type)(plain).toString("utf8"), name).to.equal(encodings.protojson);
    }
  });

  // The golden JSON has only the fields that are set, so that a new field does not change it. The server writes the others
  // with their defaults, which are removed again: the rest is the same text, in the same order.
  it("are written by the server to the same JSON, except for defaults", () => {
    for (const each of samples) {
      const { name, type, encodings } = each;
      const text = codecs.json.writer(type)(read(each)).toString("utf8");
      const written = JSON.parse(text) as unknown;
      expect(JSON.stringify(written), name).to.equal(text);
      expect(codecs.json.reader(type)(Buffer.from(text)), name).to.deep.equal(read(each));
      expect(JSON.stringify(only(written, JSON.parse(encodings.json))), name).to.equal(encodings.json);
    }
  });

  // proto/ROUTES.txt is generated from the server's contract by other code than the golden routes.
  it("have the routes of proto/ROUTES.txt, line by line", () => {
    const lines = readFileSync(`${protoDirectory}/ROUTES.txt`, "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      // The scopes, in the fifth column, are no part of the golden routes.
      .map((line) => line.split(/\s+/).slice(0, 6).toSpliced(4, 1).join(" "));
    const routes = Object.entries(golden.routes).map(([name, { verb, path, access, success }]) => {
      const { service, name: rpc } = contract.methods.find(({ handler }) => handler === name)!;
      return [verb, path, `${service}.${rpc}`, access.replace(/^ACCESS_/, ""), success].join(" ");
    });
    expect(routes).to.deep.equal(lines);
  });
});

/** The parts of a value that another value has too. */
function only(value: unknown, wanted: unknown): unknown {
  if (Array.isArray(value)) return value.map((item, at) => only(item, (wanted as unknown[])[at]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) =>
      key in (wanted as Plain) ? [[key, only(part, (wanted as Plain)[key])]] : [],
    ),
  );
}
