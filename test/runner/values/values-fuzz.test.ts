// Generated messages in every serialization: decoding returns the message, and the server and protovalidate find the same
// violations as the runner.
import { expect } from "chai";
import * as fc from "fast-check";
import { absent } from "../../../runner/cases/case.js";
import type { Descriptors } from "../../../runner/client/descriptors.js";
import { codecNames, decode, encode, type Plain } from "../../../runner/client/encoding.js";
import { changed, changes, type Change } from "../../../runner/values/changes.js";
import { violationsOf } from "../../../runner/values/violations.js";
import { validValue } from "../../../runner/values/valid.js";
import { codecs } from "../../../src/contract/codecs/codec.js";
import { allDescriptors, runnerType, serverType, typeNames } from "./values-contract.js";
import { alike, linesOf, otherVerdict, serverVerdict } from "./verdicts.js";
import { repeats } from "../../support/numbers.js";

const seed = 20261123;
let descriptors: Descriptors;

function baseOf(name: string): Plain {
  return validValue(descriptors, runnerType(descriptors, name));
}

/** A value as JSON has it, without prototypes, and with bytes in base64. */
function bared(value: unknown): unknown {
  const text = JSON.stringify(value, function (this: Plain, key, each: unknown) {
    const own = this[key];
    return Buffer.isBuffer(own) ? own.toString("base64") : each;
  });
  return JSON.parse(text);
}

/** The largest number of violations that the server reports. */
const mostViolations = 100;

/** Without the patterns of texts that are too long, which protovalidate checks too. */
function withoutLong(verdict: readonly string[]): string[] {
  const isTooLong = (line: string): boolean => verdict.includes(line.replace(/string\.pattern$/, "string.max_len"));
  return verdict.filter((line) => !(line.endsWith(" string.pattern") && isTooLong(line)));
}

