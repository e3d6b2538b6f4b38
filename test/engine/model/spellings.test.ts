// Options in every spelling that protobuf allows, read by the engine, by buf and by the runner: all three have the same
// options. buf resolves the names with a linker of its own.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { getOption, toJson, type DescExtension, type Message } from "@bufbuild/protobuf";
import { expect } from "chai";
import * as fc from "fast-check";
import protobuf from "protobufjs";
import { readDescriptors, type Descriptors } from "../../../runner/client/descriptors.js";
import { rulesOf } from "../../../runner/client/rules.js";
import { optionValues } from "../../../src/contract/model/declared-options.js";
import { loadContract, type Contract } from "../../../src/contract/model/load.js";
import { keywordsOf } from "../../../src/contract/validation/rules.js";
import { contractWith } from "../../support/contract-with.js";

const proto = fileURLToPath(new URL("../../../proto", import.meta.url));

type Rules = Readonly<Record<string, unknown>>;

/** A field with its rules, before it is spelled. */
interface Declared {
  readonly type: string;
  readonly rules: Rules;
  readonly isTrimmed: boolean;
}

const whole = fc.integer({ min: -20, max: 20 });
const someText = fc.string({
  unit: fc.constantFrom("a", "Z", " ", '"', "'", "\\", "\n", "\t", "é", "💬"),
  maxLength: 6,
});
const numeric = (type: string): fc.Arbitrary<Rules> =>
  fc
    .record(
      { gt: whole, lte: fc.integer({ min: 21, max: 2 ** 40 }), in: fc.array(whole, { minLength: 1, maxLength: 4 }) },
      { requiredKeys: [] },
    )
    .map((rules) => ({ [type]: rules }));
