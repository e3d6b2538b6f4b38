// The runner as a program, against a real server and the real suite: what it plays, what it says, and how it ends.
import { writeFile } from "node:fs/promises";
import { createServer, request as forward, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { CaseFile } from "../../../runner/cases/case.js";
import type { Suite } from "../../../runner/suite.js";
import { suite } from "../../../suite/suite.js";
import { temporaryFolder } from "../../support/database.js";
import { appoint, testServer, type TestServer } from "../../support/server.js";
import { elements, readXml } from "../report/report-xml.js";
import { run, tell } from "./run-program.js";

/** The suite with these cases and no others. */
function suiteOf(...files: readonly CaseFile[]): Suite {
  return { ...suite, files };
}

const wrong: CaseFile = {
  subject: "wrong",
  actors: ["alice"],
  cases: {
    getHealth: { "says what it never says": { with: { status: "never" } } },
    getMe: { "is somebody else": { as: "alice", with: { first_name: "Nobody" } } },
  },
};

/** What is wrong with the answers to logins, or with what is let in by them. */
type Fault =
  "has none" | "has no Vary" | "is of another type" | "lets a token through that only begins like a good one";

const closed = "http://127.0.0.1:9";

describe("the program", function () {
  this.timeout(60_000);
  this.slow(10_000);
  let server: TestServer;
  const others: Server[] = [];
  before(async () => void (server = await testServer()));
  after(async () => {
    await server.close();
    for (const other of others) {
      other.closeAllConnections();
      other.close();
    }
  });

  /** Another HTTP server; answers with its URL. */
  async function open(other: Server): Promise<string> {
    others.push(other);
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  }

  const saying = (status: number, body: string): Promise<string> =>
    open(createServer((_, response) => response.writeHead(status).end(body)));

  describe("ends with 0", () => {
    it("when all that was chosen holds, and says how much that was", async () => {
      const { code, text } = await run(suite, ["--url", server.url, "--tag", "documents"]);
      expect([code, text.trim().split("\n").at(-1)]).to.deep.equal([0, "2 passed, 0 failed"]);
      const cases = await tell(suite, ["--url", `${server.url}/`, "--tag", "cases", "--grep", "GETVERSION"]);
      expect(cases.code).to.equal(0);
      expect(cases.summary.passed).to.equal(cases.outcomes.length).and.to.be.greaterThan(3);
      expect(new Set(cases.outcomes.map(({ path }) => path[1]))).to.deep.equal(new Set(["getVersion"]));
    });

    it("when it is asked for help, and names every option", async () => {
      const { code, text, complaint } = await run(suite, ["--help"]);
      expect([code, complaint]).to.deep.equal([0, ""]);
      const options = [
        "url",
        "codec",
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
      for (const option of [...options, "throwaway", "list"]) expect(text).to.contain(`--${option}`);
    });

    it("when the contract is the one that the server shows, or a folder of .proto files", async () => {
      const proto = fileURLToPath(new URL("../../../proto", import.meta.url));
      for (const contract of ["served", proto]) {
        const words = ["--url", server.url, "--contract", contract, "--grep", "getHealth", "--tag", "cases,access"];
        const { code, summary } = await tell(suite, words);
        expect([code, summary.passed], contract).to.deep.equal([0, summary.checks - summary.skipped]);
        expect(summary.passed).to.be.greaterThan(5);
      }
    });
  });

  describe("ends with 1", () => {
    it("when a promise is broken, and says which, in which serialization, and how to ask again", async () => {
      const { code, text } = await run(suiteOf(wrong), ["--url", server.url, "--tag", "cases", "--grep", "never says"]);
      expect(code).to.equal(1);
      expect(text).to.contain("wrong › getHealth › says what it never says (json)");
      expect(text).to.contain('status: expected "never", got "ok"');
      expect(text).to.contain(`curl -i -X GET '${server.url}/health'`);
      expect(text.trim().split("\n").at(-1)).to.match(/^0 passed, [1-9]\d* failed$/);
    });
  });

  describe("ends with 2", () => {
    const why = async (words: readonly string[]): Promise<string> => {
      const { code, text, complaint } = await run(suite, words);
      expect([code, text]).to.deep.equal([2, ""]);
      // People are told a sentence; a stack would be a fault of the program's own.
      expect(complaint).not.to.match(/^\s+at /m);
      return complaint;
    };

    for (const [what, words, says] of [
      ["an option that there is not", ["--no-such"], "--no-such"],
      ["a word that is no option", ["more"], "too many arguments"],
      ["a serialization that there is not", ["--codec", "json,xml"], "There is json, protojson, protobuf."],
      ["no serialization", ["--codec", ","], "There is json, protojson, protobuf."],
      ["a report that there is not", ["--reporter", "xml"], "There is spec, junit, json, github."],
      ["a seed that is no number", ["--seed", "one"], "It is not a whole number."],
      ["no jobs", ["--jobs", "0"], "It is from 1 to 64."],
      ["a URL that is none", ["--url", "nowhere"], "It is not an http or https URL."],
      ["accounts that are not there", ["--accounts", "/no/such/file.json"], "It cannot be read: ENOENT"],
      ["a contract that is not there", ["--contract", "/no/such/file"], "The contract cannot be read: ENOENT"],
      ["a choice of nothing", ["--grep", "no check has this name"], "No check is chosen by these options"],
      ["a tag that nothing has", ["--tag", "no-such"], "No check is chosen by these options"],
    ] as const) {
      it(`for ${what}`, async () => {
        expect(await why(["--url", server.url, ...words])).to.contain(says);
      });
    }

    it("for a folder that has no contract in it, and a file that is none", async () => {
      const folder = await temporaryFolder();
      expect(await why(["--url", server.url, "--contract", folder])).to.contain("The contract cannot be read");
      const file = fileURLToPath(import.meta.url);
      expect(await why(["--url", server.url, "--contract", file])).to.contain("The contract cannot be read");
    });

    it("for accounts that are no people", async () => {
      const file = join(await temporaryFolder(), "no-people.json");
      for (const text of ["{", "null", "[]", '"admin"', '{"admin":null}', '{"admin":"a@b.c"}', '{"admin":[]}']) {
        await writeFile(file, text);
        expect(await why(["--url", server.url, "--accounts", file]), text).to.contain("--accounts");
      }
    });

    it("where there is no server", async () => {
      expect(await why(["--url", closed])).to.contain(`There is no server at ${closed}`);
      expect(await why(["--url", closed, "--contract", "served"])).to.contain(`There is no server at ${closed}`);
    });

    it("where there is a server of something else", async () => {
      for (const [status, body, says] of [
        [404, "nothing", "answers 404: is this a server of this contract?"],
        [200, "<!doctype html>", "is no JSON"],
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
    it("prints a line for each check of the plan, and asks no server", async () => {
      const chosen = ["--tag", "documents,verbs", "--codec", "json"];
      const { code, text, complaint } = await run(suite, ["--url", closed, "--list", ...chosen]);
      expect([code, complaint]).to.deep.equal([0, ""]);
      const lines = text.trimEnd().split("\n");
      const { plan, outcomes } = await tell(suite, ["--url", server.url, ...chosen]);
      expect(lines).to.have.length(plan.checks);
      const said = outcomes.map(
        ({ path, codec, tags }) => `${path.join(" › ")}${codec && ` (${codec})`} [${tags.join(", ")}]`,
      );
      expect(lines.toSorted()).to.deep.equal(said.toSorted());
    });
  });

  describe("a choice", () => {
    it("of serializations leaves the others out", async () => {
      const { outcomes } = await tell(suite, ["--url", server.url, "--codec", "json", "--grep", "getHealth"]);
      const codecs = new Set(outcomes.map(({ codec }) => codec));
      expect(codecs).to.include("json");
      expect([...codecs].filter((codec) => /proto/.test(codec))).to.deep.equal([]);
      const listed = (await run(suite, ["--list", "--codec", "json,protojson"])).text;
      expect(listed)
        .to.contain("(json to protojson)")
        .and.not.match(/\(.*protobuf.*\) \[/);
      expect((await run(suite, ["--list"])).text).to.match(/\(.*protobuf.*\) \[/);
    });

    it("of several tags takes what has any of them, and nothing else", async () => {
      const { text } = await run(suite, ["--list", "--tag", " golden , keys"]);
      const tags = text
        .trimEnd()
        .split("\n")
        .map((line) => /\[(.*)\]$/.exec(line)![1]);
      expect(new Set(tags)).to.deep.equal(new Set(["golden", "derived, keys"]));
    });
  });

  it("--bail stops after the first broken promise, and says how many checks were not begun", async () => {
    const words = ["--url", server.url, "--tag", "cases", "--jobs", "1"];
    const { code, outcomes, summary } = await tell(suiteOf(wrong), [...words, "--bail"]);
    expect([code, outcomes.length, summary.failed]).to.deep.equal([1, 1, 1]);
    expect(summary.checks).to.be.greaterThan(5);
    const removed = "what was made is removed; with --keep it stays, and the curl lines can be sent again";
    expect(summary.notes).to.deep.equal([removed, `${summary.checks - 1} checks were not begun`]);
    const whole = await tell(suiteOf(wrong), words);
    expect([whole.code, whole.outcomes.length, whole.summary.notes]).to.deep.equal([1, summary.checks, [removed]]);
  });

  describe("--reporter", () => {
    const chosen = ["--tag", "cases", "--grep", "getMe"];

    it("json is one document, whose counts are those of its outcomes", async () => {
      const mixed = suiteOf(wrong, {
        subject: "right",
        actors: ["alice", "admin"],
        cases: { getMe: { "is herself": { as: "alice" }, "is not known": { as: "admin" } } },
      });
      const { plan, outcomes, summary } = await tell(mixed, ["--url", server.url, "--seed", "7", ...chosen]);
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

  it("--seed makes up the same messages again, and another one makes up others", async () => {
    const { url, chats } = await spy();
    const madeUp = async (seed: number): Promise<string[]> => {
      const words = ["--url", url, "--tag", "fuzz", "--grep", "createChat", "--jobs", "1", "--codec", "json"];
      await run(suite, [...words, "--runs", "200", "--seed", String(seed)]);
      return chats.splice(0);
    };
    const [first, again, other] = [await madeUp(1), await madeUp(1), await madeUp(2)];
    expect(first.length).to.be.greaterThan(5);
    expect(again).to.deep.equal(first);
    expect(other).not.to.deep.equal(first);
  });

  /** A way to the server on which new chats are taken down, without what is unique to a play: names and ids. */
  async function spy(): Promise<{ url: string; chats: string[] }> {
    const chats: string[] = [];
    const url = await open(
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

  describe("--accounts", () => {
    let file: string;
    let accounts: Record<"teacher" | "admin", { email: string; password: string }>;
    before(async () => {
      const password = `it's "secret" & ünsaid`;
      accounts = {
        teacher: await appoint(server.databaseUrl, "ROLE_TEACHER"),
        admin: await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN", password),
      };
      file = join(await temporaryFolder(), "accounts.json");
      await writeFile(file, JSON.stringify(accounts));
    });

    it("lets those play whom nobody can enrol, and without it they are skipped", async () => {
      const words = ["--url", server.url, "--tag", "cases", "--grep", "a super admin may"];
      const without = await tell(suite, words);
      expect([without.code, without.summary.skipped > 0, without.summary.passed]).to.deep.equal([0, true, 0]);
      const withThem = await tell(suite, [...words, "--accounts", file]);
      expect([withThem.code, withThem.summary.skipped]).to.deep.equal([0, 0]);
      expect(withThem.summary.passed).to.equal(without.summary.skipped);
    });

    // Each shows a request or an answer in which something of theirs stands.
    const failing: CaseFile = {
      subject: "failing",
      actors: ["teacher", "admin", "alice"],
      cases: {
        getMe: {
          "as the admin": { as: "admin", with: { first_name: "Nobody" } },
          "as the teacher": { as: "teacher", answers: 404 },
          "as alice": { as: "alice", answers: 404 },
        },
        login: {
          "of the admin": { send: { email: "$admin.email", password: "$admin.password" }, answers: 201 },
          "of the teacher, whose token is another": {
            send: { email: "$teacher.email", password: "$teacher.password" },
            with: { access_token: "another", refresh_token: "another" },
          },
          "of the admin, whose password stands in an address": {
            send: { email: "$admin.password", password: "$admin.password" },
          },
        },
        listUsers: { "of a name like the password": { as: "teacher", send: { q: "$admin.password" }, answers: 201 } },
      },
    };

    it("keeps their passwords and tokens out of every report, and leaves the lines of its own actors whole", async () => {
      const { url, secrets } = await overhear();
      for (const reporter of ["spec", "json", "junit", "github"]) {
        const words = ["--url", url, "--accounts", file, "--tag", "cases", "--reporter", reporter];
        const { code, text } = await run(suiteOf(failing), words);
        expect(code).to.equal(1);
        noneIn(text, secrets);
        expect(text).to.match(/authorization: Bearer eyJ[\w-]+\.[\w-]+\.[\w-]+/);
      }
    });

    it("keeps what is left of a token that was forged of theirs out of the report too", async () => {
      const { url, secrets } = await overhear("lets a token through that only begins like a good one");
      const of: CaseFile = { subject: "", actors: ["admin"], cases: { getMe: { "is the admin": { as: "admin" } } } };
      const chosen = ["--tag", "access", "--grep", "getMe who may call"];
      const ran = await run(suiteOf(of), ["--url", url, "--accounts", file, ...chosen]);
      expect(ran.code).to.equal(1);
      expect(ran.text).to.contain("with a token whose signature is not right");
      noneIn(ran.text, secrets);
    });

    it("shows nothing of their tokens when the very login is not as the contract says", async () => {
      for (const fault of ["has no Vary", "is of another type"] as const) {
        const { url, secrets } = await overhear(fault);
        const { code, text } = await run(suiteOf(failing), ["--url", url, "--accounts", file, "--tag", "cases"]);
        expect(code).to.equal(1);
        expect(text).to.contain("enrolling admin, step 1").and.to.contain("it answers a secret, and is not shown");
        noneIn(text, secrets);
      }
    });

    function noneIn(text: string, secrets: readonly string[]): void {
      expect(secrets.length).to.be.greaterThan(1);
      // As it is, in JSON, in XML, and in a URL.
      for (const secret of [accounts.teacher.password, accounts.admin.password, ...secrets]) {
        const inJson = JSON.stringify(secret).slice(1, -1);
        for (const form of [secret, inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(secret)])
          expect(text.includes(form), `${form} stands in the report`).to.equal(false);
      }
      expect(text).not.to.contain("ünsaid").and.not.contain("nsaid");
    }

    /** A way to the server on which those accounts' tokens are overheard, without their ends; it may have a fault. */
    async function overhear(fault: Fault = "has none"): Promise<{ url: string; secrets: string[] }> {
      const secrets: string[] = [];
      const tokens: string[] = [];
      const emails = Object.values(accounts).map(({ email }) => email);
      const url = await open(
        createServer((request, response) => {
          const parts: Buffer[] = [];
          request.on("data", (part: Buffer) => parts.push(part));
          request.on("end", () => {
            const body = Buffer.concat(parts);
            const { method } = request;
            const headers = { ...request.headers };
            const isTheirs = request.url === "/v1/auth/login" && emails.some((email) => body.includes(email));
            if (isTheirs) headers["accept-encoding"] = "identity";
            const whole = tokens.find((token) => headers.authorization?.startsWith(`Bearer ${token.slice(0, -2)}`));
            if (fault.startsWith("lets") && whole !== undefined) headers.authorization = `Bearer ${whole}`;
            forward(server.url + request.url, { method, headers }, (answer) => {
              const heard: Buffer[] = [];
              answer.on("data", (part: Buffer) => heard.push(part));
              answer.on("end", () => {
                const text = Buffer.concat(heard);
                for (const [token] of text.toString("latin1").matchAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g)) {
                  tokens.push(token);
                  if (isTheirs) secrets.push(token.slice(0, -4));
                }
                const answered = { ...answer.headers };
                if (isTheirs && fault === "has no Vary") delete answered.vary;
                if (isTheirs && fault === "is of another type") answered["content-type"] = "text/plain";
                response.writeHead(answer.statusCode!, answered).end(text);
              });
            }).end(body);
          });
        }),
      );
      return { url, secrets };
    }
  });
});
