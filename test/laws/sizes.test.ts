// The size of folders and files.
import { declareLaw } from "./tree/declare-law.js";
import { folderOf, scripts } from "./tree/source-tree.js";

const mostFiles = 15;
const mostLines = 300;

/** The number of lines of a text, with or without a line break at the end. */
function linesIn(text: string): number {
  return text.replace(/\n$/, "").split("\n").length;
}

declareLaw(
  `a folder has at most ${mostFiles} TypeScript files`,
  (tree) => {
    const counts = new Map<string, number>();
    for (const path of scripts(tree, "src", "runner", "suite", "test", "bench", "scripts"))
      counts.set(folderOf(path), (counts.get(folderOf(path)) ?? 0) + 1);
    return [...counts]
      .filter(([, count]) => count > mostFiles)
      .map(([folder, count]) => `${folder} has ${count} files`);
  },
  {
    broken: {
      "one file too many": {
        files: Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`test/http/n${index}.test.ts`, ""])),
        finds: ["test/http has 16 files"],
      },
    },
    kept: {
      "fifteen files, a folder beside them, data and generated types": Object.fromEntries([
        ...Array.from({ length: 15 }, (_, index) => [`runner/n${index}.ts`, ""]),
        ["runner/values/edges.ts", ""],
        ...Array.from({ length: 16 }, (_, index) => [`test/golden/n${index}.json`, ""]),
        ...Array.from({ length: 16 }, (_, index) => [`src/gen/lyceum/v1/n${index}.ts`, ""]),
      ]) as Record<string, string>,
    },
  },
);

declareLaw(
  `a file has at most ${mostLines} lines, except tests`,
  (tree) =>
    scripts(
      tree,
      "src",
      "runner",
      "suite",
      "bench",
      "scripts",
      "migrations",
      "test/laws",
      "test/support",
      "test/faults",
    )
      .map((path) => ({ path, lines: linesIn(tree.get(path)!) }))
      .filter(({ lines }) => lines > mostLines)
      .map(({ path, lines }) => `${path} has ${lines} lines`),
  {
    broken: {
      "one line too many": {
        files: {
          "src/chats/store.ts": "// x\n".repeat(301),
          "runner/check.ts": "// x\n".repeat(300) + "// x",
          "suite/cases/chats.cases.ts": "// x\n".repeat(400),
        },
        finds: [
          "src/chats/store.ts has 301 lines",
          "runner/check.ts has 301 lines",
          "suite/cases/chats.cases.ts has 400 lines",
        ],
      },
    },
    kept: {
      "300 lines, and a test": {
        "src/chats/store.ts": "// x\n".repeat(300),
        "test/chats/sending.test.ts": "// x\n".repeat(900),
      },
    },
  },
);
