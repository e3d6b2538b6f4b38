// Options that the engine acts on in every spelling, and those over which it does not start.
import { expect } from "chai";
import type { Plain } from "../../../src/contract/codecs/codec.js";
import { loadContract } from "../../../src/contract/model/load.js";
import { validator } from "../../../src/contract/validation/validate.js";
import { ApiError } from "../../../src/errors.js";
import { smallContract } from "../../support/contract-with.js";

/** Options of our packages for every kind of element, on none of which the engine acts. */
const more = `syntax = "proto3"; package lyceum.v1; import "google/protobuf/descriptor.proto";
  extend google.protobuf.FileOptions { string team = 50301; }
  extend google.protobuf.MessageOptions { bool sealed = 50301; }
  extend google.protobuf.FieldOptions { bool secret = 50301; }
  extend google.protobuf.OneofOptions { bool sole = 50301; }
  extend google.protobuf.EnumOptions { bool open = 50301; }
  extend google.protobuf.EnumValueOptions { bool old = 50301; Detail detail = 50302; }
  extend google.protobuf.ServiceOptions { bool inner = 50301; }
  extend google.protobuf.MethodOptions { bool slow = 50301; }
  message Detail { Detail below = 1; bool on = 2; }
  message Nest { extend google.protobuf.FieldOptions { bool nested = 50302; } }`;
const foreign = `syntax = "proto3"; package acme.v1; import "google/protobuf/descriptor.proto";
  extend google.protobuf.MessageOptions { string owner = 50401; }
  extend google.protobuf.FieldOptions { bool trim = 50401; }`;

/** A file of a package, with what is written above its declarations. */
function load(declarations: string, { packageName = "tiny.v1", above = "" } = {}): ReturnType<typeof loadContract> {
  const tiny = `syntax = "proto3"; ${above} package ${packageName};
    import "google/api/annotations.proto"; import "buf/validate/validate.proto"; import "lyceum/v1/options.proto";
    import "lyceum/v1/problem.proto"; import "more.proto"; import "foreign.proto";
    ${declarations}`;
  return loadContract(
    smallContract,
    new Map([
      ["more.proto", more],
      ["foreign.proto", foreign],
      ["tiny.proto", tiny],
    ]),
  );
}

