// The golden files of the contract: they hold today, and the server's own codecs, which have other authors than the ones
// that the files are made with, read and write them too.
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

/** Each golden value with the message that it is, and a name for people. */
const samples: Sample[] = [];
for (const { message, fields, whole } of golden.messages.values()) {
  for (const [name, field] of Object.entries(fields))
    samples.push(sample(message, name, field, { [name]: field.value }));
  for (const wire of whole) samples.push(sample(message, "all fields", wire, wire.value));
}

interface Sample {
  readonly name: string;
  readonly type: protobuf.Type;
  readonly wire: GoldenEncodings;
  readonly value: Plain;
}

function sample(message: string, part: string, wire: GoldenEncodings, value: Plain): Sample {
  return { name: `${message}: ${part}`, type: contract.root.lookupType(message), wire, value };
}

/** What the server reads in the golden JSON: the value, with every default in its place. */
function read({ type, wire }: Sample): Plain {
  return codecs.json.reader(type)(Buffer.from(wire.json));
}

describe("the golden files of the contract", () => {
  it("hold: no released client breaks, and nothing is missing in them (what is new: make golden)", async () => {
    const findings = checkGolden(await clientDescriptors(), goldenFolder, suite.clients);
    expect(findings.map(({ sentence }) => sentence)).to.deep.equal([]);
    expect(samples.length, "golden values").to.be.greaterThan(150);
  });

  it("are read by the server to the same message from each of the three serializations", () => {
    for (const each of samples) {
      const { name, type, wire, value } = each;
      const plain = read(each);
      expect(differences(plain, value), name).to.deep.equal([]);
      expect(codecs.protojson.reader(type)(Buffer.from(wire.protojson)), name).to.deep.equal(plain);
      expect(codecs.protobuf.reader(type)(Buffer.from(wire.protobuf, "hex")), name).to.deep.equal(plain);
    }
  });

  it("are written by the server to the same bytes and the same ProtoJSON", () => {
    for (const each of samples) {
      const { name, type, wire } = each;
      const plain = read(each);
      expect(codecs.protobuf.writer(type)(plain).toString("hex"), name).to.equal(wire.protobuf);
      expect(codecs.protojson.writer(type)(plain).toString("utf8"), name).to.equal(wire.protojson);
    }
  });

  // The golden JSON has the fields that are set alone, or a field that is added somewhere would change it everywhere. The
  // server writes the others with their defaults, so those are cut out again: the rest is the same text, in the same order.
  it("are written by the server to the same JSON, but for the defaults", () => {
    for (const each of samples) {
      const { name, type, wire } = each;
      const text = codecs.json.writer(type)(read(each)).toString("utf8");
      const written = JSON.parse(text) as unknown;
      expect(JSON.stringify(written), name).to.equal(text);
      expect(written, name).to.deep.equal(read(each));
      expect(JSON.stringify(only(written, JSON.parse(wire.json))), name).to.equal(wire.json);
    }
  });

  // proto/ROUTES.txt is what the server serves today, made and kept fresh by other code than the golden routes: there is no
  // need of a second copy of it, for the golden routes say as much of a route, and are what was released.
  it("have the routes of proto/ROUTES.txt, line by line", () => {
    const lines = readFileSync(`${protoDirectory}/ROUTES.txt`, "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => line.split(/\s+/).slice(0, 5).join(" "));
    const routes = Object.entries(golden.routes).map(([name, { verb, path, access, success }]) => {
      const { service, name: rpc } = contract.methods.find(({ handler }) => handler === name)!;
      return [verb, path, `${service}.${rpc}`, access.replace(/^ACCESS_/, ""), success].join(" ");
    });
    expect(routes).to.deep.equal(lines);
  });
});

/** The parts of a value that another one has as well. */
function only(value: unknown, wanted: unknown): unknown {
  if (Array.isArray(value)) return value.map((item, at) => only(item, (wanted as unknown[])[at]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) =>
      key in (wanted as Plain) ? [[key, only(part, (wanted as Plain)[key])]] : [],
    ),
  );
}
