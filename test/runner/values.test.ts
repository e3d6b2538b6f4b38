// The values that stand on both sides of the rules, judged by the server's validator and by protovalidate, which has another
// author: what is valid breaks nothing, what is outside breaks exactly what it says.
import { fromJson, type DescField, type DescMessage, type JsonValue } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator } from "@bufbuild/protovalidate";
import { expect } from "chai";
import type { Descriptors } from "../../runner/descriptors.js";
import { codecNames, encode, type Plain } from "../../runner/encoding.js";
import { forms } from "../../runner/values/forms.js";
import { violationsOf } from "../../runner/values/judge.js";
import { probes, type Probe } from "../../runner/values/probes.js";
import { validValue } from "../../runner/values/valid.js";
import { codecs } from "../../src/contract/codec.js";
import { optionValues } from "../../src/contract/load.js";
import { trimmer } from "../../src/contract/trim.js";
import { validator } from "../../src/contract/validate.js";
import { ApiError } from "../../src/errors.js";
import { allDescriptors, runnerType, serverType, typeNames } from "./values-contract.js";

const oracle = createValidator();
let descriptors: Descriptors;

interface Violation {
  readonly field: string;
  readonly rule: string;
}

function lines(violations: readonly Violation[]): string[] {
  return violations.map(({ field, rule }) => `${field} ${rule}`).sort();
}

/** What the server says of a message that came in one of the serializations. */
function serverVerdict(name: string): (value: Plain, codec: (typeof codecNames)[number]) => string[] {
  const type = serverType(name);
  const validate = validator(type);
  return (value, codec) => {
    const bytes = encode(descriptors.registry, runnerType(descriptors, name), value, codec);
    try {
      validate(codecs[codec].reader(type)(bytes));
      return [];
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      expect(error.reason, error.detail).to.equal("INVALID_FIELDS");
      return lines(error.more.violations ?? []);
    }
  };
}

/**
 * What protovalidate says, in our names: it has one name for a range with two ends, and one more for an empty address.
 */
function otherVerdict(name: string, value: Plain): string[] {
  const trimmed = structuredClone(value);
  trimmer(serverType(name))?.(trimmed);
  const type = runnerType(descriptors, name);
  const { kind, error, violations } = oracle.validate(
    type,
    fromJson(type, trimmed as JsonValue, { registry: descriptors.registry }),
  );
  if (kind === "error") throw error;
  return alike(
    name,
    (violations ?? []).map((violation) => `${pathToString(violation.field)} ${violation.ruleId}`),
  );
}

/** Without what protovalidate does not know: no_nul, and that the enums of kinds.proto, which does not say so, are closed. */
function alike(name: string, verdict: readonly string[]): string[] {
  const unknown = name.includes(".kinds.") ? / (string\.no_nul|enum\.defined_only)$/ : / string\.no_nul$/;
  return verdict
    .filter((line) => !unknown.test(line))
    .map((line) => line.replace(/(int\d+)\.(gte?|lte?)(_lte?)?$/, "$1.range").replace(/_empty$/, ""))
    .sort();
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
    it(`${name}: a valid message breaks nothing`, () => {
      const value = validValue(descriptors, runnerType(descriptors, name));
      const verdict = serverVerdict(name);
      for (const codec of codecNames) expect(verdict(value, codec)).to.deep.equal([]);
      expect(otherVerdict(name, value)).to.deep.equal([]);
    });

    it(`${name}: the probes break what they say, in every serialization`, () => {
      const verdict = serverVerdict(name);
      for (const { field, rule, side, name: what, value, violations } of probesOf(name)) {
        const where = `${field} ${side} of ${rule}: ${what}`;
        if (side === "inside") expect(violations, where).to.deep.equal([]);
        else expect(violations, where).to.deep.include({ field, rule });
        for (const codec of codecNames)
          expect(verdict(value, codec), `${where}, ${codec}`).to.deep.equal(lines(violations));
        expect(otherVerdict(name, value), `${where}, protovalidate`).to.deep.equal(alike(name, lines(violations)));
      }
    });

    it(`${name}: there are probes on both sides of every rule that is written`, () => {
      for (const side of ["inside", "outside"] as const) {
        const written = rulesWritten(runnerType(descriptors, name), side);
        const probed = probesOf(name).filter((probe) => probe.side === side);
        const found = probed.map(({ field, rule }) => `${withoutBrackets(field)} ${rule}`);
        expect([...new Set(found)].sort(), side).to.deep.equal(written);
      }
    });
  }

  it("every rule that buf.validate has here is probed somewhere", () => {
    const probed = new Set(typeNames.flatMap((name) => probesOf(name)).map(({ rule }) => rule));
    const known = runnerType(descriptors, "buf.validate.FieldRules").fields.flatMap(({ name, message }) =>
      message ? message.fields.filter(isRule).map((rule) => `${name}.${rule.name}`) : [name],
    );
    expect([...probed].sort()).to.deep.equal([...known, "string.no_nul"].sort());
  });
});