describe("an option that is written with another name than its full one", () => {
  const rpc = (options: string): string => `service TinyService { rpc Enter(Entry) returns (Entry) { ${options} } }
    message Entry { string name = 1; }`;
  const limit = { failures: 3, seconds: 60, field: "name" };
  const spellings: readonly (readonly [packageName: string, options: string])[] = [
    [
      "tiny.v1",
      `option (.google.api.http) = {post: "/tiny" body: "*"}; option (.lyceum.v1.access) = ACCESS_PUBLIC;
       option (.lyceum.v1.failure_limit) = {failures: 3 seconds: 60 field: "name"};
       option (.lyceum.v1.reason) = REASON_INVALID_CREDENTIALS; option (lyceum.v1.reason) = REASON_EMAIL_TAKEN;`,
    ],
    [
      "lyceum.v1.tiny",
      `option (google.api.http).post = "/tiny"; option (.google.api.http).body = "*"; option (access) = ACCESS_PUBLIC;
       option (failure_limit).failures = 3; option (v1.failure_limit).seconds = 60;
       option (lyceum.v1.failure_limit).field = "name";
       option (v1.reason) = REASON_INVALID_CREDENTIALS; option (reason) = REASON_EMAIL_TAKEN;`,
    ],
    [
      "google.tiny",
      `option (api.http) = {body: "*", post: "/tiny"}; option (lyceum.v1.access) = ACCESS_PUBLIC;
       option (lyceum.v1.failure_limit).field = "name"; option (.lyceum.v1.failure_limit) = {failures: 3; seconds: 60};
       option (lyceum.v1.reason) = REASON_INVALID_CREDENTIALS; option (.lyceum.v1.reason) = REASON_EMAIL_TAKEN;`,
    ],
  ];
  for (const [packageName, options] of spellings) {
    it(`is an option of the method, in package ${packageName}`, () => {
      const method = load(rpc(options), { packageName }).methods.find(({ name }) => name === "Enter")!;
      expect(method.path).to.equal("/tiny");
      expect(method.hasBody).to.equal(true);
      expect(method.access).to.equal("ACCESS_PUBLIC");
      expect(method.failureLimit).to.deep.equal(limit);
      expect(method.reasons).to.deep.equal(["INVALID_CREDENTIALS", "EMAIL_TAKEN"]);
    });
  }

  it("is trimmed and checked", () => {
    const { root } = load(
      `message Chat {
         int64 chat_id = 1 [(.buf.validate.field).int64.gt = 0, (buf.validate.field).int64.lt = 9];
         string text = 2 [(v1.trim) = true, (.buf.validate.field) = {string: {min_len: 1}}];
         repeated string tags = 3 [(trim) = true, (.buf.validate.field).repeated.max_items = 1];
       }`,
      { packageName: "lyceum.v1.tiny" },
    );
    const validate = validator(root.lookupType("lyceum.v1.tiny.Chat"));
    const rules = (request: Plain): string[] => {
      try {
        validate(request);
        return [];
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return (error.more.violations ?? []).map(({ field, rule }) => `${field} ${rule}`);
      }
    };
    expect(rules({ chat_id: -5, text: "   ", tags: ["a", "b"] })).to.deep.equal([
      "chat_id int64.gt",
      "text string.min_len",
      "tags repeated.max_items",
    ]);
    expect(rules({ chat_id: 9, text: "a", tags: [] })).to.deep.equal(["chat_id int64.lt"]);
    const fine = { chat_id: 8, text: " a ", tags: [" b "] };
    expect(rules(fine)).to.deep.equal([]);
    expect(fine).to.deep.equal({ chat_id: 8, text: "a", tags: ["b"] });
  });
});

