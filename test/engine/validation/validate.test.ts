// The rules of the contract, checked on the messages of rules.proto.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { defaults, type Plain } from "../../../src/contract/codecs/codec.js";
import { loadContract } from "../../../src/contract/model/load.js";
import { validator } from "../../../src/contract/validation/validate.js";
import { ApiError } from "../../../src/errors.js";
import { smallContract } from "../../support/contract-with.js";
import type { FieldViolation } from "../../../src/gen/lyceum/v1/problem.js";

const proto = fileURLToPath(new URL("../../../proto", import.meta.url));
const rules = readFileSync(new URL("rules.proto", import.meta.url), "utf8");
const contract = loadContract(proto, new Map([["rules.proto", rules]]));

/** The violations of a message of rules.proto, whose unnamed fields have their defaults. */
function violations(name: string, fields: Plain): readonly FieldViolation[] {
  const type = contract.root.lookupType(`lyceum.test.v1.${name}`);
  try {
    validator(type)({ ...defaults(type), ...fields });
    return [];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    expect(error.reason).to.equal("INVALID_FIELDS");
    return error.more.violations ?? [];
  }
}

/** The rules that the value of one field breaks. */
function broken(name: string, field: string, value: unknown): string[] {
  return violations(name, { [field]: value })
    .filter((violation) => violation.field === field)
    .map(({ rule }) => rule);
}

/** Loads a contract with one message, which has one field. */
function declare(field: string): () => void {
  const text = `syntax = "proto3"; package odd; import "buf/validate/validate.proto"; import "lyceum/v1/options.proto";
    import "google/protobuf/any.proto"; import "google/protobuf/duration.proto"; import "google/protobuf/timestamp.proto";
    import "google/protobuf/wrappers.proto"; message Odd { ${field} }`;
  return () => validator(loadContract(smallContract, new Map([["odd.proto", text]])).root.lookupType("odd.Odd"));
}