describe("generated messages", () => {
  before(async () => {
    descriptors = await allDescriptors();
  });

  for (const name of typeNames) {
    it(`${name}: are decoded unchanged, and have the violations that the runner finds`, function () {
      this.timeout(60_000);
      const { registry } = descriptors;
      const type = runnerType(descriptors, name);
      const base = baseOf(name);
      const server = serverVerdict(name);
      const check = (made: readonly Change[]): void => {
        const value = changed(base, made);
        const whole = decode(registry, type, encode(registry, type, value, "protobuf"), "protobuf");
        const expected = linesOf(violationsOf(descriptors, type, value));
        for (const codec of codecNames) {
          expect(decode(registry, type, encode(registry, type, whole, codec), codec), codec).to.deep.equal(whole);
          const request = codecs[codec].reader(serverType(name))(encode(registry, type, value, codec));
          expect(bared(request), codec).to.deep.equal(bared(whole));
          const found = server(request);
          if (expected.length <= mostViolations) expect(found, codec).to.deep.equal(expected);
          else {
            expect(found, codec).to.have.length(mostViolations);
            expect(expected, codec).to.include.members(found);
          }
        }
        const other = otherVerdict(descriptors, name, value);
        expect(alike(name, withoutLong(other), value)).to.deep.equal(alike(name, withoutLong(expected), value));
      };
      fc.assert(fc.property(changes(descriptors, type), check), { seed, numRuns: repeats(20, 150) });
    });
  }

  it("are valid in about half of the cases, and mostly have one or two changes", () => {
    const type = runnerType(descriptors, "lyceum.v1.BatchSendMessagesRequest");
    const base = baseOf(type.typeName);
    const made = fc.sample(changes(descriptors, type), { seed, numRuns: 1000 });
    const valid = made.filter((all) => violationsOf(descriptors, type, changed(base, all)).length === 0);
    expect(valid.length).to.be.within(250, 750);
    expect(made.filter((all) => all.length <= 2).length).to.be.above(700);
  });

  it("contain every kind of text, number and timestamp, and no surrogates", () => {
    const all = ["Texts", "Numbers", "Colors", "Moments", "Many"].flatMap((name) => {
      const type = runnerType(descriptors, `lyceum.test.v1.${name}`);
      return fc.sample(changes(descriptors, type), { seed, numRuns: 1000 }).flat();
    });
    const values = JSON.stringify(all.map(({ value }) => value));
    for (const part of [
      "\\u0000",
      "\u2028",
      "\ufffd",
      "\u{10ffff}",
      "\u202e",
      "\u0301",
      "\u200b",
      "\ufeff",
      "\u00a0",
      "%",
      "<",
      "'",
    ])
      expect(values, JSON.stringify(part)).to.contain(part);
    for (const number of [9007199254740991, -9007199254740991, 2147483647, -2147483648, 0, -1])
      expect(values).to.match(new RegExp(`[:,[]${number}[,}\\]]`));
    expect(values).to.contain("9999-12-31T23:59:59.999999999Z").and.contain("1969-12-31T23:59:59.999Z");
    expect(values.isWellFormed()).to.equal(true);
    expect(values).not.to.match(/\\ud[89a-f]/);
    const tags = all
      .filter(({ path }) => path.at(-1) === "tags")
      .map(({ value }) => (Array.isArray(value) ? value.length : -1));
    expect([...new Set(tags)]).to.include.members([0, 1, 2, 3, 4, -1]);
    expect(all.filter(({ value }) => value === absent)).to.have.length.above(100);
  });

  it("are the same for the same seed", () => {
    const type = runnerType(descriptors, "lyceum.test.v1.Many");
    const once = fc.sample(changes(descriptors, type), { seed: 7, numRuns: 200 });
    const again = fc.sample(changes(descriptors, type), { seed: 7, numRuns: 200 });
    const other = fc.sample(changes(descriptors, type), { seed: 8, numRuns: 200 });
    expect(again).to.deep.equal(once);
    expect(other).not.to.deep.equal(once);
  });

  const shrunk: Readonly<Record<string, [type: string, holds: (value: Plain) => boolean, smallest: Change]>> = {
    "to one character of a text": [
      "lyceum.v1.SendMessageRequest",
      ({ text }) => !String(text).includes("%"),
      { path: ["text"], value: "%" },
    ],
    "to a field that is absent": [
      "lyceum.v1.BatchSendMessagesRequest",
      ({ messages }) => Array.isArray(messages) && messages.length > 0,
      { path: ["messages"], value: absent },
    ],
    "to one number": [
      "lyceum.v1.ListChatsRequest",
      ({ skip }) => Number(skip ?? 0) <= 100_000,
      { path: ["skip"], value: 100_001 },
    ],
    "to one field of a message inside": [
      "lyceum.v1.BatchSendMessagesRequest",
      ({ messages }) => !JSON.stringify(messages ?? null).includes("reply_to_id"),
      { path: ["messages", 0, "reply_to_id"], value: 1 },
    ],
  };
  for (const [what, [name, holds, smallest]] of Object.entries(shrunk)) {
    it(`shrink ${what}`, () => {
      const type = runnerType(descriptors, name);
      const base = baseOf(name);
      const made = fc.check(
        fc.property(changes(descriptors, type), (all) => holds(changed(base, all))),
        { seed, numRuns: 3000 },
      );
      expect(made.counterexample).to.deep.equal([[smallest]]);
    });
  }
});

describe("changes", () => {
  const base = { a: 1, list: [{ b: 1 }], map: { k: { c: 1 } } };
  const cases: Readonly<Record<string, [made: Change[], value: Plain]>> = {
    "set a field": [[{ path: ["a"], value: 2 }], { ...base, a: 2 }],
    "remove a field": [[{ path: ["a"], value: absent }], { list: base.list, map: base.map }],
    "reach into lists and maps": [
      [
        { path: ["list", 0, "b"], value: 2 },
        { path: ["map", "k", "c"], value: absent },
      ],
      { a: 1, list: [{ b: 2 }], map: { k: {} } },
    ],
    "create the messages on their paths": [
      [
        { path: ["list", 5, "b"], value: 2 },
        { path: ["new", 1, "d", "e"], value: 3 },
        { path: ["none", "d"], value: absent },
      ],
      { ...base, list: [{ b: 1 }, { b: 2 }], new: [{ d: { e: 3 } }] },
    ],
    "are made in order": [
      [
        { path: ["list"], value: absent },
        { path: ["list", 0, "b"], value: 9 },
      ],
      { ...base, list: [{ b: 9 }] },
    ],
  };
  for (const [what, [made, value]] of Object.entries(cases)) {
    it(`${what}, and keep the base unchanged`, () => {
      const before = structuredClone(base);
      expect(changed(base, made)).to.deep.equal(value);
      expect(base).to.deep.equal(before);
    });
  }
});
