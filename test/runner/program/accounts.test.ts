// The option --accounts of the program: existing accounts take part, and no report contains their passwords and tokens.
import { writeFile } from "node:fs/promises";
import { createServer, request as forward } from "node:http";
import { join } from "node:path";
import { expect } from "chai";
import type { CaseFile } from "../../../runner/cases/case.js";
import { suite } from "../../../suite/suite.js";
import { temporaryFolder } from "../../support/database.js";
import { appoint, sharedServer, type SharedServer } from "../../support/server.js";
import { httpServers } from "./http-servers.js";
import { run, runForReport, suiteOf } from "./run-program.js";

/** A fault of a login, or of the check of its tokens. */
type Fault = "none" | "no Vary" | "another type" | "accepts a token that only begins like a valid one";

describe("--accounts", function () {
  this.timeout(60_000);
  this.slow(10_000);
  let server: SharedServer;
  const startServer = httpServers();
  let file: string;
  let accounts: Record<"teacher" | "admin", { email: string; password: string }>;
  before(async () => {
    server = await sharedServer();
    const password = `it's "secret" & ünsaid`;
    accounts = {
      teacher: await appoint(server.databaseUrl, "ROLE_TEACHER"),
      admin: await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN", password),
    };
    file = join(await temporaryFolder(), "accounts.json");
    await writeFile(file, JSON.stringify(accounts));
  });

  it("enables the cases of existing accounts, which are skipped without it", async () => {
    const words = [
      "--url",
      server.url,
      "--tag",
      "cases",
      "--codec",
      "json",
      "--no-socket",
      "--grep",
      "a super admin is allowed",
    ];
    const without = await runForReport(suite, words);
    expect([without.code, without.summary.skipped > 0, without.summary.passed]).to.deep.equal([0, true, 0]);
    const withThem = await runForReport(suite, [...words, "--accounts", file]);
    expect([withThem.code, withThem.summary.skipped]).to.deep.equal([0, 0]);
    expect(withThem.summary.passed).to.equal(without.summary.skipped);
  });

  // The report of each contains a request or an answer with a secret.
  const failing: CaseFile = {
    subject: "failing",
    actors: ["teacher", "admin", "alice"],
    cases: {
      getMe: {
        "as the admin": { as: "admin", with: { first_name: "another name" } },
        "as the teacher": { as: "teacher", answers: 404 },
        "as alice": { as: "alice", answers: 404 },
      },
      login: {
        "of the admin": { send: { email: "$admin.email", password: "$admin.password" }, answers: 201 },
        "of the teacher, with other tokens": {
          send: { email: "$teacher.email", password: "$teacher.password" },
          with: { access_token: "another", refresh_token: "another" },
        },
        "of the admin, with the password as the address": {
          send: { email: "$admin.password", password: "$admin.password" },
        },
      },
      listUsers: { "with the password as the query": { as: "teacher", send: { q: "$admin.password" }, answers: 201 } },
    },
  };

  it("keeps their passwords and tokens out of every report, and not those of other actors", async () => {
    const { url, secrets } = await recordingProxy();
    for (const reporter of ["spec", "json", "junit", "github"]) {
      const words = [
        "--url",
        url,
        "--accounts",
        file,
        "--tag",
        "cases",
        "--pairs",
        "three",
        "--no-socket",
        "--reporter",
        reporter,
      ];
      const { code, text } = await run(suiteOf(failing), words);
      expect(code).to.equal(1);
      noneIn(text, secrets);
      expect(text).to.match(/authorization: Bearer eyJ[\w-]+\.[\w-]+\.[\w-]+/);
    }
  });

  it("keeps the rest of a forged token out of the report", async () => {
    const { url, secrets } = await recordingProxy("accepts a token that only begins like a valid one");
    const of: CaseFile = { subject: "", actors: ["admin"], cases: { getMe: { "is the admin": { as: "admin" } } } };
    const chosen = ["--tag", "access", "--grep", "getMe who may call"];
    const ran = await run(suiteOf(of), ["--url", url, "--accounts", file, ...chosen]);
    expect(ran.code).to.equal(1);
    expect(ran.text).to.contain("with a token whose signature is forged");
    noneIn(ran.text, secrets);
  });

  it("keeps their tokens out of the report when the login breaks the contract", async () => {
    for (const fault of ["no Vary", "another type"] as const) {
      const { url, secrets } = await recordingProxy(fault);
      const { code, text } = await run(suiteOf(failing), [
        "--url",
        url,
        "--accounts",
        file,
        "--tag",
        "cases",
        "--no-socket",
      ]);
      expect(code).to.equal(1);
      expect(text).to.contain("enrolling admin, step 1").and.to.contain("not shown, since the request has a secret");
      noneIn(text, secrets);
    }
  });

  function noneIn(text: string, secrets: readonly string[]): void {
    expect(secrets.length).to.be.greaterThan(1);
    // Unchanged, in JSON, in JSON in JSON, and in a URL.
    for (const secret of [accounts.teacher.password, accounts.admin.password, ...secrets]) {
      const inJson = JSON.stringify(secret).slice(1, -1);
      for (const form of [secret, inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(secret)])
        expect(text.includes(form), `${form} is in the report`).to.equal(false);
    }
    expect(text).not.to.contain("ünsaid").and.not.contain("nsaid");
  }

  /** A proxy to the server that records the tokens of these accounts, without their ends; it may have a fault. */
  async function recordingProxy(fault: Fault = "none"): Promise<{ url: string; secrets: string[] }> {
    const secrets: string[] = [];
    const tokens: string[] = [];
    const emails = Object.values(accounts).map(({ email }) => email);
    const url = await startServer(
      createServer((request, response) => {
        const parts: Buffer[] = [];
        request.on("data", (part: Buffer) => parts.push(part));
        request.on("end", () => {
          const body = Buffer.concat(parts);
          const { method } = request;
          const headers = { ...request.headers };
          const isLogin = request.url === "/v1/auth/login" && emails.some((email) => body.includes(email));
          if (isLogin) headers["accept-encoding"] = "identity";
          const whole = tokens.find((token) => headers.authorization?.startsWith(`Bearer ${token.slice(0, -2)}`));
          if (fault.startsWith("accepts") && whole !== undefined) headers.authorization = `Bearer ${whole}`;
          forward(server.url + request.url, { method, headers }, (answer) => {
            const received: Buffer[] = [];
            answer.on("data", (part: Buffer) => received.push(part));
            answer.on("end", () => {
              const text = Buffer.concat(received);
              for (const [token] of text.toString("latin1").matchAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g)) {
                tokens.push(token);
                if (isLogin) secrets.push(token.slice(0, -4));
              }
              const answered = { ...answer.headers };
              if (isLogin && fault === "no Vary") delete answered.vary;
              if (isLogin && fault === "another type") answered["content-type"] = "text/plain";
              response.writeHead(answer.statusCode!, answered).end(text);
            });
          }).end(body);
        });
      }),
    );
    return { url, secrets };
  }
});
