// The values of Idempotency-Key: which ones are the same key, and which ones are none.
import { expect } from "chai";
import { idempotencyKey } from "../../../src/contract/model/options/created.js";
import { readIdempotencyKey } from "../../../src/policy/idempotency/key-header.js";
import { ApiError } from "../../../src/errors.js";

const read = (...values: string[]): string | undefined => readIdempotencyKey({ "idempotency-key": values });

const good: Record<string, string> = {
  '"8e03978e-40d5-43dd-bc93-6894a57f9324"': "8e03978e-40d5-43dd-bc93-6894a57f9324",
  "8e03978e-40d5-43dd-bc93-6894a57f9324": "8e03978e-40d5-43dd-bc93-6894a57f9324",
  "a+b/c==": "a+b/c==",
  ":YWJj:": ":YWJj:",
  "1": "1",
  '"with a blank, a comma; a semicolon"': "with a blank, a comma; a semicolon",
  '" "': " ",
  [String.raw`"a quote \" and a backslash \\"`]: String.raw`a quote " and a backslash \ `.trim(),
  [String.raw`"\\\""`]: String.raw`\"`,
  ["a".repeat(255)]: "a".repeat(255),
  [`"${"a".repeat(255)}"`]: "a".repeat(255),
  [`"${String.raw`\"`.repeat(255)}"`]: '"'.repeat(255),
};

const malformed: Record<string, readonly string[]> = {
  nothing: [""],
  "an empty string": ['""'],
  "a quote alone": ['"'],
  "no end": ['"abc'],
  "no beginning": ['abc"'],
  "a quote inside": ['"a"b"'],
  "an escape of another character": [String.raw`"a\n"`],
  "a backslash before the last quote": [String.raw`"abc\"`],
  "two strings": ['"a", "b"'],
  "two bare keys": ["a, b"],
  "a blank between bare words": ["a b"],
  parameters: ['"a";b=1'],
  "bare parameters": ["a;b=1"],
  "a character beyond ASCII": ['"ключ"'],
  "a bare character beyond ASCII": ["ключ"],
  "a control character": ['"a\u007f"'],
  "a tab": ['"a\tb"'],
  "256 characters": ["a".repeat(256)],
  "256 characters in quotes": [`"${"a".repeat(256)}"`],
  "two headers": ['"a"', '"b"'],
  "two headers with one key": ["a", "a"],
  "two headers that are a string together": ['"a', 'b"'],
};

describe("the header Idempotency-Key", () => {
  it("may be absent", () => expect(readIdempotencyKey({})).to.equal(undefined));

  it("is described in OpenAPI as it is read", () => {
    const pattern = new RegExp(idempotencyKey.schema.pattern);
    for (const value of Object.keys(good)) expect(pattern.test(value), value).to.equal(true);
    for (const [what, [value = "", ...more]] of Object.entries(malformed))
      if (more.length === 0) expect(pattern.test(value), what).to.equal(false);
  });

  for (const [value, key] of Object.entries(good))
    it(`names the key ${key.slice(0, 40)} as ${value.slice(0, 40)}`, () => expect(read(value)).to.equal(key));

  for (const [what, values] of Object.entries(malformed))
    it(`is refused as ${what}`, () => {
      expect(() => read(...values))
        .to.throw(ApiError, /^MALFORMED_REQUEST: Idempotency-Key /)
        .that.has.property("reason", "MALFORMED_REQUEST");
    });
});
