// The values on both sides of the rules, validated by the server and by protovalidate, an independent implementation: valid
// values have no violations, values outside have exactly the expected ones.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Descriptors } from "../../../runner/client/descriptors.js";
import { codecNames, encode, type CodecName, type Plain } from "../../../runner/client/encoding.js";
import { forms } from "../../../runner/values/forms.js";
import { violationsOf } from "../../../runner/values/violations.js";
import { isAny, isDuration, wrappedFieldOf } from "../../../runner/client/well-known-types.js";
import { probedFields, probes, type Probe } from "../../../runner/values/probes.js";
import { validValue } from "../../../runner/values/valid.js";
import { codecs } from "../../../src/contract/codecs/codec.js";
import { optionValues } from "../../../src/contract/model/declared-options.js";
import { allDescriptors, runnerType, serverType, typeNames } from "./values-contract.js";
import { alike, linesOf, otherVerdict, serverVerdict } from "./verdicts.js";

let descriptors: Descriptors;

/** The violations that the server finds in a message of any serialization. */
function verdictOf(name: string): (value: Plain, codec: CodecName) => string[] {
  const verdict = serverVerdict(name);
  return (value, codec) => {
    const bytes = encode(descriptors.registry, runnerType(descriptors, name), value, codec);
    return verdict(codecs[codec].reader(serverType(name))(bytes));
  };
}

function probesOf(name: string, unique?: string): Probe[] {
  const type = runnerType(descriptors, name);
  return probes(descriptors, type, validValue(descriptors, type), unique === undefined ? {} : { unique });
}