describe("the rules of a request", () => {
  const verdicts: readonly [message: string, field: string, value: unknown, rules: readonly string[]][] = [
    ["Texts", "least", "a", ["string.min_len"]],
    ["Texts", "least", "🦊", ["string.min_len"]],
    ["Texts", "least", "🦊🦊", []],
    ["Texts", "most", "🦊🦊🦊", []],
    ["Texts", "most", "abcd", ["string.max_len"]],
    ["Texts", "bytes", "abcde", []],
    ["Texts", "bytes", "при", ["string.max_bytes"]],
    ["Texts", "pattern", "abc", []],
    ["Texts", "pattern", "abx", ["string.pattern"]],
    ["Texts", "choice", "b", []],
    ["Texts", "choice", "", ["string.in"]],
    ["Texts", "email", "", ["string.email"]],
    ["Texts", "email", "masha@example.org", []],
    ["Texts", "email", "иван@школа.рф", []],
    ["Texts", "email", "ivan@xn--80atdl2c.xn--p1ai", []],
    ["Texts", "email", "josé@example.org", []],
    ["Texts", "email", "用户@例え.jp", []],
    ["Texts", "email", "a@stra\u00dfe.example", []],
    ["Texts", "email", "иван@школа-.рф", ["string.email"]],
    ["Texts", "email", "иван@школа..рф", ["string.email"]],
    ["Texts", "email", "иван@@школа.рф", ["string.email"]],
    ["Texts", "email", "a b@школа.рф", ["string.email"]],
    ["Texts", "email", "a@шко ла.рф", ["string.email"]],
    ["Texts", "email", "a@шко%2fла.рф", ["string.email"]],
    ["Texts", "email", "a@школа\u200b.рф", ["string.email"]],
    ["Texts", "email", "a\u202e@example.org", ["string.email"]],
    ["Texts", "email", "a\u3164@example.org", ["string.email"]],
    ["Texts", "email", `a@${"ш".repeat(64)}.рф`, ["string.email"]],
    ["Texts", "email", `a@${"ш".repeat(100_000)}`, ["string.email"]],
    ["Texts", "uri", "example.org", ["string.uri"]],
    ["Texts", "uuid", "5f0c7c9e", ["string.uuid"]],
    ["Texts", "optional_least", undefined, []],
    ["Texts", "optional_least", "", ["string.min_len"]],
    ["Texts", "optional_email", "a".repeat(30), ["string.max_len", "string.email"]],
    ["Texts", "no_email", "anything", []],
    ["Texts", "no_email", "a\0b", ["string.no_nul"]],
    ["Seen", "lines", "a\tb\r\nc\u2028d", []],
    ["Seen", "lines", "👩\u200d👩\u200d👧 ❤\ufe0f", []],
    ["Seen", "lines", "می\u200cخواهم", []],
    ["Seen", "lines", "שלום عالم", []],
    ["Seen", "lines", "при\u00adвет", []],
    ["Seen", "lines", "\u202eabc\u202c", []],
    ["Seen", "lines", "\u28ffa\u2800b", []],
    ["Seen", "lines", "\ud83c\udff4\u{e0067}\u{e007f}", []],
    ["Seen", "lines", "\u200b", ["text.visible"]],
    ["Seen", "lines", "\u2800", ["text.visible"]],
    ["Seen", "lines", "\u3164", ["text.visible"]],
    ["Seen", "lines", "\u200b \u200d", ["text.visible"]],
    ["Seen", "lines", "\u{e0041}", ["text.visible"]],
    ["Seen", "lines", "\u115f\ufe0f", ["text.visible"]],
    ["Seen", "lines", "\u00ad", ["text.visible"]],
    ["Seen", "lines", "\u0007", ["text.visible", "text.control"]],
    ["Seen", "lines", "a\u0007b", ["text.control"]],
    ["Seen", "lines", "a\u000bb", ["text.control"]],
    ["Seen", "lines", "a\u0085b", ["text.control"]],
    ["Seen", "lines", "a\u007fb", ["text.control"]],
    ["Seen", "lines", "", ["string.min_len"]],
    ["Seen", "line", "👩\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3", []],
    ["Seen", "line", "می\u200cخواهم", []],
    ["Seen", "line", "क\u094d\u200dष", []],
    ["Seen", "line", "葛\u{e0100}", []],
    ["Seen", "line", "Жанна\u00a0д’Арк", []],
    ["Seen", "line", "\u05e9\u05dc\u05d5\u05dd", []],
    ["Seen", "line", "a\nb", ["text.line_break"]],
    ["Seen", "line", "a\r\nb", ["text.line_break"]],
    ["Seen", "line", "a\u2028b", ["text.line_break"]],
    ["Seen", "line", "a\u2029b", ["text.line_break"]],
    ["Seen", "line", "a\tb", ["text.control"]],
    ["Seen", "line", "a\u001bb", ["text.control"]],
    ["Seen", "line", "a\u200bb", ["text.invisible"]],
    ["Seen", "line", "a\u200db", ["text.invisible"]],
    ["Seen", "line", "a\ufe0fb", ["text.invisible"]],
    ["Seen", "line", "\u202eabc", ["text.invisible"]],
    ["Seen", "line", "a\u2066b", ["text.invisible"]],
    ["Seen", "line", "a\u200fb", ["text.invisible"]],
    ["Seen", "line", "a\u00adb", ["text.invisible"]],
    ["Seen", "line", "a\u3164b", ["text.invisible"]],
    ["Seen", "line", "a\u2800b", ["text.invisible"]],
    ["Seen", "line", "a\ufeffb", ["text.invisible"]],
    ["Seen", "line", "a\u{e0041}b", ["text.invisible"]],
    ["Seen", "line", "\u200dа", ["text.invisible"]],
    ["Seen", "line", "\u200b", ["text.visible", "text.invisible"]],
    ["Seen", "wide", "", []],
    ["Seen", "wide", " ", ["text.visible"]],
    ["Seen", "any", "\u200b\u0007", []],
    ["Numbers", "open", 0, ["int32.gt"]],
    ["Numbers", "open", 1, []],
    ["Numbers", "open", 10, ["int32.lt"]],
    ["Numbers", "closed", -1, []],
    ["Numbers", "closed", -2, ["int32.gte"]],
    ["Numbers", "closed", 4, ["int32.lte"]],
    ["Numbers", "listed", 4, ["int32.in"]],
    ["Numbers", "big_open", 9007199254740990, ["int64.lt"]],
    ["Numbers", "big_open", 9007199254740989, []],
    ["Numbers", "mixed", 0, ["int32.gt", "int32.in"]],
    ["Colors", "any", "COLOR_RED", []],
    ["Colors", "any", 7, ["enum.defined_only"]],
    ["Colors", "bright", "COLOR_UNSPECIFIED", ["enum.in"]],
    ["Colors", "bright", 7, ["enum.defined_only", "enum.in"]],
    ["Colors", "several", ["COLOR_RED", "COLOR_RED"], ["repeated.unique"]],
    ["Many", "tags", [], ["repeated.min_items"]],
    ["Many", "tags", ["a", "b", "c", "d"], ["repeated.max_items"]],
    ["Many", "ids", [3, 4, 3], ["repeated.unique"]],
    ["Many", "counts", {}, ["map.min_pairs"]],
    ["Many", "counts", { a: 1, b: 2, c: 3 }, ["map.max_pairs"]],
    ["Moments", "past", "1999-01-01T00:00:00.000Z", []],
    ["Moments", "past", "9999-01-01T00:00:00.000Z", ["timestamp.lt_now"]],
    ["Moments", "future", "1999-01-01T00:00:00.000Z", ["timestamp.gt_now"]],
    ["Moments", "must", undefined, ["required"]],
    ["Bytes", "least", Buffer.from("a"), ["bytes.min_len"]],
    ["Bytes", "least", Buffer.from("ы"), []],
    ["Bytes", "most", Buffer.from("abcd"), ["bytes.max_len"]],
    ["Bytes", "most", Buffer.from([0, 0xff, 0]), []],
    ["Bytes", "both", undefined, []],
    ["Bytes", "both", Buffer.alloc(0), ["bytes.min_len"]],
    ["Bytes", "must", Buffer.alloc(0), ["required"]],
    ["Bytes", "must", Buffer.alloc(5), ["bytes.max_len"]],
    ["Spans", "open", "0s", ["duration.gt"]],
    ["Spans", "open", "0.000000001s", []],
    ["Spans", "open", "10s", ["duration.lt"]],
    ["Spans", "closed", "-1.500s", []],
    ["Spans", "closed", "-1.500000001s", ["duration.gte"]],
    ["Spans", "closed", "0.000000006s", ["duration.lte"]],
    ["Spans", "listed", "2.000000001s", []],
    ["Spans", "listed", "2s", ["duration.in"]],
    ["Spans", "below", "0s", ["duration.lt"]],
    ["Spans", "one", "61s", ["duration.in"]],
    ["Spans", "must", undefined, ["required"]],
    ["Spans", "must", "0.000000001s", ["duration.gt"]],
    ["Wrapped", "text", undefined, []],
    ["Wrapped", "text", "", ["string.min_len"]],
    ["Wrapped", "text", "a\0", ["string.no_nul"]],
    ["Wrapped", "pattern", "abd", ["string.pattern"]],
    ["Wrapped", "number", 0, ["int32.gt"]],
    ["Wrapped", "long", 4294967296, []],
    ["Wrapped", "bytes", Buffer.alloc(3), ["bytes.max_len"]],
    ["Wrapped", "must", undefined, ["required"]],
    ["Wrapped", "must", false, []],
    ["Wrapped", "must_text", "", ["string.min_len"]],
    ["Musts", "text", "", ["required"]],
    ["Musts", "text", "a", ["string.min_len"]],
    ["Musts", "number", 0, ["required"]],
    ["Musts", "flag", false, ["required"]],
    ["Musts", "color", "COLOR_UNSPECIFIED", ["required"]],
    ["Musts", "color", "COLOR_BLUE", ["enum.in"]],
    ["Musts", "optional_text", undefined, ["required"]],
    ["Musts", "optional_text", "", ["string.min_len"]],
    ["Musts", "optional_number", 0, []],
    ["Musts", "list", [], ["required"]],
    ["Musts", "list", ["a"], ["repeated.min_items"]],
    ["Musts", "pairs", Object.create(null), ["required"]],
    ["Musts", "message", undefined, ["required"]],
  ];
  for (const [message, field, value, expected] of verdicts) {
    const verdict = expected.length === 0 ? "breaks nothing" : `breaks ${expected.join(" and ")}`;
    it(`${message}.${field} = ${JSON.stringify(value)} ${verdict}`, () => {
      expect(broken(message, field, value)).to.have.members(expected);
    });
  }

  it("all broken rules are reported at once, each with a sentence", () => {
    expect(
      violations("Numbers", {
        open: 0,
        closed: 9,
        listed: 1,
        big_closed: 1,
        below: -1,
        listed_big: 4294967296,
        mixed: 4,
      }),
    ).to.deep.equal([
      { field: "open", pointer: "/open", rule: "int32.gt", message: "must be greater than 0" },
      { field: "closed", pointer: "/closed", rule: "int32.lte", message: "must be at most 3" },
    ]);
  });

  it("an item of a list is named by its place", () => {
    const fields = { tags: ["a", ""], counts: { a: 1 } };
    expect(violations("Many", fields)).to.deep.equal([
      { field: "tags[1]", pointer: "/tags/1", rule: "string.min_len", message: "must have at least 1 character" },
    ]);
  });

  it("a character that a text may not have is named, with its place", () => {
    const messages = (line: string): string[] =>
      violations("Seen", { lines: "a", line })
        .filter(({ field }) => field === "line")
        .map(({ message }) => message);
    expect(messages("🦊\u0007")).to.deep.equal(["must not contain the control character U+0007 (BEL), as character 2"]);
    expect(messages("ab\u202ec")).to.deep.equal(["must not contain the invisible character U+202E, as character 3"]);
    expect(messages("a\nb")).to.deep.equal(["must be one line, without the line break U+000A (LF), as character 2"]);
  });

  it("keys and values of a map are named by their key", () => {
    const fields = { tags: ["a"], counts: { "a/~": 0, long_key: 1 } };
    expect(violations("Many", fields).map(({ field, pointer, rule }) => [field, pointer, rule])).to.have.deep.members([
      ['counts["a/~"]', "/counts/a~1~0", "int64.gt"],
      ['counts["long_key"]', "/counts/long_key", "string.max_len"],
    ]);
  });

  it("a key that holds NUL is refused", () => {
    expect(violations("Many", { tags: ["a"], counts: { "\0": 1 } }).map(({ rule }) => rule)).to.deep.equal([
      "string.no_nul",
    ]);
  });

  it("a message inside of another is validated too, at any depth", () => {
    const leaf = {
      ...defaults(contract.root.lookupType("lyceum.test.v1.Many")),
      tags: ["a"],
      counts: { a: 1 },
      ids: [-1],
    };
    const paths = violations("Many", { ...leaf, ids: [], again: { ...leaf, ids: [], again: leaf } }).map(
      ({ field }) => field,
    );
    expect(paths).to.deep.equal(["again.again.ids[0]"]);
  });

  it("white space is cut off before the rules are checked, and the request keeps the trimmed text", () => {
    const type = contract.root.lookupType("lyceum.test.v1.Texts");
    const request: Plain = { ...defaults(type), trimmed: " \u00a0abc\n", least: "  " };
    expect(() => validator(type)(request))
      .to.throw(ApiError)
      .with.nested.property("more.violations").that.is.not.empty;
    expect(request).to.include({ trimmed: "abc", least: "  " });
    expect(broken("Texts", "trimmed", " \t ")).to.deep.equal(["string.min_len"]);
  });

  it("white space is cut off in messages of lists and maps too", () => {
    const request: Plain = { tags: [], texts: { a: { trimmed: " x " } }, again: { texts: { b: { trimmed: " y " } } } };
    expect(() => validator(contract.root.lookupType("lyceum.test.v1.Many"))(request)).to.throw(ApiError);
    expect(request).to.deep.include({ texts: { a: { trimmed: "x" } }, again: { texts: { b: { trimmed: "y" } } } });
  });

  it("at most 100 violations are reported", () => {
    const ids = Array.from({ length: 300 }, (_, index) => -index);
    expect(violations("Many", { ids })).to.have.lengthOf(100);
  });

  it("the sentence of the problem names the first field and counts the others", () => {
    const type = contract.root.lookupType("lyceum.test.v1.Moments");
    const request = { future: "1999-01-01T00:00:00.000Z" };
    expect(() => validator(type)(request)).to.throw(ApiError, "must is required, and 1 more");
  });

  it("a value of a wrong type is a fault of the server, not of the client", () => {
    const type = contract.root.lookupType("lyceum.test.v1.Numbers");
    expect(() => validator(type)({ open: "1" }))
      .to.throw(Error, "/open is not of the type integer")
      .that.is.not.instanceOf(ApiError);
  });
});

