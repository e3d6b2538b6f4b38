// What a .proto file is without its custom options: the same text elsewhere.
import { expect } from "chai";
import { isExtensionsAlone, withoutOptions, type Changes } from "../../../src/contract/export/without-options.js";

const none: Changes = {
  importOf: (path) => (path.startsWith("google/protobuf/") ? path : undefined),
  typeOf: (name) => name,
  commentOf: () => [],
};

/** Texts before and after, by what they show. */
const examples: Record<string, [string, string]> = {
  "options of fields, alone and beside others": [
    'message A {\n  int32 a = 1 [(x.y) = 2]; // a\n  int32 b = 2 [deprecated = true, (x).y = {z: [1, 2]}, json_name = "c"];\n}\n',
    'message A {\n  int32 a = 1; // a\n  int32 b = 2 [deprecated = true, json_name = "c"];\n}\n',
  ],
  "options over several lines, with marks in their texts and comments": [
    'enum E {\n  A = 0 [\n    (x) = "];", // ] ;\n    (y) = {a: ";}" /* ] */}\n  ];\n  B = 1;\n}\n',
    "enum E {\n  A = 0;\n  B = 1;\n}\n",
  ],
  "an rpc that had options alone": [
    'service S {\n  // Does.\n  rpc A(B) returns (stream C) {\n    // The route.\n    option (google.api.http) = {\n      get: "/{a}"\n      body: "*"\n    };\n    option (x.y).z = true;\n  }\n\n  rpc D(B) returns (C);\n}\n',
    "service S {\n  // Does.\n  rpc A(B) returns (stream C);\n\n  rpc D(B) returns (C);\n}\n",
  ],
  "an rpc with an option of protobuf itself": [
    "service S {\n  rpc A(B) returns (C) {\n    option (x) = 1; // one\n    option deprecated = true; // kept\n  }\n}\n",
    "service S {\n  rpc A(B) returns (C) {\n    option deprecated = true; // kept\n  }\n}\n",
  ],
  "an rpc on one line": [
    "service S { rpc A(B) returns (C) { option (x) = 1; option deprecated = true; } rpc D(B) returns (C) { option (x) = 1; } }",
    "service S { rpc A(B) returns (C) {  option deprecated = true; } rpc D(B) returns (C); }",
  ],
  "options of files, messages, oneofs, enums and services": [
    'option (f) = 1;\noption java_package = "a";\n\nmessage A {\n  // About it.\n  option (m) = {};\n  option deprecated = true;\n  oneof o {\n    option (o) = "}";\n    int32 a = 1;\n  }\n  reserved 2, 4 to max;\n  reserved "b";\n}\n\nenum E {\n  option (e) = 1;\n  option allow_alias = true;\n  A = 0;\n}\nservice S {\n  option (s) = 1;\n}\n',
    'option java_package = "a";\n\nmessage A {\n  option deprecated = true;\n  oneof o {\n    int32 a = 1;\n  }\n  reserved 2, 4 to max;\n  reserved "b";\n}\n\nenum E {\n  option allow_alias = true;\n  A = 0;\n}\nservice S {\n}\n',
  ],
  "imports, with the comments that are theirs and no others": [
    '// The file.\nsyntax = "proto3";\n\n// Rules.\nimport "buf/validate/validate.proto"; // of others\nimport "google/protobuf/empty.proto"; // nothing\nimport "google/api/http.proto";\n\n// Detached.\n\n// A message.\nmessage A {}\n',
    '// The file.\nsyntax = "proto3";\n\nimport "google/protobuf/empty.proto"; // nothing\n\n// Detached.\n\n// A message.\nmessage A {}\n',
  ],
  "all imports, of which one empty line remains": [
    'package a;\n\nimport "buf/validate/validate.proto";\nimport "x.proto";\n\nmessage A {}\n',
    "package a;\n\nmessage A {}\n",
  ],
  "names that are words of the language": [
    'message A {\n  string option = 1 [(x) = "a"];\n  string rpc = 2;\n  map<string, message.extend> import = 3 [(x) = 1];\n}\nenum E {\n  option = 0;\n  extend = 1 [(x) = 1];\n}\n',
    "message A {\n  string option = 1;\n  string rpc = 2;\n  map<string, message.extend> import = 3;\n}\nenum E {\n  option = 0;\n  extend = 1;\n}\n",
  ],
  "comments of every form at every place": [
    "/* a { */\n\n// b\n\n// c\nmessage A {\n  // d\n\n  // e (\n  int32 a = 1; // f [\n  /* g */ int32 b = 2 /* h */ [(x) = 1];\n  // i\n}\n// j\n",
    "/* a { */\n\n// b\n\n// c\nmessage A {\n  // d\n\n  // e (\n  int32 a = 1; // f [\n  /* g */ int32 b = 2;\n  // i\n}\n// j\n",
  ],
};

