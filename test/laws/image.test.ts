// The Dockerfile copies files that exist, among them everything that the build compiles; and what runs Node has one version of it.
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

declareLaw(
  "the image that runs has the packages that npm calls optional: the binaries of a dependency are",
  (tree) =>
    [...(tree.get("Dockerfile") ?? "").matchAll(/^RUN .*--(?:omit[= ]optional|no-optional).*$/gm)].map(
      ([line]) => `the Dockerfile leaves out what sharp needs: ${line}`,
    ),
  {
    broken: {
      "an installation without them": {
        files: { Dockerfile: "RUN npm ci --omit=dev --omit=optional && true" },
        finds: ["the Dockerfile leaves out what sharp needs: RUN npm ci --omit=dev --omit=optional && true"],
      },
    },
    kept: { "an installation with them": { Dockerfile: "# Not --omit=optional.\nRUN npm ci --omit=dev" } },
  },
);

declareLaw(
  "the image, the workflows and the README have one version of Node, and the workflows also the oldest that works",
  (tree) => {
    const of = (path: string, pattern: RegExp): string[] =>
      [...(tree.get(path) ?? "").matchAll(pattern)].map((match) => match[1]!);
    const [recommended = "none"] = of("README.md", /^You need Node ([\d.]+),/gm);
    const [oldest = "none"] = of("package.json", /"node": ">=([\d.]+)"/g);
    const workflows = [...tree.keys()].filter((path) => path.startsWith(".github/workflows/"));
    const tested = workflows.flatMap((path) =>
      of(path, /^ *node(?:-version)?: (["[].*)$/gm).map((list) => ({ path, list })),
    );
    return [
      ...of("Dockerfile", /^FROM node:([\d.]+)-/gm)
        .filter((version) => version !== recommended)
        .map((version) => `the Dockerfile has Node ${version}, and the README ${recommended}`),
      ...tested
        .filter(({ list }) => !list.includes(`"${recommended}"`))
        .map(({ path, list }) => `${path} has Node ${list} without ${recommended}`),
      ...(tested.some(({ list }) => list.includes(`"${oldest}"`)) ? [] : [`no workflow has Node ${oldest}`]),
    ];
  },
  {
    broken: {
      "versions that differ": {
        files: {
          "README.md": "You need Node 24, `make` and bash.",
          "package.json": '{ "engines": { "node": ">=20.19" } }',
          Dockerfile: "FROM node:22-slim AS build\nFROM node:24-slim",
          ".github/workflows/ci.yaml": '        node: ["20", "22"]\n          node-version: ${{ matrix.node }}',
          ".github/workflows/nightly.yaml": '          node-version: "22"',
        },
        finds: [
          "the Dockerfile has Node 22, and the README 24",
          '.github/workflows/ci.yaml has Node ["20", "22"] without 24',
          '.github/workflows/nightly.yaml has Node "22" without 24',
          "no workflow has Node 20.19",
        ],
      },
    },
    kept: {
      "one version, and more in a workflow": {
        "README.md": "You need Node 24, `make` and bash.",
        "package.json": '{ "engines": { "node": ">=20.19" } }',
        Dockerfile: "FROM node:24-slim AS build\nFROM node:24-slim",
        ".github/workflows/ci.yaml": '        node: ["20.19", "24", "26"]\n          node-version: ${{ matrix.node }}',
      },
    },
  },
);
