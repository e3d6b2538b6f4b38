// The runner as a program, against a real server with the real suite: its options, its output and its exit codes.
import { writeFile } from "node:fs/promises";
import { createServer, request as forward } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { CaseFile } from "../../../runner/cases/case.js";
import { suite } from "../../../suite/suite.js";
import { temporaryFolder } from "../../support/database.js";
import { sharedServer, type SharedServer } from "../../support/server.js";
import { elements, readXml } from "../report/report-xml.js";
import { httpServers } from "./http-servers.js";
import { run, runForReport, suiteOf } from "./run-program.js";

const wrong: CaseFile = {
  subject: "wrong",
  actors: ["alice"],
  cases: {
    getHealth: { "has another status": { with: { status: "never" } } },
    getMe: { "has another name": { as: "alice", with: { first_name: "Nobody" } } },
  },
};

const closed = "http://127.0.0.1:9";

describe("the program", function () {
  this.timeout(60_000);
  this.slow(10_000);
  let server: SharedServer;
  const startServer = httpServers();
  before(async () => void (server = await sharedServer()));

  const saying = (status: number, body: string): Promise<string> =>
    startServer(createServer((_, response) => response.writeHead(status).end(body)));

  describe("ends with 0", () => {
    it("when all chosen checks pass, and reports their number", async () => {
      const { code, text } = await run(suite, ["--url", server.url, "--tag", "documents"]);
      expect([code, text.trim().split("\n").at(-1)]).to.deep.equal([0, "4 passed, 0 failed"]);
      const cases = await runForReport(suite, ["--url", `${server.url}/`, "--tag", "cases", "--grep", "GETVERSION"]);
      expect(cases.code).to.equal(0);
      expect(cases.summary.passed).to.equal(cases.outcomes.length).and.to.be.greaterThan(3);
      expect(new Set(cases.outcomes.map(({ path }) => path[1]))).to.deep.equal(new Set(["getVersion"]));
    });

    it("after --help, which lists every option", async () => {
      const { code, text, complaint } = await run(suite, ["--help"]);
      expect([code, complaint]).to.deep.equal([0, ""]);
      const options = [
        "url",
        "codec",
        "pairs",
        "grep",
        "tag",
        "reporter",
        "bail",
        "seed",
        "runs",
        "jobs",
        "accounts",
        "contract",
      ];
      for (const option of [...options, "throwaway", "no-socket", "list"]) expect(text).to.contain(`--${option}`);
    });

    it("with the contract that the server serves, or of a folder of .proto files", async () => {
      const proto = fileURLToPath(new URL("../../../proto", import.meta.url));
      for (const contract of ["served", proto]) {
        const words = ["--url", server.url, "--contract", contract, "--grep", "getHealth", "--tag", "cases,access"];
        const { code, summary } = await runForReport(suite, words);
        expect([code, summary.passed], contract).to.deep.equal([0, summary.checks - summary.skipped]);
        expect(summary.passed).to.be.greaterThan(5);
      }
    });
  });

  describe("ends with 1", () => {
    it("when a promise is broken, and reports the check, the serialization and a command to repeat the request", async () => {
      const { code, text } = await run(suiteOf(wrong), [
        "--url",
        server.url,
        "--tag",
        "cases",
        "--grep",
        "another status",
      ]);
      expect(code).to.equal(1);
      expect(text).to.contain("wrong › getHealth › has another status (json)");
      expect(text).to.contain('status: expected "never", got "ok"');
      expect(text).to.contain(`curl -i -X GET '${server.url}/health'`);
      expect(text.trim().split("\n").at(-1)).to.match(/^0 passed, [1-9]\d* failed$/);
    });
  });

  describe("ends with 2", () => {
    const why = async (words: readonly string[]): Promise<string> => {
      const { code, text, complaint } = await run(suite, words);
      expect([code, text]).to.deep.equal([2, ""]);
      // A sentence for people; a stack trace would be a fault of the program.
      expect(complaint).not.to.match(/^\s+at /m);
      return complaint;
    };

    for (const [what, words, says] of [
      ["an unknown option", ["--no-such"], "--no-such"],
      ["an argument without an option", ["more"], "too many arguments"],
      ["an unknown serialization", ["--codec", "json,xml"], "It is not one of json, protojson, protobuf."],
      ["no serialization", ["--codec", ","], "It is not one of json, protojson, protobuf."],
      ["an unknown report", ["--reporter", "xml"], "It is not one of spec, junit, json, github."],
      ["a seed that is not a number", ["--seed", "one"], "It is not a whole number."],
      ["no jobs", ["--jobs", "0"], "It is not a number from 1 to 64."],
      ["an invalid URL", ["--url", "nowhere"], "It is not an http or https URL."],
      ["a missing file of accounts", ["--accounts", "/no/such/file.json"], "It cannot be read: ENOENT"],
      ["a missing contract", ["--contract", "/no/such/file"], "The contract cannot be read: ENOENT"],
      ["a choice without checks", ["--grep", "no check has this name"], "No check is chosen by these options"],
      ["an unknown tag", ["--tag", "no-such"], "No check is chosen by these options"],
    ] as const) {
      it(`for ${what}`, async () => {
        expect(await why(["--url", server.url, ...words])).to.contain(says);
      });
    }

    it("for a folder without a contract, and a file that is not a contract", async () => {
      const folder = await temporaryFolder();
      expect(await why(["--url", server.url, "--contract", folder])).to.contain("The contract cannot be read");
      const file = fileURLToPath(import.meta.url);
      expect(await why(["--url", server.url, "--contract", file])).to.contain("The contract cannot be read");
    });

    it("for invalid accounts", async () => {
      const file = join(await temporaryFolder(), "invalid.json");
      for (const text of ["{", "null", "[]", '"admin"', '{"admin":null}', '{"admin":"a@b.c"}', '{"admin":[]}']) {
        await writeFile(file, text);
        expect(await why(["--url", server.url, "--accounts", file]), text).to.contain("--accounts");
      }
    });

    it("without a server", async () => {
      expect(await why(["--url", closed])).to.contain(`There is no server at ${closed}`);
      expect(await why(["--url", closed, "--contract", "served"])).to.contain(`There is no server at ${closed}`);
    });

    it("with a server of another contract", async () => {
      for (const [status, body, says] of [
        [404, "nothing", "answers 404: is this a server of this contract?"],
        [200, "<!doctype html>", "is not JSON"],
        [200, "null", "OpenAPI"],
        [200, '{"swagger":"2.0"}', "OpenAPI"],
      ] as const)
        expect(await why(["--url", await saying(status, body)]), body).to.contain(says);
      expect(await why(["--url", await saying(200, "<html>"), "--contract", "served"])).to.contain(
        "The contract cannot be read",
      );
    });
  });

  describe("--list", () => {
    it("prints a line for each check of the plan, and sends no request", async () => {
      const chosen = ["--tag", "documents,verbs", "--codec", "json", "--grep", "chat"];
      const { code, text, complaint } = await run(suite, ["--url", closed, "--list", ...chosen]);
      expect([code, complaint]).to.deep.equal([0, ""]);
      const lines = text.trimEnd().split("\n");
      const { plan, outcomes } = await runForReport(suite, ["--url", server.url, ...chosen]);
      expect(lines).to.have.length(plan.checks);
      const said = outcomes.map(
        ({ path, codec, tags }) => `${path.join(" › ")}${codec && ` (${codec})`} [${tags.join(", ")}]`,
      );
      expect(lines.toSorted()).to.deep.equal(said.toSorted());
    });
  });

  describe("the choice", () => {
    it("of serializations excludes the others", async () => {
      const { outcomes } = await runForReport(suite, ["--url", server.url, "--codec", "json", "--grep", "getHealth"]);
      const codecs = new Set(outcomes.map(({ codec }) => codec));
      expect(codecs).to.include("json");
      expect([...codecs].filter((codec) => /proto/.test(codec))).to.deep.equal([]);
      const listed = (await run(suite, ["--list", "--codec", "json,protojson"])).text;
      expect(listed)
        .to.contain("(json to protojson)")
        .and.not.match(/\(.*protobuf.*\) \[/);
      expect((await run(suite, ["--list"])).text).to.match(/\(.*protobuf.*\) \[/);
    });

    it("of three pairs runs each case with every serialization on each side, and over the cases with all nine pairs", async () => {
      const { text } = await run(suite, ["--list", "--tag", "cases", "--pairs", "three"]);
      const lines = text.trimEnd().split("\n");
      const names = lines.map((line) => line.replace(/ \([^()]*\) \[.*$/, ""));
      const cases = new Set(names);
      expect(lines).to.have.length(cases.size * 3);
      const pairs = lines.map((line) => / \(([^()]*)\) \[/.exec(line)![1]!);
      const isOverSocket = (pair: string): boolean => pair.endsWith("over a socket");
      expect(new Set(pairs.filter((pair) => !isOverSocket(pair)))).to.have.length(9);
      // Of three runs of a case one is over a socket, where it has such a call; over the cases in each serialization.
      expect(new Set(pairs.filter(isOverSocket))).to.have.length(3);
      const played = pairs.filter(isOverSocket).length;
      expect(played)
        .to.be.greaterThan(cases.size / 2)
        .and.lessThan(cases.size);
      const all = (await run(suite, ["--list", "--tag", "cases"])).text.trimEnd().split("\n");
      expect(all)
        .to.have.length(cases.size * 10 + played * 3)
        .and.include.members(lines);
      const ofHttp = (await run(suite, ["--list", "--tag", "cases", "--no-socket"])).text.trimEnd().split("\n");
      expect(ofHttp).to.have.length(cases.size * 10);
      expect(all).to.include.members(ofHttp);
    });

    it("with sockets reports how many calls went over them, and without sends none", async () => {
      const own = suiteOf({
        subject: "right",
        actors: ["alice"],
        cases: { getMe: { "has the caller": { as: "alice" } }, getHealth: { "needs no login": {} } },
      });
      const chosen = ["--url", server.url, "--tag", "cases", "--pairs", "three"];
      const { code, text } = await run(own, chosen);
      expect([code, /^(\d+) calls went over a web socket$/m.exec(text)?.[1]]).to.deep.equal([0, "1"]);
      const { summary } = await runForReport(own, [...chosen, "--no-socket"]);
      expect([summary.passed, summary.overSocket]).to.deep.equal([6, 0]);
    });

    it("of several tags includes the checks with any of them", async () => {
      const { text } = await run(suite, ["--list", "--tag", " golden , keys"]);
      const tags = text
        .trimEnd()
        .split("\n")
        .map((line) => /\[(.*)\]$/.exec(line)![1]);
      expect(new Set(tags)).to.deep.equal(new Set(["golden", "derived, keys"]));
    });
  });

  it("--bail stops after the first broken promise, and reports how many checks did not begin", async () => {
    const words = ["--url", server.url, "--tag", "cases", "--jobs", "1"];
    const { code, outcomes, summary } = await runForReport(suiteOf(wrong), [...words, "--bail"]);
    expect([code, outcomes.length, summary.failed]).to.deep.equal([1, 1, 1]);
    expect(summary.checks).to.be.greaterThan(5);
    const removed = "what was created is removed; with --keep it remains, and the curl lines can be sent again";
    expect(summary.notes).to.deep.equal([removed, `${summary.checks - 1} checks did not begin`]);
    const whole = await runForReport(suiteOf(wrong), words);
    expect([whole.code, whole.outcomes.length, whole.summary.notes]).to.deep.equal([1, summary.checks, [removed]]);
  });

  describe("--reporter", () => {
    const chosen = ["--tag", "cases", "--grep", "getMe"];

    it("json is one document with the counts of its outcomes", async () => {
      const mixed = suiteOf(wrong, {
        subject: "right",
        actors: ["alice", "admin"],
        cases: { getMe: { "has the name of the caller": { as: "alice" }, "is skipped": { as: "admin" } } },
      });
      const { plan, outcomes, summary } = await runForReport(mixed, ["--url", server.url, "--seed", "7", ...chosen]);
      expect(plan).to.include({ url: server.url, seed: 7, checks: outcomes.length });
      for (const status of ["passed", "failed", "skipped"] as const) {
        expect(summary[status], status).to.be.greaterThan(0);
        expect(outcomes.filter((one) => one.status === status)).to.have.length(summary[status]);
      }
      for (const { status, why } of outcomes) expect(why !== undefined).to.equal(status !== "passed");
    });

    it("junit is well-formed XML with a test case for each check", async () => {
      const { code, text } = await run(suiteOf(wrong), ["--url", server.url, ...chosen, "--reporter", "junit"]);
      const root = readXml(text);
      expect([code, root.attributes["name"]]).to.deep.equal([1, server.url]);
      expect(elements(root, "testcase")).to.have.length(Number(root.attributes["tests"]));
      expect(elements(root, "failure")).to.have.length(Number(root.attributes["failures"])).and.not.be.empty;
    });
  });

  it("--seed repeats the generated messages, and another seed generates others", async () => {
    const { url, chats } = await recordingProxy();
    const generated = async (seed: number): Promise<string[]> => {
      const words = ["--url", url, "--tag", "fuzz", "--grep", "createChat", "--jobs", "1", "--codec", "json"];
      await run(suite, [...words, "--runs", "400", "--seed", String(seed)]);
      return chats.splice(0);
    };
    const [first, again, other] = [await generated(1), await generated(1), await generated(2)];
    expect(first.length).to.be.greaterThan(5);
    expect(again).to.deep.equal(first);
    expect(other).not.to.deep.equal(first);
  });

  /** A proxy to the server that records new chats, without unique names and ids. */
  async function recordingProxy(): Promise<{ url: string; chats: string[] }> {
    const chats: string[] = [];
    const url = await startServer(
      createServer((request, response) => {
        const parts: Buffer[] = [];
        request.on("data", (part: Buffer) => parts.push(part));
        request.on("end", () => {
          const body = Buffer.concat(parts);
          if (request.method === "POST" && request.url === "/v1/chats") {
            const sent = JSON.parse(body.toString("utf8")) as { title?: string; member_ids?: unknown[] };
            chats.push(`${sent.title?.replace(/^Tea [0-9a-f]{10}$/, "Tea")}, ${sent.member_ids?.length}`);
          }
          const { method, headers } = request;
          forward(server.url + request.url, { method, headers }, (answer) => {
            response.writeHead(answer.statusCode!, answer.headers);
            answer.pipe(response);
          }).end(body);
        });
      }),
    );
    return { url, chats };
  }
});