describe("the message in an Any", () => {
  const url = (name: string): string => `type.googleapis.com/${name}`;
  const held = (name: string, fields: Plain): Plain => {
    const type = contract.root.lookupType(`lyceum.test.v1.${name}`);
    return { "@type": url(type.fullName.slice(1)), ...defaults(type), ...fields };
  };
  const duration = { "@type": url("google.protobuf.Duration"), value: "1s" };
  const empty = { "@type": url("google.protobuf.Empty") };
  const must = { must: empty };
  /** The violations of Held, as lines. */
  const lines = (fields: Plain): string[] =>
    violations("Held", { ...must, ...fields }).map(({ field, pointer, rule }) => `${field} ${pointer} ${rule}`);

  it("is one of those in the rule `in`, where there is one", () => {
    expect(lines({ one: duration, several: [duration] })).to.deep.equal([]);
    expect(lines({ one: held("Numbers", {}), several: [duration, empty] })).to.deep.equal([
      "one /one any.in",
      "several[1] /several/1 any.in",
      "one.open /one/open int32.gt",
      "one.listed /one/listed int32.in",
      "one.big_closed /one/big_closed int64.gte",
      "one.below /one/below int64.lt",
      "one.listed_big /one/listed_big int64.in",
      "one.mixed /one/mixed int32.in",
      "one.mixed /one/mixed int32.gt",
    ]);
    expect(violations("Held", { ...must, one: {} })[0]!.message).to.equal(
      `must hold one of: ${url("google.protobuf.Empty")}, ${url("google.protobuf.Duration")}`,
    );
  });

  it("has the rules of its own, wherever the Any is", () => {
    const bad = held("Wrapped", { text: "a", must: true, must_text: "ab" });
    expect(lines({ named: { "a/b": bad } })).to.deep.equal(['named["a/b"].text /named/a~1b/text string.min_len']);
    const within = { ...defaults(contract.root.lookupType("lyceum.test.v1.Held")), ...must, named: { x: bad } };
    expect(lines({ again: within })).to.deep.equal(['again.named["x"].text /again/named/x/text string.min_len']);
    expect(lines({ must: held("Held", within) })).to.deep.equal([
      'must.named["x"].text /must/named/x/text string.min_len',
    ]);
    expect(lines({ must: { "@type": url("google.protobuf.Any"), value: bad } })).to.deep.equal([
      "must.value.text /must/value/text string.min_len",
    ]);
  });

  it("has its texts trimmed", () => {
    const inner = held("Seen", { lines: " a ", line: " b " });
    expect(lines({ must: inner })).to.deep.equal([]);
    expect(inner).to.include({ lines: "a", line: "b" });
  });

  it("that stands for a text has no NUL", () => {
    const text = { "@type": url("google.protobuf.StringValue"), value: "a\0" };
    expect(lines({ named: { x: text } })).to.deep.equal(['named["x"].value /named/x/value string.no_nul']);
  });

  it("may be missing in an Any that is there, and the Any itself where it need not be there", () => {
    expect(lines({ must: {} })).to.deep.equal([]);
    expect(violations("Held", {}).map(({ field, rule }) => `${field} ${rule}`)).to.deep.equal(["must required"]);
  });

  it("adds to no more than a hundred violations", () => {
    const bad = held("Numbers", {});
    expect(lines({ named: Object.fromEntries(Array.from({ length: 30 }, (_, key) => [key, bad])) })).to.have.length(
      100,
    );
  });
});

