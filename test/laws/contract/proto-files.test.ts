// The .proto files of the contract, as those who compile them need them: where extensions may stand, and the names of the code
// that is made of them in each language.
import protobuf from "protobufjs";
import descriptor from "protobufjs/google/protobuf/descriptor.json" with { type: "json" };
import { statementsOf, type Statement } from "../../../src/contract/export/statements.js";
import { declareLaw } from "../tree/declare-law.js";
import { folderOf, type SourceTree } from "../tree/source-tree.js";

interface ProtoFile {
  /** From proto/: `lyceum/v1/chat.proto` */
  readonly path: string;
  readonly statements: readonly Statement[];
}

function protoFiles(tree: SourceTree): ProtoFile[] {
  return [...tree]
    .filter(([path]) => /^proto\/lyceum\/.*\.proto$/.test(path))
    .map(([path, text]) => ({ path: path.replace(/^proto\//, ""), statements: statementsOf(text) }));
}

const declaring: ReadonlySet<string> = new Set(["message", "enum", "service"]);

function wordOf({ tokens }: Statement, index = 0): string {
  return tokens[index]?.text ?? "";
}

function all(statements: readonly Statement[]): Statement[] {
  return statements.flatMap((statement) => [statement, ...all(statement.block ?? [])]);
}

declareLaw(
  // The lite runtimes of Java have no descriptor.proto: a file with an extension of its messages does not compile there.
  "a file of the contract that declares anything has no extend, and no import of descriptor.proto",
  (tree) =>
    protoFiles(tree)
      .filter(({ statements }) => statements.some((statement) => declaring.has(wordOf(statement))))
      .flatMap(({ path, statements }) => {
        const faults = [
          all(statements).some((statement) => wordOf(statement) === "extend") && `${path} has an extend`,
          statements.some((statement) => wordOf(statement, 1).includes("google/protobuf/descriptor.proto")) &&
            `${path} imports descriptor.proto`,
        ];
        return faults.filter((fault) => fault !== false);
      }),
  {
    broken: {
      "an extension beside messages, in a message, and of a service's file": {
        files: {
          "proto/lyceum/v1/a.proto":
            'import "google/protobuf/descriptor.proto"; message A {} extend google.protobuf.FieldOptions { bool a = 1; }',
          "proto/lyceum/v1/b.proto": "message B { message C { extend X { bool c = 1; } } }",
          "proto/lyceum/v2/c.proto": "service S {}\nextend google.protobuf.MethodOptions { bool a = 1; }",
        },
        finds: [
          "lyceum/v1/a.proto has an extend",
          "lyceum/v1/a.proto imports descriptor.proto",
          "lyceum/v1/b.proto has an extend",
          "lyceum/v2/c.proto has an extend",
        ],
      },
    },
    kept: {
      "extensions in a file of their own, the word in other places, and files of others": {
        "proto/lyceum/v1/options.proto":
          'import "google/protobuf/descriptor.proto"; extend google.protobuf.FieldOptions { bool a = 1; }',
        "proto/lyceum/v1/a.proto": '// extend A {}\nmessage A { string extended = 1 [(a) = "extend X {"]; }',
        "proto/buf/validate/validate.proto": "message A {} extend A { bool b = 1; }",
      },
    },
  },
);

function pascal(words: string): string {
  return words.replace(/(?:^|[._/])([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The value that each option of a file must have, as it is written. */
function expected(path: string, packageName: string): Record<string, string> {
  const parts = packageName.split(".").map(pascal);
  const name = /([^/]*)\.proto$/.exec(path)![1]!;
  return {
    csharp_namespace: `"${parts.join(".")}"`,
    // Whatever module the files are in, the folder below it is the import path, and all of a package are one Go package.
    go_package: `"${folderOf(path)};${packageName.replaceAll(".", "")}"`,
    java_multiple_files: "true",
    java_outer_classname: `"${pascal(name)}Proto"`,
    java_package: `"${packageName}"`,
    objc_class_prefix: `"${parts[0]!.slice(0, 3).toUpperCase()}"`,
    php_metadata_namespace: `"${parts.join("\\\\")}\\\\GPBMetadata"`,
    php_namespace: `"${parts.join("\\\\")}"`,
    ruby_package: `"${parts.join("::")}"`,
    swift_prefix: `"${parts.join("")}"`,
  };
}

/** The options that protobuf has for the names of generated code. php_class_prefix is for PHP without namespaces. */
const namingOptions = Object.entries(
  protobuf.Root.fromJSON(descriptor).lookupType("google.protobuf.FileOptions").fields,
)
  .filter(([name, { type }]) => (type === "string" && name !== "phpClassPrefix") || name === "javaMultipleFiles")
  .map(([name]) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));

declareLaw(
  "a file of the contract names the code that is made of it in every language, after its package and its own name",
  (tree) => {
    const files = protoFiles(tree);
    const declared = new Map(
      files.flatMap(({ path, statements }) =>
        statements.filter((s) => declaring.has(wordOf(s))).map((s) => [wordOf(s, 1), path] as const),
      ),
    );
    return files.flatMap(({ path, statements }) => {
      const packageName = wordOf(
        statements.find((statement) => wordOf(statement) === "package")!,
        1,
      );
      const given = new Map(
        statements.filter((s) => wordOf(s) === "option").map((s) => [wordOf(s, 1), wordOf(s, 3)] as const),
      );
      const wanted = expected(path, packageName);
      const faults = [...new Set([...namingOptions, ...Object.keys(wanted)])]
        .filter((name) => given.get(name) !== wanted[name])
        .map((name) => `${path}: ${name} is ${given.get(name) ?? "absent"}, expected ${wanted[name]}`);
      const outer = given.get("java_outer_classname")?.slice(1, -1) ?? "";
      if (declared.has(outer)) faults.push(`${path}: ${outer} is declared in ${declared.get(outer)}`);
      return faults;
    });
  },
  {
    broken: {
      "an option that is absent, one of another file, another package, and a class of the name of a message": {
        files: {
          "proto/lyceum/v1/new_chat.proto": protoText().replace(/option go_package.*\n/, ""),
          "proto/lyceum/v1/old_chat.proto": protoText(),
          "proto/lyceum/v1/a.proto": protoText("A").replace("message A", "message BProto").replace('"LYC"', '"LY"'),
          "proto/lyceum/v1/b.proto": protoText("B"),
        },
        finds: [
          'lyceum/v1/new_chat.proto: go_package is absent, expected "lyceum/v1;lyceumv1"',
          'lyceum/v1/old_chat.proto: java_outer_classname is "NewChatProto", expected "OldChatProto"',
          'lyceum/v1/a.proto: objc_class_prefix is "LY", expected "LYC"',
          "lyceum/v1/b.proto: BProto is declared in lyceum/v1/a.proto",
        ],
      },
    },
    kept: {
      "all of them": {
        "proto/lyceum/v1/new_chat.proto": protoText(),
        "proto/google/api/http.proto": "message Http {}",
      },
    },
  },
);

/** A file of lyceum.v1 with all options. */
function protoText(name = "NewChat"): string {
  return `syntax = "proto3";
package lyceum.v1;
option csharp_namespace = "Lyceum.V1";
option go_package = "lyceum/v1;lyceumv1";
option java_multiple_files = true;
option java_outer_classname = "${name}Proto";
option java_package = "lyceum.v1";
option objc_class_prefix = "LYC";
option php_metadata_namespace = "Lyceum\\\\V1\\\\GPBMetadata";
option php_namespace = "Lyceum\\\\V1";
option ruby_package = "Lyceum::V1";
option swift_prefix = "LyceumV1";
message A {}
`;
}