/** Whether a field of a message such as StringRules is a rule: not an example, and not the rules of something inside. */
function isRule({ name, message }: DescField): boolean {
  return name !== "example" && message?.typeName !== "buf.validate.FieldRules";
}

function withoutBrackets(field: string): string {
  return field.replace(/\[("(\\.|[^"\\])*"|[^\]]*)\]/g, "");
}

/** The rules of a message and of those in it, as the server's library finds them: "books.title string.max_len". */
function rulesWritten(type: DescMessage, side: Probe["side"], at = "", above: readonly string[] = []): string[] {
  if (above.includes(type.typeName)) return [];
  const found = type.fields.flatMap((field) => {
    const path = `${at}${field.name}`;
    const server = serverType(type.typeName).fields[field.name]!;
    const rules = Object.assign({}, ...optionValues(server, "buf.validate.field")) as Plain;
    const implied = [
      ...(field.scalar === 9 || (field.fieldKind === "map" && field.mapKey === 9) ? ["string.no_nul"] : []),
      ...(field.enum ? ["enum.defined_only"] : []),
    ];
    const { message } = field;
    const inner =
      message && message.typeName !== "google.protobuf.Timestamp"
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
      // Nothing is shorter than nothing.
      if (side === "outside" && rule.startsWith("min_") && Number(bound) === 0) return [];
      return rule === "example" || bound === false ? [] : [`${kind}.${rule}`];
    });
  });
}

describe("a base of one's own", () => {
  const name = "lyceum.v1.BatchSendMessagesRequest";
  const base = {
    chat_id: 77,
    messages: [
      { text: "one", client_message_id: "first", reply_to_id: 5 },
      { text: "two", client_message_id: "second" },
    ],
  };

  it("stays as it is but for the field that is probed", () => {
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

  it("gives its items to longer lists, and to the further ones nothing that no two can have", () => {
    const found = probes(descriptors, runnerType(descriptors, name), base);
    const full = found.find(({ rule, side }) => rule === "repeated.max_items" && side === "inside")!;
    const messages = full.value["messages"] as Plain[];
    expect(messages).to.have.length(100);
    expect(messages.slice(0, 2)).to.deep.equal(base.messages);
    expect(messages[99]).to.deep.equal({ text: "one" });
  });

  it("is refused when it is not valid itself", () => {
    expect(() =>
      probes(descriptors, runnerType(descriptors, name), { chat_id: 0, messages: [{ text: "a" }] }),
    ).to.throw("breaks int64.gt at chat_id");
  });
});

describe("addresses that are inside", () => {
  const name = "lyceum.v1.RegisterRequest";
  const addresses = (unique: string): string[] =>
    probesOf(name, unique)
      .filter(({ field, side }) => field === "email" && side === "inside")
      .map(({ value }) => (value["email"] as string).trim().toLowerCase());

  it("are never the same twice, in one call or in two", () => {
    const all = [...addresses("run-1"), ...addresses("run-2")];
    expect(new Set(all).size).to.equal(all.length);
    expect(all).to.have.length.above(10);
  });

  it("keep what tells them apart where they are as long as they may be", () => {
    const longest = addresses("run-1").filter(({ length }) => length === 254);
    expect(longest).to.have.length(2);
    for (const address of longest)
      expect(address)
        .to.contain("run-1")
        .and.match(/^[^@]{64}@/);
  });

  it("are addresses at every length, as are the other forms", () => {
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

describe("the runner's own verdict", () => {
  it("finds what is missing, at once and everywhere", () => {
    const type = runnerType(descriptors, "lyceum.test.v1.Musts");
    expect(lines(violationsOf(descriptors, type, { list: ["a"], optional_number: 0 }))).to.deep.equal([
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
