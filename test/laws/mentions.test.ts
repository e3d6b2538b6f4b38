// A file that a comment or a document names exists.
import { dirname, join, normalize } from "node:path";
import { declareLaw } from "./tree/declare-law.js";
import { scripts, type SourceTree } from "./tree/source-tree.js";
import { commentsOf } from "./tree/syntax.js";

/**
 * A path or a name of a file; `*`, `<x>` and `X` stand for any part of a name, `{a,b}` for one of the two,
 * `...` for any folders. */
const mention = /(?<![\w/.@-])(?:[\w.*<>{},-]+\/)*[\w*<>{},-][\w.*<>{},-]*\.(?:ts|md|proto|mjs|cjs|yaml)\b(?!\.\w)/g;

/** Files that are not of this repository: those of protobuf itself, and declarations of types. */
const foreign = /^(?:google\/protobuf\/[\w.]+|(?:\w+\/)*(?:descriptor|timestamp|duration|empty)\.proto|[\w-]+\.d\.ts)$/;

/** The names of files in a text, each once. */
function mentionsIn(text: string): string[] {
  return [...new Set([...text.matchAll(mention)].map(([name]) => name.replace(/^\.\.?\//, "")))].filter(
    (name) => !foreign.test(name),
  );
}

function exists(name: string, tree: SourceTree): boolean {
  const pattern = name
    .replaceAll("/.../", "/**/")
    .replaceAll(/<[^>]*>|\bX(?=\.)/g, "*")
    .replaceAll(/[.+?^$()|[\]\\]/g, "\\$&")
    .replaceAll("**/", "(?:.+/)?")
    .replaceAll(/(?<!\.)\*/g, "[^/]*")
    .replaceAll(/\{([^}]*)\}/g, (_, names: string) => `(?:${names.replaceAll(",", "|")})`);
  const regex = new RegExp(`(?:^|/)${pattern}$`);
  return [...tree.keys()].some((path) => regex.test(path));
}

declareLaw(
  "a file that a comment names exists",
  (tree) =>
    scripts(tree, "src", "runner", "suite", "test", "bench", "scripts", "migrations")
      .concat([...tree.keys()].filter((path) => path.endsWith(".proto")))
      .flatMap((path) =>
        (path.endsWith(".ts") ? commentsOf(tree, path) : (tree.get(path)!.match(/\/\/.*/g) ?? []))
          .flatMap(mentionsIn)
          .filter((name) => !exists(name, tree))
          .map((name) => `${path} names ${name}`),
      ),
  {
    broken: {
      "files that have gone, in every kind of comment": {
        files: {
          "src/chats/store.ts": `// see run-cases.ts
            /** As users/people.ts and docs/words.md have it. */
            const s = \`a // b.ts \${c /* chat.proto */} https://example.org/d.ts\`;`,
          "src/users/person.ts": "",
          "proto/lyceum/v1/user.proto": "// As in chat.proto.",
          "test/chats/*-store.ts": "",
        },
        finds: ["run-cases.ts", "users/people.ts", "docs/words.md", "chat.proto"]
          .map((name) => `src/chats/store.ts names ${name}`)
          .concat("proto/lyceum/v1/user.proto names chat.proto"),
      },
      "a pattern that nothing fits": {
        files: { "runner/check.ts": "// every suite/cases/*.cases.ts, and {a,b}.test.ts", "suite/chats.cases.ts": "" },
        finds: ["runner/check.ts names suite/cases/*.cases.ts", "runner/check.ts names {a,b}.test.ts"],
      },
    },
    kept: {
      "a name, a path, the end of a path, a pattern, and a file of protobuf itself": {
        "src/chats/store.ts": `// store.ts, chats/store.ts, src/chats/store.ts; ./store.ts
          // every *store.ts, <domain>/store.ts, X.proto, src/.../X.ts and {chat,user}.proto; google/protobuf/timestamp.proto; e.g. Node.js
          const s = "gone.ts";`,
        "proto/chat.proto": "",
      },
    },
  },
);

/** The text of a document without its code blocks: those may show files that the reader is about to write. */
function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^( *)```(?:ts|js|sh|proto|json|diff)\n[^]*?^\1```$/gm, "");
}