const rulesByType: Readonly<Record<string, fc.Arbitrary<Rules>>> = {
  int64: numeric("int64"),
  string: fc
    .record(
      {
        min_len: fc.nat(5),
        max_len: fc.integer({ min: 6, max: 900 }),
        in: fc.array(someText, { minLength: 1, maxLength: 3 }),
        email: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .map((string) => ({ string })),
  "repeated int64": fc
    .tuple(numeric("int64"), fc.boolean(), fc.nat(9))
    .map(([items, unique, max_items]) => ({ repeated: { items, unique, max_items } })),
};

const declared: fc.Arbitrary<Declared> = fc.constantFrom(...Object.keys(rulesByType)).chain((type) =>
  fc.record({
    type: fc.constant(type),
    rules: fc
      .tuple(rulesByType[type]!, fc.option(fc.boolean(), { nil: undefined }))
      .map(([rules, required]) => (required === undefined ? rules : Object.assign({ required }, rules))),
    isTrimmed: type === "string" ? fc.boolean() : fc.constant(false),
  }),
);

/** One of the texts, by a number that fast-check made. */
type Choose = <Value>(...of: readonly Value[]) => Value;

/** What may stand between two tokens. */
const gap = (choose: Choose): string => choose("", "", " ", "\n", " /* a ) comment */ ", " // another }\n ");

/** The names that lead from a package to an extension. */
function namesOf(extension: string, packageName: string): string[] {
  const shortened = packageName
    .split(".")
    .map((_, index, parts) => parts.slice(0, index + 1).join("."))
    .filter((scope) => extension.startsWith(`${scope}.`))
    .map((scope) => extension.slice(scope.length + 1));
  return [extension, `.${extension}`, ...shortened];
}

function spellText(text: string, choose: Choose): string {
  const mark = choose('"', "'");
  const chars = [...text].map((char) => {
    if (char === "\\" || char === mark) return `\\${char}`;
    if (char === "\n") return choose("\\n", "\\012", "\\x0a");
    return char === "a" ? choose("a", "\\x61", "\\141") : char;
  });
  const cut = choose(0, 1, 2);
  const parts = cut === 0 || chars.length < cut ? [chars] : [chars.slice(0, cut), chars.slice(cut)];
  return parts.map((part) => mark + part.join("") + mark).join(choose(" ", "\n"));
}

function spellValue(value: unknown, choose: Choose): string {
  if (typeof value === "string") return spellText(value, choose);
  if (typeof value !== "number" || value <= 0) return String(value);
  return choose(String(value), `0x${value.toString(16)}`, `0${value.toString(8)}`);
}

/** The inside of `{}`. */
function spellAggregate(rules: Rules, choose: Choose): string {
  const entries = Object.entries(rules).flatMap(([name, value]) => {
    if (Array.isArray(value)) {
      // Zeros that are given one by one are refused; see load.test.ts.
      const isList = value.some((each) => each === 0 || each === "") || choose(true, false);
      const spelled = value.map((each) => spellValue(each, choose));
      return isList ? [`${name}: [${spelled.join(choose(",", " , "))}]`] : spelled.map((each) => `${name}: ${each}`);
    }
    return typeof value === "object"
      ? [`${name}${choose(":", "", " : ")}${gap(choose)} {${spellAggregate(value as Rules, choose)}}`]
      : [`${name}${choose("", " ")}:${choose("", " ")}${spellValue(value, choose)}`];
  });
  return entries.join(choose(" ", ", ", "; ", "\n"));
}

/** The options of a part of the rules, `(name).path...`: whole, or in pieces. */
function spellPieces(path: string, rules: Rules, choose: Choose): string[] {
  if (choose(true, false, false)) return [`${path} = {${gap(choose)}${spellAggregate(rules, choose)}}`];
  return Object.entries(rules).flatMap(([name, value]) => {
    const below = `${path}${choose("", " ")}.${choose("", "", " ")}${name}`;
    if (Array.isArray(value)) {
      if (value.some((each) => each === 0 || each === "")) return spellOnce(path, name, value, choose);
      return value.map((each) => `${below} = ${spellValue(each, choose)}`);
    }
    return typeof value === "object"
      ? spellPieces(below, value as Rules, choose)
      : [`${below}${choose("", " ")}=${choose("", " ")}${spellValue(value, choose)}`];
  });
}

/** One value by itself, which may be zero; of several with a zero, none. */
function spellOnce(path: string, name: string, values: readonly unknown[], choose: Choose): string[] {
  return values.length === 1 ? [`${path}.${name} = ${spellValue(values[0], choose)}`] : [];
}

/** `[...]` of a field in a package. */
function spellOptions({ rules, isTrimmed }: Declared, packageName: string, choose: Choose): string {
  const name = (extension: string): string =>
    `(${choose("", " ")}${choose(...namesOf(extension, packageName))}${choose("", " ")})`;
  // Each piece may have its own spelling of the same name; two wholes of one option are not allowed.
  const pieces = spellPieces("(rules)", rules, choose).map((piece) =>
    piece.replace("(rules)", () => name("buf.validate.field")),
  );
  const options = [...pieces, ...(isTrimmed ? [`${name("lyceum.v1.trim")} = true`] : []), "deprecated = false"];
  return `[${gap(choose)}${(choose(true, false) ? options.toReversed() : options).join(`,${gap(choose)}`)}]`;
}

const packages = ["spelled.v1", "lyceum.v1.spelled", "lyceum.spelled", "buf.validate.spelled", "buf.spelled"];

/** A file with every declared field, in a message inside a message: the scopes of names are several. */
function fileOf(packageName: string, fields: readonly Declared[], choose: Choose): string {
  const lines = fields.map(
    (field, index) => `${field.type} f${index} = ${index + 1} ${spellOptions(field, packageName, choose)};`,
  );
  return `syntax = "proto3";
    package ${packageName};
    import "buf/validate/validate.proto";
    import "lyceum/v1/options.proto";
    message Outer { message Inner {
      string buf = 1000; string lyceum = 1001;
      ${lines.join("\n")}
    } }`;
}

/** Fields whose nearest extension of a name is another one, and hides that of the contract. */
const shadows = `syntax = "proto3";
  package lyceum.v1.shadows;
  import "google/protobuf/descriptor.proto";
  import "lyceum/v1/options.proto";
  message Hiding {
    extend google.protobuf.FieldOptions { bool trim = 60001; bool field = 60002; }
    string hidden = 1 [(trim) = true];
    string seen = 2 [(v1.trim) = true];
    string ours = 3 [(lyceum.v1.trim) = true, (Hiding.trim) = false];
    message Below { string hidden = 1 [(trim) = true, (field) = true]; }
  }
  message Beside { string trimmed = 1 [(trim) = true]; string hidden = 2 [(Hiding.trim) = true]; }`;

/** With numbers as text, as buf's JSON has 64-bit integers, and lists sorted: pieces under different names have no order. */
function comparable(value: unknown): unknown {
  const replace = (_: string, each: unknown): unknown =>
    typeof each === "number" ? String(each) : Array.isArray(each) ? each.map(String).sort() : each;
  return JSON.parse(JSON.stringify(value ?? null, replace));
}

describe("an option in any legal spelling", () => {
  let contract: Contract;
  let descriptors: Descriptors;
  let fields: readonly protobuf.Field[];
  const seed = Date.now();

  before(async function () {
    this.timeout(60_000);
    const directory = mkdtempSync(join(tmpdir(), "spelled-"));
    const files = new Map(
      packages.map((packageName, index) => {
        const made = fc.sample(fc.array(declared, { minLength: 40, maxLength: 40 }), {
          numRuns: 1,
          seed: seed + index,
        });
        const numbers = fc.sample(fc.nat(), { numRuns: 40_000, seed: seed + index });
        let next = 0;
        const choose: Choose = (...of) => of[numbers[next++ % numbers.length]! % of.length]!;
        return [`${packageName}.proto`, fileOf(packageName, made[0]!, choose)] as const;
      }),
    );
    files.set("shadows.proto", shadows);
    const paths = [...files].map(([name, text]) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    });
    try {
      descriptors = readDescriptors(await contractWith(...paths));
      contract = loadContract(proto, files);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    } finally {
      rmSync(directory, { recursive: true });
    }
    const messages = [...packages.map((name) => `${name}.Outer.Inner`), ...shadowed];
    fields = messages.flatMap((name) => contract.root.lookupType(name).fieldsArray);
  });
  const shadowed = ["Hiding", "Hiding.Below", "Beside"].map((name) => `lyceum.v1.shadows.${name}`);

  function resolved(field: protobuf.Field): [trim: unknown, rules: unknown] {
    const { registry } = descriptors;
    const its = registry.getMessage(field.parent!.fullName.slice(1))!.fields.find(({ name }) => name === field.name)!;
    const [trim, rules] = ["lyceum.v1.trim", "buf.validate.field"].map((name) =>
      getOption(its, registry.getExtension(name) as DescExtension),
    );
    const schema = registry.getMessage("buf.validate.FieldRules")!;
    return [trim, comparable(toJson(schema, rules as Message, { registry, useProtoFieldName: true }))];
  }

  it("is the option that buf reads", () => {
    expect(fields.length).to.be.above(200);
    for (const field of fields) {
      const [trim, rules] = resolved(field);
      const where = `seed ${seed}: ${field.fullName}`;
      expect(optionValues(field, "lyceum.v1.trim")[0] ?? false, where).to.equal(trim);
      expect(comparable(optionValues(field, "buf.validate.field")[0] ?? {}), where).to.deep.equal(rules);
    }
    expect(fields.filter((field) => Object.keys(keywordsOf(field).value).length > 0).length).to.be.above(50);
  });

  it("is the option that the runner acts on", () => {
    const { registry } = descriptors;
    for (const field of fields) {
      const its = registry.getMessage(field.parent!.fullName.slice(1))!.fields.find(({ name }) => name === field.name)!;
      const rules = rulesOf(descriptors, its);
      const where = `seed ${seed}: ${field.fullName}`;
      const [written = {}] = optionValues(field, "buf.validate.field") as Record<string, Record<string, unknown>>[];
      const { items: _, ...own } = written[rules.kind] ?? {};
      expect(rules.isTrimmed, where).to.equal(optionValues(field, "lyceum.v1.trim")[0] ?? false);
      expect(comparable(rules.of), where).to.deep.equal(comparable(own));
    }
  });
});
