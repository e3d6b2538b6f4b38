// The words of docs/glossary.md: retired ones are not names of anything, and the others are explained once.
import { declareLaw } from "./tree/declare-law.js";
import { nameOf, scripts, type SourceTree } from "./tree/source-tree.js";
import { declaredNames } from "./tree/syntax.js";

interface Retired {
  readonly word: string;
  /** The folder in which the word is retired; empty for both. */
  readonly folder: string;
  /** The word that is used instead. */
  readonly now: string;
}

/** The rows of the table of retired words. */
function retiredWords(tree: SourceTree): Retired[] {
  const section = /^## Retired words$([^]*)/m.exec(tree.get("docs/glossary.md") ?? "")?.[1] ?? "";
  return [...section.matchAll(/^\| (`.*?) \|(.*?)\| (.*?) \|$/gm)].flatMap(([, retired, folder, now]) =>
    [...retired!.matchAll(/`([^`]+)`/g)].map(([, word]) => ({
      word: word!,
      folder: folder!.replaceAll("`", "").trim(),
      now: now!.replaceAll(/[_`]/g, ""),
    })),
  );
}

/** `sendMessageAs` and `send-message-as` are the words send, message and as. */
function wordsOf(name: string): string {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").split(/[^A-Za-z0-9]+/);
  return ` ${words.join(" ").toLowerCase().trim()} `;
}

function has(name: string, word: string): boolean {
  return /[A-Z]/.test(word) ? name === word : wordsOf(name).includes(` ${word} `);
}

declareLaw(
  "a retired word is not the name of anything in src/ and runner/",
  (tree) => {
    const retired = retiredWords(tree);
    if (retired.length === 0) return ["docs/glossary.md retires no word"];
    return scripts(tree, "src", "runner").flatMap((path) => {
      const names = new Set([nameOf(path).replace(/\.ts$/, ""), ...declaredNames(tree, path)]);
      return [...names].flatMap((name) =>
        retired
          .filter(({ word, folder }) => path.startsWith(folder) && has(name, word))
          .map(({ now }) => `${path} has the name ${name}: say ${now}`),
      );
    });
  },
  {
    broken: {
      "a file, a class, a parameter, a field, and two words": {
        files: {
          "docs/glossary.md": [
            "| `seq` | | a place |",
            "## Retired words",
            "",
            "| retired | in | now |",
            "| --- | --- | --- |",
            "| `slot`, `slots` | | _field schema_ |",
            "| `Presence` | | _database monitor_ |",
            "| `front hall` | | middleware |",
            "| `lane` | `runner/` | _worker_ |",
          ].join("\n"),
          "runner/values/slot.ts": "import { lane } from './lane.js';",
          "src/contract/a.ts": "const keySlotOf = (slots: string) => ({ front_hall: 1 }); class Presence {}",
          "src/front-hall.ts": "",
        },
        finds: [
          "runner/values/slot.ts has the name slot: say field schema",
          "runner/values/slot.ts has the name lane: say worker",
          "src/contract/a.ts has the name keySlotOf: say field schema",
          "src/contract/a.ts has the name slots: say field schema",
          "src/contract/a.ts has the name Presence: say database monitor",
          "src/contract/a.ts has the name front_hall: say middleware",
          "src/front-hall.ts has the name front-hall: say middleware",
        ],
      },
      "a glossary without the table": {
        files: { "docs/glossary.md": "# Glossary" },
        finds: ["docs/glossary.md retires no word"],
      },
    },
    kept: {
      "other words, names of libraries, comments, and the other folder": {
        "docs/glossary.md": "## Retired words\n| `seal`, `Presence` | | x |\n| `lane` | `runner/` | x |",
        "src/contract/a.ts":
          "// the seal\nconst a = Object.seal({}); const sealant = 1; const hasPresence = true; const lane = 1;",
        "test/seal.ts": "const seal = 1;",
      },
    },
  },
);

/** The words that the glossary explains, with their meanings. */
function explained(tree: SourceTree): [string, string][] {
  const text = (tree.get("docs/glossary.md") ?? "").replace(/^## Retired words$[^]*/m, "");
  return [...text.matchAll(/^\| ((?!word \||---)[^|]+) \| (.*) \|$/gm)].map(([, word, meaning]) => [word!, meaning!]);
}

declareLaw(
  "the glossary explains each word once, in the order of the alphabet, and each word in italics",
  (tree) => {
    const entries = explained(tree);
    const words = entries.map(([word]) => word);
    const known = new Set(
      words.flatMap((word) => [word, `${word}s`, word.replace(/y$/, "ies"), word.replace(/s$/, "")]),
    );
    const disorder = words.filter((word, index) => index > 0 && words[index - 1]!.localeCompare(word, "en") >= 0);
    const italics = entries.flatMap(([word, meaning]) =>
      [...meaning.replaceAll(/`[^`]*`/g, "").matchAll(/(?<!\w)_([^_]+)_/g)]
        .filter(([, other]) => !known.has(other!))
        .map(([, other]) => `${other} is not explained, though ${word} refers to it`),
    );
    return [...disorder.map((word) => `${word} is out of order, or there twice`), ...italics];
  },
  {
    broken: {
      "a word out of order, one that is there twice, and one that is missing": {
        files: {
          "docs/glossary.md":
            "| word | meaning |\n| --- | --- |\n| chat | of _members_ |\n| case | x |\n| case | y |\n## Retired words\n| `a` | | b |",
        },
        finds: [
          "case is out of order, or there twice",
          "case is out of order, or there twice",
          "members is not explained, though chat refers to it",
        ],
      },
    },
    kept: {
      "words in order, in the plural, and names in code": {
        "docs/glossary.md": "| case | `last_read_seq` of _chats_ |\n| chat | a _case_; last_read_seq |",
      },
    },
  },
);
