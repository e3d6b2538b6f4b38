// Cases over a web socket, against a server with faults in its frames: every fault is found.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { expect } from "chai";
import { WebSocketServer } from "ws";
import { Actors } from "../../runner/cases/actors.js";
import type { Case, CaseFile } from "../../runner/cases/case.js";
import { caseChecks } from "../../runner/cases/case-checks.js";
import { overSocket } from "../../runner/cases/codec-plan.js";
import { runCase } from "../../runner/cases/run-case.js";
import { Client } from "../../runner/client/client.js";
import { Openings } from "../../runner/client/socket/openings.js";
import type { Descriptors } from "../../runner/client/descriptors.js";
import { type CodecName, codecNames, decode, encode, type Plain } from "../../runner/client/encoding.js";
import { createInvariants } from "../../runner/invariants/invariants.js";
import { suite } from "../../suite/suite.js";
import { clientDescriptors } from "../support/client-descriptors.js";

const names = suite.socket!;
const prefix = "type.googleapis.com/";
const settings = { shows_presence: true, shows_typing: false };
const good = {
  status: 200,
  response: { "@type": `${prefix}lyceum.v1.RealtimeSettings`, ...settings },
  location: "",
  etag: "",
  is_replayed: false,
};

describe("cases over a web socket", () => {
  let server: Server;
  let descriptors: Descriptors;
  let client: Client;
  /** The frame that answers a call. */
  let answer: (call: Plain) => Plain | Buffer | string | number;
  /** Answers the opening in place of the socket. */
  let refusal: ((socket: Duplex) => void) | undefined;
  let opened = 0;
  let openings: Openings;
  const received: Plain[] = [];
  const closing: Duplex[] = [];
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: ([name]) => name! });

  before(async () => {
    descriptors = await clientDescriptors();
    const { registry } = descriptors;
    const [clientFrame, serverFrame] = [names.sent.message, names.received.message].map((name) =>
      registry.getMessage(name)!,
    );
    const denied = encode(registry, descriptors.problem, { status: 401, reason: "UNAUTHENTICATED" }, "protobuf");
    server = createServer((_request, response) =>
      response.writeHead(401, { "content-type": "application/protobuf" }).end(denied),
    ).on("upgrade", (request, socket: Duplex, head) => {
      if (refusal) return refusal(socket);
      sockets.handleUpgrade(request, socket, head, (open) => {
        opened += 1;
        const codec = codecNames.find((name) => names.subprotocols[name] === open.protocol)!;
        open.on("message", (data: Buffer, isBinary) => {
          const { call } = decode(registry, clientFrame!, data, codec) as { call: Plain };
          received.push({ ...call, isBinary });
          const frame = answer(call);
          if (typeof frame === "number") open.close(frame, "gone");
          else if (typeof frame === "string" || Buffer.isBuffer(frame)) open.send(frame);
          else open.send(encode(registry, serverFrame!, frame, codec), { binary: codec === "protobuf" });
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const invariants = createInvariants(descriptors, undefined);
    client = new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, descriptors, {
      faultsOf: async () => [],
      faultsOfResult: (result) => invariants.faultsOfResult(result),
    });
  });
  after(() => {
    for (const open of sockets.clients) open.terminate();
    for (const socket of closing) socket.destroy();
    server.close();
  });
  beforeEach(() => {
    refusal = undefined;
    openings = new Openings();
    answer = (call) => ({ result: { id: call["id"], ...good } });
  });

  const file: CaseFile = { subject: "", actors: ["alice"], cases: {} };
  const alice = { logIn: [], enrol: [], appointed: [], volatile: [] };

  async function fault(tested: Case, codec: CodecName = "json", method = "updateRealtimeSettings"): Promise<string> {
    const accounts = { alice: { id: 1, token: "a-token" } };
    const actors = new Actors(client, { enrolment: alice, accounts, socket: names, openings });
    try {
      await runCase(actors, file, method, tested, overSocket(codec));
      return "nothing was found";
    } catch (error) {
      return (error as Error).message;
    } finally {
      await actors.remove();
    }
  }
  const usual: Case = { as: "alice", send: { shows_presence: true }, exactly: settings };
  const changed = (change: Plain): void => {
    answer = (call) => ({ result: { id: call["id"], ...good, ...change } });
  };

  it("find no fault of a correct result, in every serialization, and name the method and its request", async () => {
    for (const codec of codecNames) {
      received.length = 0;
      const headers = { "Idempotency-Key": "k", "if-match": '"1"' };
      expect(await fault({ ...usual, headers }, codec), codec).to.equal("nothing was found");
      expect(received).to.deep.equal([
        {
          id: "1",
          method: "UpdateRealtimeSettings",
          request: { "@type": `${prefix}lyceum.v1.UpdateRealtimeSettingsRequest`, shows_presence: true },
          idempotency_key: "k",
          if_match: '"1"',
          isBinary: codec === "protobuf",
        },
      ]);
    }
  });

  it("use one socket of an actor for all calls, also for twenty at once", async () => {
    opened = 0;
    const { steps } = { steps: [usual, { ...usual, times: 20 }, usual] as never };
    expect([await fault({ steps }), opened]).to.deep.equal(["nothing was found", 1]);
  });

  for (const [what, change, words] of [
    ["another status", { status: 201 }, "status: expected 200, got 201"],
    ["another message", { response: { "@type": `${prefix}lyceum.v1.Ping` } }, "lyceum.v1.Ping, and not"],
    ["no message", { response: undefined }, "updateRealtimeSettings has no response"],
    ["another value", { response: { ...good.response, shows_typing: true } }, "shows_typing: expected false, got true"],
    ["an unexpected location", { location: "/v1/me" }, 'The location is "/v1/me"'],
    ["an unexpected etag", { etag: '"1.call"' }, "where no version is"],
    ["an error that is none", { status: 404 }, "The Problem has status"],
    ["an id that no call has", { id: "7" }, "a result has an id that no call has: 7"],
  ] as const)
    it(`find ${what}`, async () => {
      changed(change);
      expect(await fault(usual)).to.contain(words);
    });

  it("find a Problem whose meaning is not that of its reason", async () => {
    const { reason, ...meaning } = descriptors.reasons.get("USER_NOT_FOUND")!;
    const problem: Plain = {
      type: "/problems/x",
      ...meaning,
      detail: "There is none",
      instance: "/",
      reason,
      request_id: "1",
      violations: [],
      supported: [],
      retry_after_seconds: 0,
    };
    const tested: Case = { as: "alice", answers: "USER_NOT_FOUND" };
    changed({ status: 404, response: undefined, problem });
    expect(await fault(tested)).to.equal("nothing was found");
    changed({ status: 404, response: undefined, problem: { ...problem, title: "Somebody" } });
    expect(await fault(tested)).to.contain("USER_NOT_FOUND has the title User not found");
    changed({ status: 404, response: undefined, problem: { ...problem, status: 410 } });
    expect(await fault(tested)).to.contain("The Problem has status 410, and the result 404");
    changed({ status: 404, response: undefined, problem, etag: '"1.call"' });
    expect(await fault(tested)).to.contain("An error has a location, an etag or is_replayed");
  });

  it("find frames that are not in their canonical form, or of another kind", async () => {
    answer = (call) => `{"result":{"id":"${String(call["id"])}","status":200}}`;
    expect(await fault(usual)).to.contain("not the json form of lyceum.v1.ServerFrame");
    answer = () => Buffer.from("{}");
    expect(await fault(usual)).to.contain("a frame is bytes");
    const stray = Buffer.from([0x2a, 0x09, 0x0a, 0x01, 0x31, 0x10, 0xc8, 0x01, 0x78, 0x01, 0x00]).subarray(0, 10);
    answer = () => Buffer.concat([stray.subarray(0, 1), Buffer.from([8]), stray.subarray(2)]);
    expect(await fault(usual, "protobuf")).to.contain("field number 15 is not in the contract");
    answer = () => ({ refused: { id: "", problem: { detail: "no" } } });
    expect(await fault(usual, "protojson")).to.contain("the server could not take a frame");
  });

  it("find a socket that is closed before the result comes", async () => {
    answer = () => 1011;
    expect(await fault(usual)).to.contain("The socket was closed with 1011 gone before the result came");
  });

  it("take the refusal of the socket as the answer", async () => {
    refusal = (socket) => {
      const body = encode(
        descriptors.registry,
        descriptors.problem,
        { status: 401, reason: "INVALID_TOKEN" },
        "protobuf",
      );
      const head = `Content-Type: application/protobuf\r\nContent-Length: ${body.length}\r\nConnection: close`;
      socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 401 Unauthorized\r\n${head}\r\n\r\n`), body]));
    };
    expect(await fault({ as: "alice", answers: "INVALID_TOKEN" })).to.equal("nothing was found");
    const found = await fault(usual);
    expect(found).to.contain("updateRealtimeSettings as alice, json over a socket");
    expect(found).to.contain("status: expected 200, got 401");
  });

  const answered = (head: string) => (socket: Duplex) => void socket.end(`HTTP/1.1 ${head}`);
  for (const [what, refuse, words] of [
    ["426", answered("426 Upgrade Required\r\nContent-Length: 0\r\n\r\n"), "answered with 426, no Content-Type"],
    ["a page", answered("200 OK\r\nContent-Type: text/html\r\n\r\n<p>"), "answered with 200, text/html"],
    ["other JSON", answered("403 No\r\nContent-Type: application/json\r\n\r\n{}"), "with 403, application/json"],
    ["an end", (socket: Duplex) => void socket.end(), "the connection was closed without an answer"],
    ["silence", () => undefined, "the opening was not answered in 0.2 s"],
    [
      "an answer without an end",
      (socket: Duplex) => void socket.write("HTTP/1.1 200 OK\r\n\r\n<p>"),
      "the opening was not answered in 0.2 s",
    ],
  ] as const)
    it(`are all blocked where the first opening is answered with ${what}, and open no other`, async () => {
      let asked = 0;
      openings = new Openings(200);
      refusal = (socket) => {
        asked += 1;
        refuse(socket);
        closing.push(socket);
      };
      const [first, second] = [await fault(usual), await fault(usual, "protobuf")].map((found) => found.split("\n"));
      expect(first![0]).to.contain("web sockets cannot be opened here: ").and.to.contain(words);
      expect(first!.slice(1).join("\n"))
        .to.contain("updateRealtimeSettings as alice, json over")
        .and.contain("wscat -c");
      expect([second![0], asked]).to.deep.equal([first![0], 1]);
    });

  it("are not blocked by an opening that fails after others did not", async () => {
    expect(await fault(usual)).to.equal("nothing was found");
    refusal = (socket) => void socket.end();
    expect(await fault(usual)).not.to.contain("cannot be opened here");
    refusal = undefined;
    expect(await fault(usual)).to.equal("nothing was found");
  });

  it("report the call as a command line of wscat", async () => {
    changed({ status: 201 });
    expect(await fault({ as: "alice", send: { shows_presence: true } })).to.contain(
      `wscat -c '${client.url.replace("http", "ws")}/v1/realtime' -s lyceum.v1.json -H 'authorization: Bearer a-token' -w 1 ` +
        `-x '{"call":{"id":"1","method":"UpdateRealtimeSettings","request":{"@type":"${prefix}lyceum.v1.UpdateRealtimeSettingsRequest","shows_presence":true}}}'`,
    );
  });

  it("fail when none of their calls goes over the socket, as a case that was thought to have one", async () => {
    const ofHttp: Case = { answers: "UNAUTHENTICATED" };
    expect(await fault(ofHttp, "protobuf")).to.equal("No call of the case went over a socket");
  });

  it("are those that have a call of an actor, without what HTTP alone has", () => {
    const step = { as: "alice", send: {} };
    const plans = (tested: Case, method = "updateRealtimeSettings"): number => {
      const cases = { [method]: { "a case": tested } };
      const choice = { codecs: codecNames, pairs: "all", overSocket: { descriptors, names } } as const;
      return caseChecks([{ ...file, cases }], choice).filter(({ codec }) => codec.endsWith("over a socket")).length;
    };
    expect(plans(step)).to.equal(3);
    expect(plans({ steps: [{ call: "getHealth" }, step] })).to.equal(3);
    expect(plans({ ...step, headers: { "If-Match": "*" }, capture: { tag: "@etag" } })).to.equal(3);
    const others: Case[] = [
      { send: {} },
      { ...step, headers: { "if-none-match": "*" } },
      { ...step, headers: { "user-agent": "x" } },
      { ...step, answerHeaders: { vary: "x" } },
      { ...step, path: "/v1" },
      { ...step, query: "a=b" },
      { ...step, token: "$x" },
      { ...step, as: "novice" },
      { ...step, with: { instance: "/" } },
    ];
    for (const ofHttp of others) expect(plans(ofHttp), JSON.stringify(ofHttp)).to.equal(0);
    for (const method of ["getHealth", "createFile", "streamUpdates", "getFileContent"])
      expect(plans(step, method), method).to.equal(0);
  });
});