describe("a contract does not start with", () => {
  const here = "the engine does not act on the option";
  const rpc = (options: string): string => `service TinyService { rpc Look(Empty) returns (Empty) {
    option (google.api.http) = {get: "/tiny"}; option (lyceum.v1.access) = ACCESS_PUBLIC; ${options} } } message Empty {}`;
  const refusals: readonly (readonly [what: string, declarations: string, error: string])[] = [
    ["an option on a file", 'option (lyceum.v1.team) = "a";', `tiny.proto: ${here} (lyceum.v1.team) here`],
    [
      "one on a message",
      "message M { option (.lyceum.v1.sealed) = true; }",
      `tiny.v1.M: ${here} (lyceum.v1.sealed) here`,
    ],
    [
      "one on a message in a message",
      "message M { message N { option (lyceum.v1.sealed) = false; } }",
      `tiny.v1.M.N: ${here} (lyceum.v1.sealed) here`,
    ],
    [
      "one on a field",
      "message M { int32 a = 1 [(lyceum.v1.secret) = true]; }",
      `tiny.v1.M.a: ${here} (lyceum.v1.secret) here`,
    ],
    [
      "one that is declared inside a message",
      "message M { int32 a = 1 [(lyceum.v1.Nest.nested) = true]; }",
      `tiny.v1.M.a: ${here} (lyceum.v1.Nest.nested) here`,
    ],
    [
      "one on a oneof",
      "message M { oneof one { option (lyceum.v1.sole) = true; int32 a = 1; } }",
      `tiny.v1.M.one: ${here} (lyceum.v1.sole) here`,
    ],
    [
      "one on a field of a oneof",
      "message M { oneof one { int32 a = 1 [(lyceum.v1.secret) = true]; } }",
      `tiny.v1.M.a: ${here} (lyceum.v1.secret) here`,
    ],
    [
      "one on an enum",
      "enum E { option (lyceum.v1.open) = true; E_A = 0; }",
      `tiny.v1.E: ${here} (lyceum.v1.open) here`,
    ],
    [
      "one on an enum value",
      "enum E { E_A = 0 [(lyceum.v1.old) = true]; }",
      `tiny.v1.E.E_A: ${here} (lyceum.v1.old) here`,
    ],
    [
      "a part of one on an enum value",
      "enum E { E_A = 0 [(.lyceum.v1.detail).below.on = true]; }",
      `tiny.v1.E.E_A: ${here} (lyceum.v1.detail) here`,
    ],
    [
      "the status of a value that is no reason",
      "enum E { E_A = 0 [(lyceum.v1.status) = 404]; }",
      `tiny.v1.E.E_A: ${here} (lyceum.v1.status) here`,
    ],
    [
      "one on a service",
      "service TinyService { option (lyceum.v1.inner) = true; }",
      `tiny.v1.TinyService: ${here} (lyceum.v1.inner) here`,
    ],
    [
      "one on a method",
      rpc("option (lyceum.v1.slow) = true;"),
      `tiny.v1.TinyService.Look: ${here} (lyceum.v1.slow) here`,
    ],
    [
      "a rule of an extension",
      "message M { extensions 5 to 9; } extend M { int32 more = 5 [(buf.validate.field).required = true]; }",
      `tiny.v1.more: ${here} (buf.validate.field) here`,
    ],
    [
      "a rule of a message",
      "message M { option (buf.validate.message).cel = {}; }",
      "tiny.v1.M: the option (buf.validate.message) is not declared",
    ],
    [
      "a rule of a oneof",
      "message M { oneof one { option (.buf.validate.oneof).required = true; int32 a = 1; } }",
      "tiny.v1.M.one: the option (.buf.validate.oneof) is not declared",
    ],
    [
      "a name that is nothing's",
      "message M { int32 a = 1 [(trim) = true]; }",
      "tiny.v1.M.a: the option (trim) is not declared",
    ],
    [
      "a name that is nothing's, from the root",
      "message M { int32 a = 1 [(.trim) = true]; }",
      "tiny.v1.M.a: the option (.trim) is not declared",
    ],
    [
      "a name that is a field's",
      "message M { string trim = 1 [(trim) = true]; }",
      "tiny.v1.M.trim: the option (trim) is not declared",
    ],
    ["a name that is a message's", "message M { option (M) = true; }", "tiny.v1.M: the option (M) is not declared"],
    [
      "a name that another scope hides",
      "message lyceum { string a = 1 [(lyceum.v1.trim) = true]; }",
      "tiny.v1.lyceum.a: the option (lyceum.v1.trim) is not declared",
    ],
    [
      "an unknown part of a route",
      rpc('option (google.api.http).additional_bindings = {get: "/other"};'),
      "tiny.v1.TinyService.Look: the option (google.api.http).additional_bindings is not known",
    ],
    [
      "an unknown part of a limit",
      rpc("option (.lyceum.v1.failure_limit) = {failures: 1 seconds: 1 field: 'a' burst: 5};"),
      "tiny.v1.TinyService.Look: the option (lyceum.v1.failure_limit).burst is not known",
    ],
    [
      "an extension inside an option",
      "message M { int64 a = 1 [(buf.validate.field).int64.(acme.v1.odd) = true]; }",
      "tiny.v1.M.a: the option (buf.validate.field).int64.(acme is not known",
    ],
    [
      "an extension inside the braces of an option",
      "message M { int64 a = 1 [(buf.validate.field).int64 = {[acme.v1.odd]: true}]; }",
      "tiny.v1.M.a: the option (buf.validate.field).int64.[acme.v1.odd] is not known",
    ],
    [
      "one rule under two names of an option",
      "message M { int64 a = 1 [(buf.validate.field).int64.gt = 1, (.buf.validate.field).int64.gt = 2]; }",
      "tiny.v1.M.a: the option (buf.validate.field).int64.gt is written twice",
    ],
    [
      "a value of another type",
      "message M { string a = 1 [(lyceum.v1.trim) = yes]; }",
      "tiny.v1.M.a: the option (lyceum.v1.trim): yes is no bool",
    ],
    [
      "a reason that is no name of one",
      rpc("option (lyceum.v1.reason) = REASON_NO_TEA;"),
      "tiny.v1.TinyService.Look: the option (lyceum.v1.reason): REASON_NO_TEA is not in Reason",
    ],
  ];
  for (const [what, declarations, error] of refusals) {
    it(what, () => expect(() => load(declarations)).to.throw(error));
  }

  it("an option of a file above its package", () => {
    expect(() => load("", { above: "option (.lyceum.v1.team) = 'a';" })).to.throw(
      `tiny.proto: ${here} (lyceum.v1.team)`,
    );
  });

  // protobufjs reads these as other values than protobuf does.
  const misread: readonly (readonly [what: string, options: string, error: RegExp])[] = [
    ["a zero before another value", "(buf.validate.field).int64 = {in: 0 in: 1}", /^tiny\.proto:5: in is given twice/],
    [
      "a zero before another value, in pieces",
      "(buf.validate.field).int64.in = 0x0, (buf.validate.field).int64.in = 1",
      /^tiny\.proto:5: \(buf\.validate\.field\)\.int64\.in is given twice/,
    ],
    ["an empty text before another", "(buf.validate.field).string = {in: '' in: 'a'}", /in is given twice/],
    ["an escape of more than a byte", '(buf.validate.field).string.in = "\\u00e9"', /write the character itself/],
    ["an escape of a byte of UTF-8", '(buf.validate.field).string.in = "\\xc3\\xa9"', /write the character itself/],
    ["an octal escape of such a byte", "(buf.validate.field).string.in = '\\303\\251'", /write the character itself/],
  ];
  for (const [what, options, error] of misread) {
    it(what, () => expect(() => load(`message M {\n int64 a = 1 [${options}]; }`)).to.throw(error));
  }
});

