// The Dockerfile copies files that exist, among them everything that the build compiles.
import { declareLaw } from "./tree/declare-law.js";
import { scripts, type SourceTree } from "./tree/source-tree.js";
import { importsOf } from "./tree/syntax.js";

/** The sources of each COPY from the repository, without a slash at the end. */
function copied(tree: SourceTree): string[] {
  return [...(tree.get("Dockerfile") ?? "").matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) =>
    sources!.split(/\s+/).map((source) => source.replace(/\/$/, "")),
  );
}

/** Whether .dockerignore excludes a path. The last line that matches decides; `!` includes again. */
function isIgnored(path: string, tree: SourceTree): boolean {
  let ignored = false;
  for (const line of (tree.get(".dockerignore") ?? "").split("\n")) {
    const pattern = line.replace(/^!/, "").replaceAll(".", "\\.").replaceAll("*", "[^/]*");
    if (pattern !== "" && new RegExp(`^${pattern}(?:/|$)`).test(path)) ignored = !line.startsWith("!");
  }
  return ignored;
}

declareLaw(
  "each source that the Dockerfile copies exists, and .dockerignore does not exclude it",
  (tree) =>
    copied(tree)
      .filter((source) => ![...tree.keys()].some((path) => path === source || path.startsWith(`${source}/`)))
      .map((source) => `there is no ${source}`)
      .concat(
        copied(tree)
          .filter((source) => isIgnored(source, tree))
          .map((source) => `.dockerignore excludes ${source}`),
      ),
  {
    broken: {
      "a file that has moved, and a folder that is excluded": {
        files: {
          Dockerfile:
            "FROM node AS build\nCOPY a.json b.json ./\nCOPY src src\nCOPY test/vectors test/vectors\nCOPY --from=build /app/dist dist",
          ".dockerignore": ".git\ntest/*\n!test/golden\n",
          "a.json": "",
          "test/vectors/accept.json": "",
          "src/main.ts": "",
        },
        finds: ["there is no b.json", ".dockerignore excludes test/vectors"],
      },
    },
    kept: {
      "sources that exist": {
        Dockerfile: "COPY src src\nCOPY test/golden test/golden",
        ".dockerignore": "test/*\n!test/golden\n",
        "src/main.ts": "",
        "test/golden/a.json": "",
      },
    },
  },
);

declareLaw(
  "the Dockerfile copies every folder that the build compiles",
  (tree) => {
    const { include } = JSON.parse(tree.get("tsconfig.build.json")!) as { include: string[] };
    const compiled = scripts(tree, ...include).flatMap((path) => [path].concat(importsOf(tree, path)));
    const folders = new Set(compiled.map((path) => path.split("/")[0]!));
    return [...folders].filter((folder) => !copied(tree).includes(folder)).map((folder) => `${folder} is not copied`);
  },
  {
    broken: {
      "a folder that is compiled, and one that is imported": {
        files: {
          Dockerfile: "COPY src src",
          "tsconfig.build.json": '{ "include": ["src", "suite"] }',
          "src/main.ts": "",
          "suite/suite.ts": 'import { run } from "../runner/run.js";',
          "runner/run.ts": "",
        },
        finds: ["suite is not copied", "runner is not copied"],
      },
    },
    kept: {
      "all of them": {
        Dockerfile: "COPY src src",
        "tsconfig.build.json": '{ "include": ["src"] }',
        "src/main.ts": "",
        "test/a.test.ts": "",
      },
    },
  },
);