declareLaw(
  "a file that a document names, or links to, exists",
  (tree) =>
    [...tree.keys()]
      .filter((path) => path.endsWith(".md"))
      .flatMap((path) => {
        const text = withoutCode(tree.get(path)!);
        const links = [...text.matchAll(/\]\((?!\w+:|#|\/)([^)#\s]+)/g)].map(([, target]) =>
          normalize(join(dirname(path), target!)).replaceAll("\\", "/"),
        );
        const isThere = (target: string): boolean =>
          tree.has(target) || [...tree.keys()].some((other) => other.startsWith(target.replace(/\/?$/, "/")));
        return mentionsIn(text.replaceAll(/\]\([^)]*\)/g, "]"))
          .filter((name) => !exists(name, tree))
          .map((name) => `${path} names ${name}`)
          .concat(links.filter((target) => !isThere(target)).map((target) => `${path} links to ${target}`));
      }),
  {
    broken: {
      "names and links that lead nowhere": {
        files: {
          "README.md":
            "See `test/laws.test.ts`, [the words](docs/words.md) and [decisions](docs/adr/).\n```text\nsrc/door.ts\n```",
          "docs/glossary.md": "In [ARCHITECTURE.md](ARCHITECTURE.md).",
          "ARCHITECTURE.md": "",
        },
        finds: [
          "README.md names test/laws.test.ts",
          "README.md names src/door.ts",
          "README.md links to docs/words.md",
          "README.md links to docs/adr/",
          "docs/glossary.md links to docs/ARCHITECTURE.md",
        ],
      },
    },
    kept: {
      "names and links that are right, code that is to be written, and addresses": {
        "docs/glossary.md":
          "[up](../ARCHITECTURE.md#rooms), [data](adr/), [site](https://example.org/a.md), [here](#words)\n```ts\nimport './new.ts';\n```",
        "docs/adr/0001-one.md": "glossary.md",
        "ARCHITECTURE.md": "",
      },
    },
  },
);

/** A path in a setting: it begins with a folder of the root. */
const rooted = /(?<![\w./-])(?:src|runner|suite|test|bench|scripts|migrations|proto|docs)\/[\w./{},*-]+\.[a-z]+\b/g;
const made = /^(?:src\/gen\/\.generated)$/;

declareLaw(
  "a file that a setting or a script names exists",
  (tree) =>
    [...tree.keys()]
      .filter((path) =>
        /^(?:Makefile|Dockerfile|[\w.-]+\.(?:json|yaml|cjs)|\.[\w.-]+|\.github\/.*|\.ci\/.*|scripts\/.*)$/.test(path),
      )
      .filter((path) => path !== "package-lock.json")
      .flatMap((path) =>
        (tree.get(path)!.match(rooted) ?? [])
          .filter((name) => !made.test(name) && !exists(name, tree))
          .map((name) => `${path} names ${name}`),
      ),
  {
    broken: {
      "a program that has moved, and a pattern that nothing fits": {
        files: {
          "scripts/check.ts": 'mocha("test/golden.test.ts");',
          Makefile: "\ttsx test/contract/boot.ts\n\tmocha test/engine/{a,b}.test.ts",
          "knip.json": '["test/**/*.test.ts", "bench/*.ts"]',
        },
        finds: [
          "scripts/check.ts names test/golden.test.ts",
          "Makefile names test/contract/boot.ts",
          "Makefile names test/engine/{a,b}.test.ts",
          "knip.json names test/**/*.test.ts",
          "knip.json names bench/*.ts",
        ],
      },
    },
    kept: {
      "files that are there, built, or made": {
        Makefile: "node dist/src/main.js; touch src/gen/.generated; tsx bench/bench.ts",
        "knip.json": '["test/**/*.test.ts"]',
        "bench/bench.ts": "",
        "test/chats/sending.test.ts": "",
      },
    },
  },
);

declareLaw(
  "a target of make that a document names exists",
  (tree) => {
    const targets = new Set([...(tree.get("Makefile") ?? "").matchAll(/^([a-z-]+):/gm)].map((match) => match[1]!));
    return [...tree.keys()]
      .filter((path) => path.endsWith(".md"))
      .flatMap((path) =>
        [...tree.get(path)!.matchAll(/(?:`|^ *)make ([a-z-]+)/gm)]
          .filter(([, target]) => !targets.has(target!))
          .map(([, target]) => `${path} names make ${target}`),
      );
  },
  {
    broken: {
      "a target that has gone": {
        files: {
          Makefile: "run: built\n\t@node main.js\n",
          "README.md": "`make run` and `make tests`:\n```sh\nmake all  # both\n```\nPeople make mistakes.",
        },
        finds: ["README.md names make tests", "README.md names make all"],
      },
    },
    kept: {
      "targets that are there": {
        Makefile: "run: built\nrelease-contract: run\n",
        "README.md":
          "`make` alone, `make run`, `make release-contract ARGS=1`, `migrate make NAME`, and what you make of it.",
      },
    },
  },
);
