// Imports make no circle, of files or of folders. In each folder the entries (files and subfolders) form a graph: an import
// is an arrow between the two entries of the deepest folder that has both of its files.
import { declareLaw } from "./tree/declare-law.js";
import { scripts, type SourceTree } from "./tree/source-tree.js";
import { importsOf } from "./tree/syntax.js";

/** The imports between two entries of a folder: by the entry that imports, then by the one that is imported. */
type Arrows = Map<string, Map<string, string>>;

/** The arrows of each folder. The text of an arrow is its first import. */
function foldersOf(tree: SourceTree): Map<string, Arrows> {
  const folders = new Map<string, Arrows>();
  for (const from of scripts(tree, "src", "runner", "suite", "test", "bench", "scripts", "migrations"))
    for (const to of importsOf(tree, from)) {
      const [a, b] = [from.split("/"), to.split("/")];
      let depth = 0;
      while (depth < Math.min(a.length, b.length) - 1 && a[depth] === b[depth]) depth += 1;
      const folder = a.slice(0, depth).join("/");
      const arrows = folders.get(folder) ?? new Map<string, Map<string, string>>();
      const targets = arrows.get(a[depth]!) ?? new Map<string, string>();
      if (!targets.has(b[depth]!)) targets.set(b[depth]!, `${from} imports ${to}`);
      folders.set(folder, arrows.set(a[depth]!, targets));
    }
  return folders;
}

/** The shortest circle through an entry, as a list of imports; undefined without one. */
function circleThrough(start: string, arrows: Arrows): string[] | undefined {
  const ways = new Map<string, string[]>([[start, []]]);
  // The iteration includes entries that are added meanwhile, so this is a breadth-first search.
  for (const [entry, way] of ways)
    for (const [next, text] of arrows.get(entry) ?? []) {
      if (next === start) return [...way, text];
      if (!ways.has(next)) ways.set(next, [...way, text]);
    }
  return undefined;
}

declareLaw(
  "imports make no circle, of files or of folders",
  (tree) =>
    [...foldersOf(tree)].flatMap(([folder, arrows]) => {
      const circles = [...arrows.keys()].flatMap((entry) => {
        const circle = circleThrough(entry, arrows);
        return circle ? [{ entry, circle }] : [];
      });
      // A circle is found from each of its entries, and reported once.
      const told = new Set<string>();
      return circles
        .filter(({ circle }) => !circle.some((text) => told.has(text)) && circle.every((text) => told.add(text)))
        .map(({ circle }) => `in ${folder || "the root"}: ${circle.join(", ")}`);
    }),
  {
    broken: {
      "two files that import each other": {
        files: {
          "runner/cast.ts": 'import { lane } from "./lane.js";',
          "runner/lane.ts": 'import type { Cast } from "./cast.js";',
        },
        finds: ["in runner: runner/cast.ts imports runner/lane.ts, runner/lane.ts imports runner/cast.ts"],
      },
      "three domains, no file of which is in a circle": {
        files: {
          "src/chats/a.ts": 'import "../users/b.js";',
          "src/users/b.ts": "",
          "src/users/c.ts": 'import "../accounts/d.js";',
          "src/accounts/d.ts": "",
          "src/accounts/e.ts": 'import "../chats/f.js";',
          "src/chats/f.ts": "",
        },
        finds: [
          "in src: src/accounts/e.ts imports src/chats/f.ts, src/chats/a.ts imports src/users/b.ts, src/users/c.ts imports src/accounts/d.ts",
        ],
      },
      "a folder and a file beside it": {
        files: {
          "src/chats/store.ts": 'import { unread } from "./members/store.js";',
          "src/chats/members/store.ts": "",
          "src/chats/members/ownership.ts": 'import { lock } from "../store.js";',
        },
        finds: [
          "in src/chats: src/chats/members/ownership.ts imports src/chats/store.ts, src/chats/store.ts imports src/chats/members/store.ts",
        ],
      },
      "tests, and folders of the root": {
        files: {
          "test/chats/a.test.ts": 'import "../accounts/refusal.js";',
          "test/accounts/refusal.ts": "",
          "test/accounts/b.test.ts": 'import "../chats/classroom.js"; import "../../bench/load.js";',
          "test/chats/classroom.ts": "",
          "bench/load.ts": "",
          "bench/bench.ts": 'import "../test/chats/classroom.js";',
        },
        finds: [
          "in test: test/accounts/b.test.ts imports test/chats/classroom.ts, test/chats/a.test.ts imports test/accounts/refusal.ts",
          "in the root: bench/bench.ts imports test/chats/classroom.ts, test/accounts/b.test.ts imports bench/load.ts",
        ],
      },
    },
    kept: {
      "files that import one another's neighbours, and arrows that meet again": {
        "src/chats/a.ts": 'import "./members/b.js"; import "./c.js";',
        "src/chats/members/b.ts": 'import "../c.js"; import "./d.js";',
        "src/chats/members/d.ts": "",
        "src/chats/c.ts": 'import "../users/e.js";',
        "src/users/e.ts": "",
      },
    },
  },
);