describe("a contract with rules that are not known or not allowed", () => {
  const faults: readonly [declaration: string, error: RegExp][] = [
    ["string a = 1 [(buf.validate.field).string.prefix = 'x'];", /odd\.Odd\.a: .*\.string\.prefix is not known/],
    ["string a = 1 [(buf.validate.field).cel = {id: 'x'}];", /odd\.Odd\.a: .*\.cel is not known/],
    ["string a = 1 [(buf.validate.field).ignore = 3];", /odd\.Odd\.a: .*\.ignore is not known/],
    ["int32 a = 1 [(buf.validate.field).int64.gt = 1];", /odd\.Odd\.a: .* int64\.gt/],
    ["double a = 1 [(buf.validate.field).double.gt = 1];", /odd\.Odd\.a: .*\.double is not known/],
    ["Odd a = 1 [(buf.validate.field).string.min_len = 1];", /odd\.Odd\.a: .* string\.min_len/],
    ["repeated string a = 1 [(buf.validate.field).string.min_len = 1];", /odd\.Odd\.a: .* string\.min_len/],
    ["repeated string a = 1 [(buf.validate.field).repeated.items.required = true];", /odd\.Odd\.a: .* required/],
    ["repeated string a = 1 [(buf.validate.field).repeated.items.int32.gt = 1];", /odd\.Odd\.a: .* int32\.gt/],
    [
      "repeated Odd a = 1 [(buf.validate.field).repeated.unique = true];",
      /odd\.Odd\.a: repeated\.unique is for scalars/,
    ],
    ["map<int32, string> a = 1 [(buf.validate.field).map.keys.int32.gt = 1];", /odd\.Odd\.a: .* int32\.gt/],
    ["int32 a = 1 [(buf.validate.field).int32 = {gt: 5 lt: 1}];", /odd\.Odd\.a: 5 is above 1/],
    ["int64 a = 1 [(buf.validate.field).int64.gt = 9223372036854775807];", /odd\.Odd\.a: .* safe integer/],
    ["string a = 1 [(buf.validate.field).string.pattern = '^a$'];", /odd\.Odd\.a: a pattern needs max_len/],
    ["string a = 1 [(buf.validate.field).string = {pattern: '^(a+)+$' max_len: 30}];", /odd\.Odd\.a: .* too many ways/],
    [
      "string a = 1 [(buf.validate.field).string = {pattern: '^(?=a)$' max_len: 30}];",
      /odd\.Odd\.a: the pattern .* not known/,
    ],
    ["int32 a = 1 [(lyceum.v1.trim) = true];", /odd\.Odd\.a: only a string can be trimmed/],
    ["bytes a = 1 [(buf.validate.field).bytes.prefix = 'x'];", /odd\.Odd\.a: .*\.bytes\.prefix is not known/],
    ["bytes a = 1 [(buf.validate.field).bytes.example = 'x'];", /odd\.Odd\.a: .*\.bytes\.example is not known/],
    ["bytes a = 1 [(buf.validate.field).string.min_len = 1];", /odd\.Odd\.a: .* string\.min_len/],
    [
      "repeated bytes a = 1 [(buf.validate.field).repeated.unique = true];",
      /odd\.Odd\.a: repeated\.unique is for scalars other than bytes/,
    ],
    [
      "google.protobuf.Duration a = 1 [(buf.validate.field).duration.const = {}];",
      /odd\.Odd\.a: .*\.duration\.const is not known/,
    ],
    [
      "google.protobuf.Duration a = 1 [(buf.validate.field).duration = {gt: {seconds: 5} lt: {nanos: 1}}];",
      /odd\.Odd\.a: 5s is above 0\.000000001s/,
    ],
    [
      "google.protobuf.Duration a = 1 [(buf.validate.field).duration.gt = {seconds: 1 nanos: -1}];",
      /odd\.Odd\.a: 1s and -1ns are not a duration/,
    ],
    [
      "google.protobuf.Any a = 1 [(buf.validate.field).any.not_in = 'a/odd.Odd'];",
      /odd\.Odd\.a: .*\.any\.not_in is not known/,
    ],
    [
      "google.protobuf.Any a = 1 [(buf.validate.field).any.in = 'type.googleapis.com/odd.Other'];",
      /odd\.Odd\.a: type\.googleapis\.com\/odd\.Other is not the type URL of a message/,
    ],
    [
      "google.protobuf.Any a = 1 [(buf.validate.field).any.in = 'odd.Odd'];",
      /odd\.Odd\.a: odd\.Odd is not the type URL/,
    ],
    ["Odd a = 1 [(buf.validate.field).any.in = 'type.googleapis.com/odd.Odd'];", /odd\.Odd\.a: .* any\.in/],
    ["google.protobuf.StringValue a = 1 [(buf.validate.field).int32.gt = 1];", /odd\.Odd\.a: .* int32\.gt/],
    [
      "repeated google.protobuf.StringValue a = 1 [(buf.validate.field).repeated.unique = true];",
      /odd\.Odd\.a: repeated\.unique is for scalars/,
    ],
  ];
  for (const [declaration, error] of faults) {
    it(`stops the start: ${declaration}`, () => {
      expect(declare(declaration)).to.throw(error);
    });
  }

  it("does not stop the start when all its rules are known", () => {
    expect(
      declare("string a = 1 [(buf.validate.field).string = {min_len: 1 max_len: 5 example: 'x'}];"),
    ).not.to.throw();
  });
});
