// Our verdicts beside those of protovalidate, which has another author: on messages that fast-check makes, with values on
// both sides of each bound. In both verdicts the same fields break the same rules.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createFileRegistry, fromBinary, fromJson, type FileRegistry, type JsonValue } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createValidator } from "@bufbuild/protovalidate";
import { expect } from "chai";
import * as fc from "fast-check";
import type protobuf from "protobufjs";
import { codecs, type Plain } from "../../../src/contract/codecs/codec.js";
import { loadContract } from "../../../src/contract/model/load.js";
import { trimmer } from "../../../src/contract/validation/trim.js";
import { validator } from "../../../src/contract/validation/validate.js";
import { ApiError } from "../../../src/errors.js";
import { contractWith } from "../../support/contract-with.js";
import { messages } from "../codecs/generated-messages.js";

const proto = fileURLToPath(new URL("../../../proto", import.meta.url));
const rulesFile = fileURLToPath(new URL("rules.proto", import.meta.url));
const contract = loadContract(proto, new Map([["rules.proto", readFileSync(rulesFile, "utf8")]]));
const oracle = createValidator();
const validators = new Map<protobuf.Type, ReturnType<typeof validator>>();

let registry: FileRegistry;

/** The rules that a message breaks, as lines of field and rule. */
type Verdict = readonly string[];

function ours(type: protobuf.Type, json: Plain): Verdict {
  const request = codecs.json.reader(type)(Buffer.from(JSON.stringify(json)));
  const validate = validators.get(type) ?? validator(type);
  validators.set(type, validate);
  try {
    validate(request);
    return [];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return (error.more.violations ?? []).map(({ field, rule }) => `${field} ${rule}`);
  }
}

function theirs(type: protobuf.Type, json: Plain): Verdict {
  const schema = registry.getMessage(type.fullName.slice(1))!;
  const trimmed = structuredClone(json);
  trimmer(type)?.(trimmed);
  const { kind, error, violations } = oracle.validate(schema, fromJson(schema, trimmed as JsonValue, { registry }));
  if (kind === "error") throw error;
  return (violations ?? []).map((violation) => `${pathToString(violation.field)} ${violation.ruleId}`);
}

/**
 * Brings both to the same names: protovalidate has one name for a range with two ends, and one more for an empty address;
 * it matches patterns against texts that are too long; it does not know string.no_nul and the rules of texts, nor e-mail addresses beyond ASCII.
 */
function alike(verdict: Verdict, tooLong: ReadonlySet<string>, isAscii: boolean): Verdict {
  return verdict
    .filter(
      (line) =>
        !/ (string\.no_nul|text\.\w+)$/.test(line) &&
        (isAscii || !/ string\.email(_empty)?$/.test(line)) &&
        !(line.endsWith(" string.pattern") && tooLong.has(line.split(" string")[0]!)),
    )
    .map((line) => line.replace(/(int\d+|duration)\.(gte?|lte?)(_lte?)?$/, "$1.range").replace(/_empty$/, ""))
    .sort();
}

function expectSameVerdict(type: protobuf.Type, json: Plain): void {
  const [mine, other] = [ours(type, json), theirs(type, json)];
  const tooLong = new Set(
    mine.filter((line) => line.endsWith(" string.max_len")).map((line) => line.split(" string")[0]!),
  );
  const isAscii = /^[\0-\x7f]*$/.test(JSON.stringify(json));
  expect(alike(mine, tooLong, isAscii)).to.deep.equal(alike(other, tooLong, isAscii));
}

/** One of the choices, mostly the first; of many, any. */
function mostlyTheFirst(choices: readonly string[]): fc.Arbitrary<string> {
  const first = { weight: choices.length > 9 ? 1 : 8, arbitrary: fc.constant(choices[0]!) };
  return fc.oneof(first, fc.constantFrom(...choices));
}

describe("beside protovalidate", function () {
  this.timeout(60_000);

  before(async () => {
    registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, await contractWith(rulesFile)));
  });

  for (const name of ["Texts", "Numbers", "Colors", "Many", "Moments", "Bytes", "Spans", "Wrapped", "Held", "Musts"]) {
    const type = contract.root.lookupType(`lyceum.test.v1.${name}`);
    it(`${name} breaks the same rules`, () => {
      fc.assert(
        fc.property(messages(type), (json) => expectSameVerdict(type, json)),
        { seed: 2026, numRuns: 100 },
      );
    });
  }

  for (const type of new Set(contract.methods.map(({ request }) => request))) {
    if (type.fieldsArray.length === 0) continue;
    it(`${type.name} breaks the same rules`, () => {
      fc.assert(
        fc.property(messages(type), (json) => expectSameVerdict(type, json)),
        { seed: 2026, numRuns: 25 },
      );
    });
  }

  // Pieces from which texts of the form are made, and texts that are nearly of the form.
  const pieces: Readonly<Record<string, readonly (readonly string[])[]>> = {
    email: [
      ["a", "a.b", "", "é", ".", "{a}'"],
      ["@", "", "@@"],
      ["b", "b-", "-b", "7", "a".repeat(63), "a".repeat(64)],
      ["", ".", ".c", ".c-d", "@c"],
    ],
    uri: [
      ["http", "a+b-c.9", "9a", "", "я"],
      [":", "", "::"],
      ["//", "", "/", "///"],
      ["", "user@", "a:b%20@", "a@b@", "[@"],
      [
        "host",
        "",
        "127.0.0.1",
        "%D1%8F",
        "%ff",
        "%2",
        "[::1]",
        "[1:2:3:4:5:6:7:8]",
        "[1:2:3:4:5:6:7::8]",
        "[1::2:3:4:5:6:7]",
        "[1:2:3:4:5:6:7]",
        "[::1",
        "[fe80::a%25en%31]",
        "[fe80::a%en1]",
        "[fe80::a%25]",
        "[v1.x:y]",
        "[v.x]",
        "[v1.]",
        "[::ffff:1.2.3.4]",
        "[:::]",
        "[12345::]",
        "[:1::]",
      ],
      ["", ":", ":80", ":8a", ":80:80"],
      ["", "/", "/a/b:c@d", "//", "/%zz", "/ ", "/[", "?"],
      ["", "?a=/?b", "?я", "#", "#a#b", "#/?", "?%2"],
    ],
    uuid: [
      ["5f0c7c9e", "5F0C7C9", "g0000000"],
      ["-", ""],
      ["8f5A-4aBb", "8f5A4aBb"],
      ["-", "_"],
      ["0123-456789aBcDeF", "0123-456789aBcDe"],
      ["", "\n"],
    ],
  };
  for (const [form, parts] of Object.entries(pieces)) {
    it(`both accept the same texts as ${form}`, () => {
      const type = contract.root.lookupType("lyceum.test.v1.Texts");
      const texts = fc.tuple(...parts.map(mostlyTheFirst)).map((chosen) => chosen.join(""));
      fc.assert(
        fc.property(texts, (text) => expectSameVerdict(type, { [form]: text })),
        { seed: 2026, numRuns: 600 },
      );
    });
  }
});