describe("a .proto file without custom options has lost", () => {
  for (const [what, [before, after]] of Object.entries(examples))
    it(`nothing but them: ${what}`, () => {
      expect(withoutOptions(before, none)).to.equal(after);
      expect(withoutOptions(after, none), "a second time").to.equal(after);
    });
});

describe("a .proto file without custom options has", () => {
  it("an import in the place of another, where it belongs", () => {
    const importOf = (path: string): string | undefined => (path === "b.proto" ? "k/b.proto" : path);
    const imports = (...paths: string[]): string =>
      `${paths.map((path) => `import "${path}";\n`).join("")}message A {}\n`;
    for (const [before, after] of [
      [["b.proto"], ["k/b.proto"]],
      [
        ["a.proto", "b.proto", "c.proto", "z.proto"],
        ["a.proto", "c.proto", "k/b.proto", "z.proto"],
      ],
      [
        ["a.proto", "b.proto"],
        ["a.proto", "k/b.proto"],
      ],
      [
        ["b.proto", "z.proto"],
        ["k/b.proto", "z.proto"],
      ],
      [["b.proto", "k/b.proto"], ["k/b.proto"]],
    ] as const)
      expect(withoutOptions(imports(...before), { ...none, importOf })).to.equal(imports(...after));
  });

  it("other names of types, in fields, maps and rpcs, and nowhere else", () => {
    const typeOf = (name: string): string => (name === "a.B" ? "B" : name);
    const before =
      "message M { a.B a = 1; map<string, a.B> b = 2; a.Bc c = 3; } // a.B\nservice S { rpc R(a.B) returns (stream a.B); }";
    const after = before.replace(/a\.B(?=[ )>])/g, "B");
    expect(withoutOptions(before, { ...none, typeOf })).to.equal(after);
  });

  it("more lines in the comments of its rpcs", () => {
    const commentOf = (service: string, rpc: string): string[] => [`${service}.${rpc}`, "", "more"];
    const text = (comments: readonly string[]): string =>
      `service S {\n  // Does.\n${comments[0]}  rpc A(B) returns (C);\n\n  rpc D(B) returns (C);\n}\n`.replace(
        "\n\n  rpc D",
        `\n\n${comments[1]}  rpc D`,
      );
    expect(withoutOptions(text(["", ""]), { ...none, commentOf })).to.equal(
      text(["  //\n  // S.A\n  //\n  // more\n", "  // S.D\n  //\n  // more\n"]),
    );
    expect(withoutOptions("service S { rpc A(B) returns (C); }", { ...none, commentOf })).to.equal(
      "service S { \n// S.A\n//\n// more\nrpc A(B) returns (C); }",
    );
    expect(() =>
      withoutOptions("service S {\n  /** Does. */\n  rpc A(B) returns (C);\n}", { ...none, commentOf }),
    ).to.throw("write the comment of the rpc A with //");
  });
});

describe("extensions", () => {
  it("stand in files of their own, which clients do not need", () => {
    expect(isExtensionsAlone("a.proto", "extend A { int32 b = 1; }")).to.equal(true);
    expect(isExtensionsAlone("a.proto", "message A { string extend = 1; } // extend A {}")).to.equal(false);
    expect(() => isExtensionsAlone("a.proto", "extend A { int32 b = 1; } enum E { F = 0; }")).to.throw(
      "a.proto: a file",
    );
    expect(() => withoutOptions("message A { extend B { int32 c = 1; } }", none)).to.throw("a file of its own");
  });
});
