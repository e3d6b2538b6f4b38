// How a file begins: with what it is for.
import { declareLaw } from "./tree/declare-law.js";
import { scripts } from "./tree/source-tree.js";

const mostLines = 3;

/** The line comments at the beginning of a text; a `#!` line comes before them. */
function openingOf(text: string): string[] {
  const lines = text.split("\n");
  const from = lines[0]?.startsWith("#!") ? 1 : 0;
  const end = lines.findIndex((line, index) => index >= from && !/^\/\/ \S/.test(line));
  return lines.slice(from, end < 0 ? lines.length : end);
}

declareLaw(
  `a file of src/, runner/ and suite/ says first, in one to ${mostLines} lines, what it is for; cases are data and say it themselves`,
  (tree) =>
    scripts(tree, "src", "runner", "suite")
      .filter((path) => !path.endsWith(".cases.ts"))
      .flatMap((path) => {
        const { length } = openingOf(tree.get(path)!);
        if (length === 0) return [`${path} does not say what it is for`];
        return length > mostLines ? [`${path} takes ${length} lines to say what it is for`] : [];
      }),
  {
    broken: {
      "a file that begins with its imports, or with an empty comment, or with a page of text": {
        files: {
          "src/chats/a.ts": 'import { b } from "./b.js";\n// Chats.',
          "runner/b.ts": "//\nexport const b = 1;",
          "suite/c.ts": "/** C */\nexport const c = 1;",
          "src/d.ts": "// one\n// two\n// three\n// four\n",
        },
        finds: [
          "src/chats/a.ts does not say what it is for",
          "runner/b.ts does not say what it is for",
          "suite/c.ts does not say what it is for",
          "src/d.ts takes 4 lines to say what it is for",
        ],
      },
    },
    kept: {
      "one line, three lines, a program, more below an empty line, and generated types": {
        "src/a.ts": "// Chats.\nexport const a = 1;",
        "runner/b.ts": "// one\n// two\n// three\n\n// four\n",
        "suite/c.ts": "#!/usr/bin/env node\n// The program.\n",
        "src/gen/lyceum/v1/chat.ts": "export interface Chat {}",
        "suite/cases/chats.cases.ts": "export const chats = {};",
      },
    },
  },
);