describe("values on both sides of the rules", () => {
  before(async () => {
    descriptors = await allDescriptors();
  });

  for (const name of typeNames) {
    it(`${name}: a valid message has no violations`, () => {
      const value = validValue(descriptors, runnerType(descriptors, name));
      const verdict = verdictOf(name);
      for (const codec of codecNames) expect(verdict(value, codec)).to.deep.equal([]);
      expect(alike(name, otherVerdict(descriptors, name, value), value)).to.deep.equal([]);
    });

    it(`${name}: the probes have the expected violations, in every serialization`, () => {
      const verdict = verdictOf(name);
      for (const { field, rule, side, name: what, value, violations } of probesOf(name)) {
        const where = `${field} ${side} of ${rule}: ${what}`;
        if (side === "inside") expect(violations, where).to.deep.equal([]);
        else expect(violations, where).to.deep.include({ field, rule });
        for (const codec of codecNames)
          expect(verdict(value, codec), `${where}, ${codec}`).to.deep.equal(linesOf(violations));
        expect(alike(name, otherVerdict(descriptors, name, value), value), `${where}, protovalidate`).to.deep.equal(
          alike(name, linesOf(violations), value),
        );
      }
    });

    it(`${name}: the probes of one field are those of all that are of it`, () => {
      const type = runnerType(descriptors, name);
      const base = validValue(descriptors, type);
      const top = ({ field }: Probe): string => field.split(/[.[]/)[0]!;
      const linesOfProbes = (some: readonly Probe[]): string[] =>
        some.map(({ field, rule, side, name: what }) => `${field} ${side} of ${rule}: ${what}`);
      const all = probes(descriptors, type, base);
      expect(probedFields(descriptors, type)).to.deep.equal([...new Set(all.map(top))]);
      for (const { name: only } of type.fields)
        expect(linesOfProbes(probes(descriptors, type, base, { only })), only).to.deep.equal(
          linesOfProbes(all.filter((probe) => top(probe) === only)),
        );
    });

    it(`${name}: every declared rule has probes on both sides`, () => {
      for (const side of ["inside", "outside"] as const) {
        const written = rulesWritten(runnerType(descriptors, name), side);
        const probed = probesOf(name).filter((probe) => probe.side === side);
        const found = probed.map(({ field, rule }) => `${withoutBrackets(field)} ${rule}`);
        expect([...new Set(found)].sort(), side).to.deep.equal(written);
      }
    });
  }

  it("every supported rule of buf.validate has a probe", () => {
    const probed = new Set(typeNames.flatMap((name) => probesOf(name)).map(({ rule }) => rule));
    const known = runnerType(descriptors, "buf.validate.FieldRules").fields.flatMap(({ name, message }) =>
      message ? message.fields.filter(isRule).map((rule) => `${name}.${rule.name}`) : [name],
    );
    expect([...probed].sort()).to.deep.equal([...known, "string.no_nul", ...textRules].sort());
  });
});

const textRules = ["text.visible", "text.control", "text.line_break", "text.invisible"];

/** Whether a field of a message such as StringRules is a rule: neither an example nor the rules of inner values. */
function isRule({ name, message }: DescField): boolean {
  return name !== "example" && message?.typeName !== "buf.validate.FieldRules";
}

function withoutBrackets(field: string): string {
  return field.replace(/\[("(\\.|[^"\\])*"|[^\]]*)\]/g, "");
}

/** The rules of a message and its inner messages, as the server's library reads them: "books.title string.max_len". */
function rulesWritten(type: DescMessage, side: Probe["side"], at = "", above: readonly string[] = []): string[] {
  if (above.includes(type.typeName)) return [];
  const found = type.fields.flatMap((field) => {
    const path = `${at}${field.name}`;
    const server = serverType(type.typeName).fields[field.name]!;
    const rules = Object.assign({}, ...optionValues(server, "buf.validate.field")) as Plain;
    const { scalar } = wrappedFieldOf(field.message) ?? field;
    const text = optionValues(server, "lyceum.v1.text").at(-1);
    const implied = [
      ...(text === "TEXT_LINE" ? textRules : text === "TEXT_LINES" ? textRules.slice(0, 2) : []),
      ...(scalar === 9 || (field.fieldKind === "map" && field.mapKey === 9) ? ["string.no_nul"] : []),
      ...(field.enum ? ["enum.defined_only"] : []),
    ];
    const { message } = field;
    const inner =
      message &&
      message.typeName !== "google.protobuf.Timestamp" &&
      !isDuration(message) &&
      !isAny(message) &&
      scalar === undefined
        ? rulesWritten(message, side, `${path}.`, [...above, type.typeName])
        : [];
    return [...namesOf(rules, side), ...implied].map((rule) => `${path} ${rule}`).concat(inner);
  });
  return [...new Set(found)].sort();
}

function namesOf(rules: Plain, side: Probe["side"]): string[] {
  return Object.entries(rules).flatMap(([kind, of]) => {
    if (kind === "required") return of === true ? ["required"] : [];
    return Object.entries(of as Plain).flatMap(([rule, bound]) => {
      if (["items", "keys", "values"].includes(rule)) return namesOf(bound as Plain, side);
      // No value is shorter than an empty one.
      if (side === "outside" && rule.startsWith("min_") && Number(bound) === 0) return [];
      return rule === "example" || bound === false ? [] : [`${kind}.${rule}`];
    });
  });
}

describe("a given base", () => {
  const name = "lyceum.v1.BatchSendMessagesRequest";
  const base = {
    chat_id: 77,
    messages: [
      { text: "one", client_message_id: "first", reply_to_id: 5 },
      { text: "two", client_message_id: "second" },
    ],
  };

  it("is unchanged except for the probed field", () => {
    const before = structuredClone(base);
    const found = probes(descriptors, runnerType(descriptors, name), base).filter(
      ({ rule }) => !rule.startsWith("repeated"),
    );
    for (const { field, value } of found) {
      const messages = value["messages"] as Plain[];
      if (field !== "chat_id") expect(value["chat_id"]).to.equal(77);
      expect(messages[1]).to.deep.equal(base.messages[1]);
      const changed = Object.keys(base.messages[0]!).filter(
        (key) => messages[0]![key] !== (base.messages[0] as Plain)[key],
      );
      expect(changed.map((key) => `messages[0].${key}`)).to.have.members(
        field === "chat_id" ? [] : changed.length ? [field] : [],
      );
    }
    expect(base).to.deep.equal(before);
  });

  it("gives its items to longer lists, and no unique values to further items", () => {
    const found = probes(descriptors, runnerType(descriptors, name), base);
    const full = found.find(({ rule, side }) => rule === "repeated.max_items" && side === "inside")!;
    const messages = full.value["messages"] as Plain[];
    expect(messages).to.have.length(100);
    expect(messages.slice(0, 2)).to.deep.equal(base.messages);
    expect(messages[99]).to.deep.equal({ text: "one" });
  });

  it("is refused when it is invalid", () => {
    expect(() =>
      probes(descriptors, runnerType(descriptors, name), { chat_id: 0, messages: [{ text: "a" }] }),
    ).to.throw("breaks int64.gt at chat_id");
  });
});

describe("valid addresses", () => {
  const name = "lyceum.v1.RegisterRequest";
  const addresses = (unique: string): string[] =>
    probesOf(name, unique)
      .filter(({ field, side }) => field === "email" && side === "inside")
      .map(({ value }) => (value["email"] as string).trim().toLowerCase());

  it("are unique, in one call and in two", () => {
    const all = [...addresses("run-1"), ...addresses("run-2")];
    expect(new Set(all).size).to.equal(all.length);
    expect(all).to.have.length.above(10);
  });

  it("keep their unique part at the largest length", () => {
    const longest = addresses("run-1").filter(({ length }) => length === 254);
    expect(longest).to.have.length(2);
    for (const address of longest)
      expect(address)
        .to.contain("run-1")
        .and.match(/^[^@]{64}@/);
  });

  it("are valid at every length, as are URIs", () => {
    for (let length = 3; length < 600; length++) {
      const address = forms["email"]!.ofLength(length, "x")!;
      expect(address).to.have.length(length);
      expect(forms["email"]!.is(address), address).to.equal(true);
      const uri = forms["uri"]!.ofLength(length, "")!;
      expect(uri).to.have.length(length);
      expect(forms["uri"]!.is(uri), uri).to.equal(true);
    }
  });
});

describe("the violations that the runner finds", () => {
  it("include every missing field", () => {
    const type = runnerType(descriptors, "lyceum.test.v1.Musts");
    expect(linesOf(violationsOf(descriptors, type, { list: ["a"], optional_number: 0 }))).to.deep.equal([
      "color required",
      "flag required",
      "list repeated.min_items",
      "long required",
      "message required",
      "number required",
      "optional_text required",
      "pairs required",
      "text required",
    ]);
  });
});
