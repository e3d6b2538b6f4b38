// The client and the cases against servers with faults: every fault is found.
import { exec, spawnSync } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { expect } from "chai";
import {
  absent,
  above,
  dayOf,
  excluding,
  including,
  matches,
  size,
  type Case,
  type CaseFile,
} from "../../runner/cases/case.js";
import { Client } from "../../runner/client/client.js";
import { codecNames, encode, mediaTypes, type CodecName } from "../../runner/client/encoding.js";
import { curl, exchange } from "../../runner/client/exchange.js";
import { differences, valueAt } from "../../runner/match.js";
import { Actors } from "../../runner/cases/actors.js";
import { fixedPair } from "../../runner/cases/codec-plan.js";
import { runCase } from "../../runner/cases/run-case.js";
import { Variables } from "../../runner/cases/variables.js";
import { clientDescriptors } from "../support/client-descriptors.js";

describe("cases against a server", () => {
  let server: Server;
  let client: Client;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const enrolment = { enrol: [], logIn: [], appointed: [], volatile: [] };
  const file: CaseFile = { subject: "", actors: [], cases: {} };

  before(async () => {
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    client = new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, await clientDescriptors());
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const run = (tested: Case, codec: CodecName = "json"): Promise<unknown> =>
    runCase(
      new Actors(client, { enrolment, accounts: {} }),
      file,
      "getHealth",
      tested,
      fixedPair({ request: codec, response: codec }),
    );

  /** From now on the server answers with `body`. */
  function answerWith(body: string | Buffer, type = "application/json", status = 200): void {
    answer = (_, response) => response.writeHead(status, { "Content-Type": type }).end(body);
  }

  async function fault(tested: Case, codec?: CodecName): Promise<string> {
    return run(tested, codec).then(
      () => "nothing was found",
      (error: Error) => error.message,
    );
  }

  it("find no fault of a correct answer, in every serialization", async () => {
    for (const codec of codecNames) {
      const type = client.rpc("getHealth").response;
      answerWith(encode(client.descriptors.registry, type, { status: "ok" }, codec), mediaTypes[codec]);
      expect(await fault({ exactly: { status: "ok" } }, codec)).to.equal("nothing was found");
    }
  });

  for (const [what, body, type, words] of [
    ["a missing field", "{}", "application/json", "should be"],
    ["an unknown field", '{"status":"ok","more":1}', "application/json", "more"],
    ["a number for a string", '{"status":1}', "application/json", "status"],
    [
      "another serialization than the accepted one",
      '{"status":"ok"}',
      "application/protobuf+json",
      "expected json, got protojson",
    ],
    ["an unknown media type", '{"status":"ok"}', "text/plain", "expected json, got another media type"],
    ["a body that is not JSON", "{", "application/json", "status 200"],
    ["another value", '{"status":"fine"}', "application/json", 'status: expected "ok", got "fine"'],
  ] as const) {
    it(`find ${what}`, async () => {
      answerWith(body, type);
      expect(await fault({ exactly: { status: "ok" } })).to.contain(words);
    });
  }

  it("find unknown fields in protobuf, and defaults in ProtoJSON", async () => {
    answerWith(Buffer.from([0x0a, 0x02, 0x6f, 0x6b, 0x78, 0x01]), mediaTypes.protobuf);
    expect(await fault({}, "protobuf")).to.contain("field number 15 is not in the contract");
    answerWith('{"status":""}', mediaTypes.protojson);
    expect(await fault({}, "protojson")).to.contain("not the protojson form");
  });

  it("find another status, and a Problem with another status than the response", async () => {
    answerWith('{"status":"ok"}', "application/json", 201);
    expect(await fault({})).to.contain("status: expected 200, got 201");
    const problem = encode(
      client.descriptors.registry,
      client.descriptors.problem,
      { status: 400, reason: "NOT_HERE" },
      "protobuf",
    );
    answerWith(problem, mediaTypes.protobuf, 404);
    const found = await fault({ answers: "ELSEWHERE" }, "protobuf");
    expect(found)
      .to.contain('reason: expected "ELSEWHERE", got "NOT_HERE"')
      .and.contain("status in the body: expected 404, got 400");
  });

  it("report the step, the actor, the serializations and a command to repeat the request", async () => {
    answerWith('{"status":"ok"}');
    const found = await fault({ steps: [{}, { token: "t", headers: { "x-more": "it's" }, with: { status: "no" } }] });
    expect(found.split("\n").map((line) => line.trim())).to.deep.equal([
      "step 2 of 2: getHealth as a caller with a token, json to json",
      'status: expected "no", got "ok"',
      `curl -i -X GET '${client.url}/health' -H 'accept: application/json' -H 'authorization: Bearer t' -H 'x-more: it'\\''s'`,
    ]);
  });

  it("find a race with other answers than the expected ones", async () => {
    let count = 0;
    answer = (_, response) =>
      response
        .writeHead(200, { "Content-Type": "application/json" })
        .end(`{"status":"${(count += 1) < 20 ? "ok" : "ko"}"}`);
    expect(await fault({ times: 20, same: ["status"] })).to.contain("expected the same in all answers");
    expect(await fault({ times: 20, distinct: ["status"] })).to.contain("expected no value twice");
    expect(await fault({ times: 20, answers: { "200": 19 } })).to.contain("200: expected 19, got 20");
  });

  it("find a second answer that differs from the first", async () => {
    let count = 0;
    answer = (_, response) =>
      response.writeHead(200, { "Content-Type": "application/json" }).end(`{"status":"${(count += 1)}"}`);
    expect(await fault({ again: true })).to.contain('status: expected "1", got "2"');
  });

  it("hold a body back until the server asks for it", async () => {
    let received = -1;
    const held = createServer();
    const answers = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const chunks = await request.toArray();
      received = Buffer.concat(chunks as Buffer[]).length;
      response.end();
    };
    await new Promise<void>((resolve) => held.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(held.address() as AddressInfo).port}`;
    const headers = [["Expect", "100-continue"]] as const;
    const send = () => exchange(url, { verb: "POST", path: "/", headers, body: "text", isBodyHeld: true });
    try {
      held.on("checkContinue", (request, response) => {
        response.writeContinue();
        void answers(request, response);
      });
      expect([(await send()).isContinued, received]).to.deep.equal([true, 4]);
      received = -1;
      held.removeAllListeners("checkContinue").on("checkContinue", (_, response) => response.writeHead(401).end());
      const refused = await send();
      expect([refused.status, refused.isContinued, received]).to.deep.equal([401, false, -1]);
    } finally {
      held.closeAllConnections();
      held.close();
    }
  });

  it("have the day of a timestamp in a time zone, and lists of values", () => {
    const variables = new Variables();
    variables.set("at", "2026-12-31T23:30:00.000Z");
    variables.set("ids", valueAt({ rows: [{ id: 1 }, { id: 2 }] }, "rows[*].id"));
    const days = [dayOf("$at", "UTC"), dayOf("$at", "Asia/Tokyo"), dayOf("$at", "Etc/GMT+12", 2), "$ids"];
    expect(variables.resolve({ days })).to.deep.equal({ days: ["2026-12-31", "2027-01-01", "2027-01-02", [1, 2]] });
  });

  it("report requests as command lines that a shell can run, whatever the bytes", async function () {
    if (!hasCurl()) return this.skip();
    const received: Buffer[] = [];
    answer = (request, response) => {
      request.on("data", (chunk: Buffer) => received.push(chunk)).on("end", () => response.end());
    };
    const bodies = [Buffer.from('it\'s "text" $HOME `x`\n'), Buffer.from([0, 1, 2, 0xff, 0x27]), Buffer.alloc(0)];
    for (const body of bodies) {
      const line = curl(client.url, { verb: "POST", path: "/x?a=b&c='d'", headers: [["X-A", "it's"]], body });
      await promisify(exec)(line);
      expect(Buffer.concat(received.splice(0)).equals(body)).to.equal(true);
    }
  });

  for (const [what, actual, expected, count] of [
    ["a part", { a: 1, b: 2 }, { a: 1 }, 0],
    ["a list that is longer", { a: [1, 2] }, { a: [1] }, 1],
    ["a field that must be absent", { a: 1 }, { a: absent }, 1],
    ["a field that is absent as it must be", {}, { a: absent }, 0],
    ["a text that does not match", { a: "x" }, { a: matches("^y") }, 1],
    ["a number that is too small", { a: 1 }, { a: above(1) }, 1],
    ["a list of another length", { a: [1] }, { a: size(2) }, 1],
    ["a list without the item", { a: [{ b: 1 }] }, { a: including({ b: 2 }) }, 1],
    ["a list with an excluded item", { a: [{ b: 1, c: 2 }] }, { a: excluding({ b: 1 }) }, 1],
    ["a string for a number", { a: "1" }, { a: 1 }, 1],
    ["null for an object", { a: null }, { a: {} }, 1],
  ] as const) {
    it(`compare ${what}: ${count === 0 ? "nothing" : "one difference"}`, () => {
      expect(differences(actual, expected)).to.have.length(count);
    });
  }
});

function hasCurl(): boolean {
  return spawnSync("curl", ["--version"]).status === 0;
}