describe("a contract in which protobufjs drops a name", () => {
  const declarations = [
    "message M { string __proto__ = 1; }",
    "enum E { E_A = 0; __proto__ = 1; }",
    "message M { string a = 1 [(buf.validate.field).string.__proto__.a = 1]; }",
    "service S { rpc __proto__(google.api.HttpRule) returns (google.api.HttpRule); }",
  ];
  for (const text of declarations) {
    it(`does not start: ${text}`, () => {
      expect(() => load(text)).to.throw("tiny.proto:4: the name __proto__ is dropped");
    });
  }

  it("does not start with a part of an option that it drops", () => {
    for (const part of ["constructor", "prototype"])
      expect(() => load(`message M { int64 a = 1 [(buf.validate.field).int64.${part}.gt = 1]; }`)).to.throw(
        `tiny.proto:4: the part ${part} of an option is dropped`,
      );
  });

  it("starts where the name is in a text or a comment", () => {
    const text =
      'message M { string a = 1 [(buf.validate.field).string.in = "__proto__"]; } // __proto__\n/* __proto__ */';
    expect(() => load(text)).not.to.throw();
  });
});

describe("a contract starts with", () => {
  it("options of other packages", () => {
    const text = "message M { option (acme.v1.owner) = 'a'; int32 a = 1 [(.acme.v1.trim) = true]; }";
    expect(() => load(text)).not.to.throw();
    expect(() => load(text, { packageName: "acme.v1.tiny" })).not.to.throw();
  });

  it("zeros that are not lost, and escapes of ASCII", () => {
    const text = String.raw`message M {
      int64 a = 1 [(buf.validate.field).int64 = {in: 1 in: 0 in: [0, 2] gt: -1}];
      string b = 2 [(buf.validate.field).string = {min_len: 0 in: "\\u\x41\101\"\n" in: ""}];
      int64 c = 3 [(buf.validate.field).int64.gt = 0]; int64 d = 4 [(buf.validate.field).int64.gt = 0];
    }`;
    expect(() => load(text)).not.to.throw();
  });
});
