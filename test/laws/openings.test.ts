// The first comment of a file.
import { declareLaw } from "./tree/declare-law.js";
import { scripts } from "./tree/source-tree.js";

const mostLines = 3;

/** The line comments at the beginning of a text, after a `#!` line. */
function openingOf(text: string): string[] {
  const lines = text.split("\n");
  const from = lines[0]?.startsWith("#!") ? 1 : 0;
  const end = lines.findIndex((line, index) => index >= from && !/^\/\/ \S/.test(line));
  return lines.slice(from, end < 0 ? lines.length : end);
}

declareLaw(
  `a file of src/, runner/ and suite/ begins with a comment of one to ${mostLines} lines`,
  (tree) =>
    scripts(tree, "src", "runner", "suite").flatMap((path) => {
      const { length } = openingOf(tree.get(path)!);
      if (length === 0) return [`${path} has no first comment`];
      return length > mostLines ? [`${path} has a first comment of ${length} lines`] : [];
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
          "src/chats/a.ts has no first comment",
          "runner/b.ts has no first comment",
          "suite/c.ts has no first comment",
          "src/d.ts has a first comment of 4 lines",
        ],
      },
    },
    kept: {
      "one line, three lines, a program, more below an empty line, and generated types": {
        "src/a.ts": "// Chats.\nexport const a = 1;",
        "runner/b.ts": "// one\n// two\n// three\n\n// four\n",
        "suite/c.ts": "#!/usr/bin/env node\n// The program.\n",
        "src/gen/lyceum/v1/chat.ts": "export interface Chat {}",
      },
    },
  },
);
