// The runner with the contract of another domain, served by the engine from memory, with a suite of its own.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { buildDescriptorSet, readDescriptors } from "../../../runner/client/descriptors.js";
import { renewGolden } from "../../../runner/golden/check-golden.js";
import type { Suite } from "../../../runner/suite.js";
import { temporaryFolder } from "../../support/database.js";
import { repeats } from "../../support/numbers.js";
import { libraryProto } from "./library-contract.js";
import { libraryServer, type LibraryOptions, type LibraryServer } from "./library-server.js";
import { librarySuite } from "./library-suite.js";
import { pairs } from "../../contract/pairs.js";
import { run, runForReport, type ReportedOutcome } from "../program/run-program.js";

describe("the runner, with another contract", function () {
  this.timeout(120_000);
  this.slow(20_000);
  let proto: string;
  let descriptorSet: URL;
  let suite: Suite;
  const servers: LibraryServer[] = [];
  before(async () => {
    proto = await libraryProto();
    const folder = await temporaryFolder();
    const bytes = await buildDescriptorSet(proto);
    descriptorSet = pathToFileURL(join(folder, "library.binpb"));
    await writeFile(descriptorSet, bytes);
    suite = librarySuite(descriptorSet, pathToFileURL(`${folder}/golden/`));
    renewGolden(readDescriptors(bytes), join(folder, "golden"), suite.clients);
  });
  after(() => servers.forEach((server) => server.close()));

  /** Starts a library; returns it with the arguments of the program for it and its accounts. */
  async function start(options: Partial<LibraryOptions> = {}): Promise<{ server: LibraryServer; words: string[] }> {
    const server = await libraryServer({ proto, descriptorSet, ...options });
    servers.push(server);
    const accounts = join(await temporaryFolder(), "accounts.json");
    const { keeper, director } = server.passes;
    await writeFile(accounts, JSON.stringify({ keeper: { token: keeper }, director: { token: director } }));
    return { server, words: ["--url", server.url, "--throwaway", "--accounts", accounts] };
  }

  const failed = (outcomes: readonly ReportedOutcome[]): ReportedOutcome[] =>
    outcomes.filter(({ status }) => status === "failed");

  it("finds no fault, skips nothing, and removes what it created", async () => {
    const { server, words } = await start();
    const { code, outcomes, summary } = await runForReport(suite, [
      ...words,
      "--pairs",
      pairs,
      "--runs",
      repeats("20", "50"),
      "--seed",
      "20261125",
    ]);
    expect(failed(outcomes)).to.deep.equal([]);
    expect([code, summary.skipped, summary.notes]).to.deep.equal([0, 0, []]);
    expect(server.count()).to.deep.equal({ readers: 2, shelves: 0 });
    const tags = new Set(outcomes.flatMap((one) => one.tags));
    for (const tag of ["cases", "rules", "access", "preconditions", "encodings", "fuzz", "golden", "documents"])
      expect(tags).to.include(tag);
  });

  it("runs all derived checks for a method without cases", async () => {
    const { words } = await start();
    const { code, outcomes } = await runForReport(suite, [...words, "--grep", "countShelves"]);
    expect([code, failed(outcomes)]).to.deep.equal([0, []]);
    expect(outcomes.filter(({ tags }) => tags.includes("cases"))).to.deep.equal([]);
    const sentences = outcomes.map(({ path }) => path.at(-1));
    for (const sentence of ["who may call", "the rules of wood", "the rules of fewest_books", "the verbs of its path"])
      expect(sentences).to.include(sentence);
    // Each lower rank is tried, except the public one.
    expect(new Set(sentences.filter((sentence) => sentence?.endsWith("is not enough")))).to.deep.equal(
      new Set(["ACCESS_USER is not enough", "ACCESS_TEACHER is not enough"]),
    );
  });

  for (const [access, rank, actor, method, lower] of [
    ["ACCESS_TEACHER", 1, "anna", "createShelf", "ACCESS_USER"],
    ["ACCESS_SUPER_ADMIN", 2, "keeper", "countShelves", "ACCESS_TEACHER"],
  ] as const) {
    it(`finds that ${lower} is accepted where ${access} is needed`, async () => {
      const ranks = { ACCESS_PUBLIC: 0, ACCESS_USER: 1, ACCESS_TEACHER: 2, ACCESS_SUPER_ADMIN: 3, [access]: rank };
      const { words } = await start({ ranks });
      const { code, outcomes } = await runForReport(suite, [...words, "--tag", "access"]);
      expect(code).to.equal(1);
      const found = failed(outcomes);
      expect(new Set(found.map(({ path }) => path.at(-1)))).to.deep.equal(new Set([`${lower} is not enough`]));
      const failure = found.find(({ path, codec }) => path[1] === method && codec === "json");
      expect(failure!.why).to.match(new RegExp(`^as ${actor}: expected 403 PERMISSION_DENIED, got \\d+`));
    });
  }

  it("skips the check of a rank without an account", async () => {
    const { server } = await start();
    const chosen = ["--url", server.url, "--grep", "countShelves", "--tag", "access", "--codec", "json"];
    const { outcomes } = await runForReport(suite, chosen);
    const teacher = outcomes.find(({ path }) => path.at(-1) === "ACCESS_TEACHER is not enough")!;
    expect([teacher.status, teacher.why]).to.deep.equal(["skipped", "there is no account here for keeper"]);
  });

  it("sends no change without a case to a server with data of others", async () => {
    const [file] = suite.files;
    const { addBook: _, ...cases } = file!.cases;
    const { server, words } = await start();
    const chosen = ["--grep", "addBook", "--tag", "verbs,rules", "--codec", "json"];
    const without: Suite = { ...suite, files: [{ ...file!, cases }] };
    const { outcomes } = await runForReport(without, ["--url", server.url, ...chosen]);
    expect(outcomes).not.to.deep.equal([]);
    for (const { status, why } of outcomes) {
      expect(status).to.equal("skipped");
      expect(why).to.contain("it has no case");
    }
    expect((await runForReport(without, [...words, ...chosen])).summary.skipped).to.equal(0);
  });

  it("finds a rule of the contract that the server does not check", async () => {
    const stricter = await libraryProto((text) => text.replace("max_len: 60", "max_len: 40"));
    const { words } = await start();
    const chosen = ["--tag", "rules", "--grep", "enter", "--contract"];
    expect((await run(suite, [...words, ...chosen, proto])).code).to.equal(0);
    expect((await run(suite, [...words, ...chosen, "served"])).code).to.equal(0);
    const { code, text } = await run(suite, [...words, ...chosen, stricter]);
    expect(code).to.equal(1);
    expect(text)
      .to.match(/the rules of name/)
      .and.match(/expected 422, got 201/);
  });

  it("finds a rule of the server that is not in the contract", async () => {
    const milder = await libraryProto((text) => text.replace("max_len: 60", "max_len: 80"));
    const { words } = await start();
    const { code, text } = await run(suite, [...words, "--tag", "rules", "--grep", "enter", "--contract", milder]);
    expect(code).to.equal(1);
    expect(text).to.match(/name .*, in json: expected no refusal, got 422 .*string\.max_len/);
  });

  it("finds a method that the server lacks, and a route that differs", async () => {
    const other = await libraryProto((text) =>
      text
        .replace('get: "/v1/count"', 'get: "/v1/inventory"')
        .replace(
          "rpc GetReader(",
          'rpc Greet(google.protobuf.Empty) returns (Reader) {\n    option (google.api.http) = {get: "/v1/greeting"};\n    option (lyceum.v1.access) = ACCESS_PUBLIC;\n  }\n\n  rpc GetReader(',
        ),
    );
    const { words } = await start();
    const { code, text } = await run(suite, [...words, "--tag", "documents", "--contract", other]);
    expect(code).to.equal(1);
    expect(text).to.contain("greet is missing").and.to.contain("greet: GET /v1/greeting is missing");
    expect(text).to.contain("countShelves: expected GET /v1/inventory").and.contain("got GET /v1/count");
  });
});
