// The names of files, folders and tests.
import ts from "typescript";
import { declareLaw } from "./tree/declare-law.js";
import { folderOf, nameOf, scripts } from "./tree/source-tree.js";
import { nodesOf, parse } from "./tree/syntax.js";

const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const says = /^(?:utils?|helpers?|common|types?|managers?|index|misc|shared|lib)$|-(?:utils?|helpers?|managers?)$/;

/** The names in a path: its folders, and the file without its endings. */
function partsOf(path: string): string[] {
  return [...folderOf(path).split("/"), nameOf(path).replace(/(?:\.test|\.cases)?\.ts$/, "")];
}

declareLaw(
  "files and folders are kebab-case, and named after what they hold",
  (tree) =>
    scripts(tree, "src", "runner", "suite", "test", "bench", "scripts")
      .filter((path) => partsOf(path).some((part) => !kebab.test(part) || says.test(part)))
      .map((path) => `${path} does not say what it holds`),
  {
    broken: {
      "other cases, and names that hold anything": {
        files: {
          "src/chats/memberStore.ts": "",
          "src/chats/utils.ts": "",
          "src/helpers/time.ts": "",
          "runner/index.ts": "",
          "suite/cases/Chats.cases.ts": "",
          "test/support/string-utils.ts": "",
          "test/chats/send_message.test.ts": "",
        },
        finds: [
          "src/chats/memberStore.ts",
          "src/chats/utils.ts",
          "src/helpers/time.ts",
          "runner/index.ts",
          "suite/cases/Chats.cases.ts",
          "test/support/string-utils.ts",
          "test/chats/send_message.test.ts",
        ].map((path) => `${path} does not say what it holds`),
      },
    },
    kept: {
      "names that say it": {
        "src/chats/listing-store.ts": "",
        "suite/cases/chats.cases.ts": "",
        "test/chats/sending.test.ts": "",
        "runner/derived/wrong-types.ts": "",
      },
    },
  },
);

declareLaw(
  "a test's name is a sentence that is true, without the word should",
  (tree) =>
    scripts(tree, "test").flatMap((path) =>
      nodesOf(parse(tree, path))
        .filter(ts.isCallExpression)
        .filter(({ expression }) => /^(?:it|describe)\b/.test(expression.getText()))
        .map(({ arguments: [title] }) => (title && ts.isStringLiteralLike(title) ? title.text : ""))
        .filter((title) => /\bshould\b/i.test(title))
        .map((title) => `${path}: ${title}`),
    ),
  {
    broken: {
      "the word, in any quotes": {
        files: {
          "test/a.test.ts": 'it("should answer", () => {}); describe.only(`a chat, which\nshould be there`, () => {});',
        },
        finds: ["test/a.test.ts: should answer", "test/a.test.ts: a chat, which\nshould be there"],
      },
    },
    kept: { sentences: { "test/a.test.ts": 'it("answers", () => { expect(1, "should"); });' } },
  },
);

declareLaw(
  "a module has no enum, and exports something of its own",
  (tree) =>
    scripts(tree, "src", "runner", "suite").flatMap((path) => {
      const source = parse(tree, path);
      const isBarrel =
        source.statements.length > 0 &&
        source.statements.every((node) => ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined);
      const hasEnum = nodesOf(source).some(ts.isEnumDeclaration);
      const faults = [hasEnum && `${path} has an enum`, isBarrel && `${path} only passes on others`];
      return faults.filter((fault) => fault !== false);
    }),
  {
    broken: {
      "an enum, and a barrel": {
        files: {
          "src/chats/kinds.ts": "export enum Kind { Group }",
          "runner/values.ts": 'export * from "./a.js"; export { b } from "./b.js";',
        },
        finds: ["runner/values.ts only passes on others", "src/chats/kinds.ts has an enum"],
      },
    },
    kept: {
      "a module that passes on one thing beside its own": {
        "src/chats/kinds.ts": 'export { a } from "./a.js"; export type Kind = "GROUP"; // enum Kind {}',
        "src/chats/a.ts": "",
      },
    },
  },
);
