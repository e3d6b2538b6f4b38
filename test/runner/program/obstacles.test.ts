// What stands between the runner and the promises: an actor who cannot be enrolled, a proxy that answers by itself.
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import { expect } from "chai";
import type { CaseFile } from "../../../runner/cases/case.js";
import type { Suite } from "../../../runner/suite.js";
import { suite } from "../../../suite/suite.js";
import { sharedServer, type SharedServer } from "../../support/server.js";
import { repeats } from "../../support/numbers.js";
import { httpServers } from "./http-servers.js";
import { run, runForReport, suiteOf } from "./run-program.js";

describe("the program, where something stands in its way,", function () {
  this.timeout(60_000);
  this.slow(10_000);
  let server: SharedServer;
  const startServer = httpServers();
  before(async () => void (server = await sharedServer()));

  const [first, ...rest] = suite.enrolment.enrol;
  const unenrollable: Suite = {
    ...suite,
    enrolment: { ...suite.enrolment, enrol: [{ ...first!, answers: 418 }, ...rest] },
  };

  it("fails one check for an actor who cannot be enrolled, and says of the others once what blocks them", async () => {
    const words = [
      "--url",
      server.url,
      "--grep",
      "getMe",
      "--tag",
      "cases,access",
      ...repeats(["--codec", "json"], ["--pairs", "three"]),
      "--jobs",
      "1",
      "--no-socket",
    ];
    const { code, outcomes, summary } = await runForReport(unenrollable, words);
    const obstacles = new Set(
      outcomes.flatMap(({ why = "" }) => (/could not be enrolled/.test(why) ? why.split("\n")[0]! : [])),
    );
    expect(obstacles).to.include("alice could not be enrolled");
    expect([code, summary.failed]).to.deep.equal([1, obstacles.size]);
    expect(summary.blocked).to.be.greaterThan(repeats(10, 20));
    expect(summary.passed + summary.failed + summary.skipped + summary.blocked).to.equal(summary.checks);

    const { text } = await run(unenrollable, words);
    expect(text.match(/enrolling alice, step 1: /g)).to.have.length(1);
    expect(text).to.match(/\n +status: expected 418, got 201\n/);
    expect(text).to.match(/\n\d+ blocked: alice could not be enrolled, see above\n/);
    expect(text).to.match(/\n\d+ passed, \d+ failed, \d+ blocked(?:, \d+ skipped)?\n$/);

    const junit = (await run(unenrollable, [...words, "--reporter", "junit"])).text;
    expect(junit.match(/<failure/g)).to.have.length(obstacles.size);
    expect(junit).to.contain('<skipped message="blocked: alice could not be enrolled"/>');
  });

  it("says a status that is not the expected one before all that follows from it", async () => {
    const asked: CaseFile = {
      subject: "asked",
      actors: ["alice"],
      cases: {
        getMe: {
          "is there": { as: "alice", with: { first_name: "alice" } },
          "needs a login": { answers: "UNAUTHENTICATED" },
        },
      },
    };
    for (const [status, type, body] of [
      [502, "text/html", "<h1>Bad Gateway</h1>"],
      [202, "application/json", '{"id": "no number"}'],
      [202, "application/json; charset=utf-8", "{}"],
    ] as const) {
      const url = await proxy((request, response, answer) => {
        if (request.url !== "/v1/auth/me" || request.method !== "GET") return relay(answer, response);
        answer.resume();
        response.writeHead(status, { "Content-Type": type }).end(body);
      });
      const words = ["--url", url, "--tag", "cases", "--codec", "json", "--no-socket"];
      const { outcomes } = await runForReport(suiteOf(asked), words);
      expect(outcomes.map(({ status }) => status)).to.deep.equal(["failed", "failed"]);
      expect(outcomes.map(({ why }) => why!.split("\n")[1]).sort()).to.deep.equal(
        [200, 401].map((due) => `  status: expected ${due}, got ${status}`),
      );
    }
  });

  it("takes 204 for a removal where a proxy adds Content-Length: 0", async () => {
    const url = await proxy((_, response, answer) => {
      const isEmpty = answer.statusCode === 204;
      relay(answer, response, isEmpty ? { "content-length": "0" } : {});
    });
    const { code, summary } = await runForReport(suite, [
      "--url",
      url,
      "--grep",
      "leaveChat",
      "--tag",
      "cases",
      "--codec",
      "json",
      "--no-socket",
    ]);
    expect(code).to.equal(0);
    expect(summary.notes.filter((note) => note.startsWith("not removed"))).to.deep.equal([]);
  });

  it("fails one check where a proxy passes no Upgrade on, and says of the others what blocks them", async () => {
    const me: CaseFile = {
      subject: "me",
      actors: ["alice"],
      cases: { getMe: Object.fromEntries(["one", "two", "three"].map((name) => [name, { as: "alice" }])) },
    };
    const url = await proxy((_, response, answer) => relay(answer, response));
    const words = ["--url", url, "--tag", "cases", "--codec", "json"];
    const { code, outcomes, summary } = await runForReport(suiteOf(me), words);
    expect([code, summary.passed, summary.failed, summary.blocked]).to.deep.equal([1, 3, 1, 2]);
    for (const { status, codec, why = "" } of outcomes) {
      expect(codec).to.equal(status === "passed" ? "json" : "json over a socket");
      if (status !== "passed") expect(why).to.match(/^web sockets cannot be opened here: .* answered with 426, /);
    }
  });

  function relay(answer: IncomingMessage, response: ServerResponse, more: Record<string, string> = {}): void {
    response.writeHead(answer.statusCode!, { ...answer.headers, ...more });
    answer.pipe(response);
  }

  /** A proxy to the server, whose answers `answered` passes on. */
  function proxy(
    answered: (request: IncomingMessage, response: ServerResponse, answer: IncomingMessage) => void,
  ): Promise<string> {
    return startServer(
      createServer((request, response) => {
        const { method, url } = request;
        // They are for this connection alone.
        const { connection: _connection, upgrade: _upgrade, ...headers } = request.headers;
        const onward = forward(new URL(url!, server.url), { method, headers }, (answer) =>
          answered(request, response, answer),
        );
        request.pipe(onward);
      }),
    );
  }
});
