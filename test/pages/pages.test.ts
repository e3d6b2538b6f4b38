// Every page of the documentation with commands: played on one fresh demo server, it prints what it shows.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { Client } from "pg";
import { temporaryFolder } from "../support/database.js";
import { end, projectRoot, serve, type Server } from "../support/program.js";
import { blocksOf, difference, play, type Block } from "./page.js";

/** Commands that are not played, by how a line of them begins, and why. */
const notPlayed: Readonly<Record<string, string>> = {
  "make run":
    "it is the server on which all pages are played, whose output is compared below; make test runs this test",
  "make bench": "it takes a minute, and its numbers are of one machine",
  "npx lyceum-contract --url https://staging.example.org": "there is no such server",
  'npx lyceum-contract --url "$STAGING"': "there is no such server",
  "node --enable-source-maps dist/src/main.js serve":
    "test/resilience/stops.test.ts starts and stops it as an operator does",
  pg_restore: "the embedded Postgres has no pg_dump",
  'pg_dump -h "$(sed': "the embedded Postgres has no pg_dump",
};

/** What needs a compiler, and for Android the registry of Maven, is not played in every run: PLAY_COMPILED=1 plays it too. */
const compiled: Readonly<Record<string, string>> = {
  "go run": "`make outsiders` plays it, with PLAY_COMPILED=1",
  "mvn ": "`make outsiders` plays it, with PLAY_COMPILED=1",
};

/** Programs that a machine may lack; what needs one is then not played. */
const tools = ["python3", "go", "mvn", "javac", "unzip"];

/** Pages with tests of their own: of the second, test/outsiders runs the tools. */
const elsewhere = new Set(["docs/adding-an-endpoint.md", "docs/clients.md"]);

/** The address and the database that the pages name. */
const shown = { url: "http://localhost:8080", database: "postgres://lyceum:password@db/lyceum" };

/** A page that is played with npx itself. */
const withNpx = "docs/configuration.md";

/** What npx runs, without its start of half a second. */
const quickNpx = `npx() {
  case "$1" in
    lyceum) node "${projectRoot}dist/src/main.js" "\${@:2}" ;;
    lyceum-contract) node "${projectRoot}dist/suite/lyceum-contract.js" "\${@:2}" ;;
    *) command npx "$@" ;;
  esac
}`;

const allReasons = { ...notPlayed, ...compiled };
const reasons = process.env["PLAY_COMPILED"] ? notPlayed : allReasons;

const linesOf = ({ commands }: Block): string[] => commands.split("\n");

const beginningIn = (block: Block, known: object): string | undefined =>
  Object.keys(known).find((beginning) => linesOf(block).some((line) => line.startsWith(beginning)));

/** Whether a block is played here. What lacks a program is named in a line. */
function isPlayed(block: Block): boolean {
  if (beginningIn(block, reasons) !== undefined) return false;
  const folders = process.env["PATH"]!.split(":");
  const missing = tools
    .filter((tool) => linesOf(block).some((line) => line.startsWith(`${tool} `)))
    .find((tool) => !folders.some((folder) => existsSync(join(folder, tool))));
  if (missing !== undefined) console.log(`there is no ${missing} here: not played: ${linesOf(block)[0]}`);
  return missing === undefined;
}

describe("the documentation", function () {
  this.timeout(120_000);
  this.slow(20_000);
  const pages = pagesWithCommands();
  const cwd = mkdtempSync(join(tmpdir(), "lyceum-pages-"));
  let server: Server;
  let replaced: Record<string, string>;

  before(async () => {
    // As in a clone, with nothing that a developer keeps there: links to the sources, and what the pages write beside them.
    for (const name of readdirSync(projectRoot))
      if (![".env", ".data", ".git"].includes(name)) symlinkSync(join(projectRoot, name), join(cwd, name));
    const data = await temporaryFolder();
    server = await serve({ env: { DATA_DIR: data, NODE_ENV: "development" } });
    replaced = {
      [shown.url]: `http://localhost:${server.port}`,
      [shown.database]: await anotherDatabase(join(data, "postgres", "postmaster.pid")),
    };
  });

  after(async () => {
    await end(server);
    rmSync(cwd, { recursive: true, force: true });
  });

  for (const [path, text] of pages) {
    const blocks = blocksOf(text).filter(isPlayed);
    if (blocks.length === 0) continue;
    it(`prints what ${path} shows`, async () => {
      const { MAKEFLAGS: _flags, MAKELEVEL: _level, MFLAGS: _more, ...outer } = process.env;
      const first = path === withNpx ? "" : quickNpx;
      const printed = await play(blocks, { cwd, env: outer, replaced, first });
      for (const [index, { commands, prints }] of blocks.entries()) {
        const output = printed[index] ?? "the shell ended before";
        expect(difference(output, prints), `${commands}\nprinted:\n${output}`).to.equal(undefined);
      }
    });
  }

  it("shows what `make run` prints", async () => {
    const [, welcome] = /^`make run` [^]*?```text\n([^]*?)^```/m.exec(pages.get("README.md")!)!;
    while (!server.output().includes("Try it:\n  curl")) await delay(10);
    expect(server.output().replaceAll(replaced[shown.url]!, shown.url)).to.include(welcome);
  });

  it("begins with a README of fewer than 200 lines", () => {
    expect(pages.get("README.md")!.split("\n").length).to.be.below(200);
  });

  it("has a row for each setting of .env.example, and no other", () => {
    const rows = pages.get("docs/configuration.md")!.matchAll(/^\| `([A-Z_]+)` \|/gm);
    const settings = readFileSync(join(projectRoot, ".env.example"), "utf8").matchAll(/^#([A-Z_]+)=/gm);
    expect(Array.from(rows, ([, name]) => name).sort()).to.deep.equal(Array.from(settings, ([, name]) => name).sort());
  });

  it("has a reason for each block of commands that is not played, and no other", () => {
    const used = new Set([...pages.values()].flatMap(blocksOf).map((block) => beginningIn(block, allReasons)));
    expect(Object.keys(allReasons).filter((beginning) => !used.has(beginning))).to.deep.equal([]);
    expect([...pages.keys()]).to.include.members([
      "README.md",
      "docs/tour.md",
      "docs/production.md",
      "runner/README.md",
    ]);
  });
});

/** The text of each page that has commands, by its path. */
function pagesWithCommands(): Map<string, string> {
  const names = readdirSync(projectRoot, { encoding: "utf8" }).concat(
    ...["docs", "runner"].map((folder) => readdirSync(join(projectRoot, folder)).map((name) => `${folder}/${name}`)),
  );
  const pages = names
    .filter((name) => name.endsWith(".md") && !elsewhere.has(name))
    .map((name): [string, string] => [name, readFileSync(join(projectRoot, name), "utf8")]);
  return new Map(pages.filter(([, text]) => blocksOf(text).length > 0));
}

/** The address of an empty database on the Postgres of the demo server: the file of the postmaster names its socket. */
async function anotherDatabase(pidFile: string): Promise<string> {
  const host = readFileSync(pidFile, "utf8").split("\n")[4]!;
  const url = (name: string): string => `postgres://lyceum@localhost/${name}?host=${encodeURIComponent(host)}`;
  const client = new Client({ connectionString: url("postgres") });
  await client.connect();
  await client.query("create database another template template0 encoding 'UTF8'");
  await client.end();
  return url("another");
}
