// Connections over raw sockets: requests in one packet, what cannot be parsed behind them, halves that close.
import { once } from "node:events";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { createConnection, type Socket } from "node:net";
import { expect } from "chai";
import { pino } from "pino";
import { protoDirectory } from "../../../src/config.js";
import { loadContract } from "../../../src/contract/model/load.js";
import { parserRefusals } from "../../../src/doors/parser-refusals.js";
import { closeAfterAnswers, drain, httpServer, listen } from "../../../src/platform/http/http-server.js";

const get = (path: string, more = ""): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
const post = (path: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
/** Of every answer, whatever its request. */
const commonHeaders = [
  "content-security-policy",
  "cross-origin-resource-policy",
  "referrer-policy",
  "x-content-type-options",
  "access-control-allow-origin",
  "x-request-id",
  "vary",
  "date",
];
const chunked = "POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

describe("a connection", () => {
  const contract = loadContract(protoDirectory);
  let server: Server;
  let port: number;
  let begun: string[];
  let release: () => void;
  let released: Promise<void>;

  /** /held answers after `release`, /body when it has its body, /early at once without it; everything else at once, /status/404 with 404. */
  const listener: RequestListener = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url!;
    begun.push(path);
    if (path === "/held") void released.then(() => response.end(path));
    else if (path === "/body") request.resume().on("end", () => response.end(path));
    else if (path === "/last") response.writeHead(200, { Connection: "close", "Content-Length": 5 }).end(path);
    else {
      response.statusCode = Number(/status.(\d+)/.exec(path)?.[1] ?? 200);
      response.end(path);
    }
  };

  beforeEach(async () => {
    begun = [];
    released = new Promise((resolve) => (release = resolve));
    server = httpServer(listener, parserRefusals(contract, pino({ level: "silent" })));
    port = await listen(server, 0, "127.0.0.1");
  });
  afterEach(async () => {
    release();
    await drain(server, 0);
  });

  function open(): { socket: Socket; heard: Promise<string> } {
    const socket = createConnection({ port, host: "127.0.0.1", allowHalfOpen: true });
    let text = "";
    const heard = new Promise<string>((resolve, reject) => {
      socket.on("data", (chunk) => (text += chunk.toString("latin1"))).on("error", reject);
      socket.on("end", () => resolve(text) ?? socket.end());
    });
    return { socket, heard };
  }

  /** Sends the bytes; resolves with statuses and bodies of paths, in order, when the server has closed its half. */
  async function talk(bytes: string): Promise<string[]> {
    const { socket, heard } = open();
    socket.write(bytes);
    return partsOf(await heard);
  }
  /** Each answer by its status and path; without 102, which a slow machine gets more often. */
  const partsOf = (heard: string): string[] =>
    heard
      .split(/(?=HTTP\/1\.1 )/)
      .map((one) => `${one.slice(9, 12)} ${/\r\n\r\n(\/\w+)/.exec(one)?.[1] ?? ""}`.trim())
      .filter((part) => part !== "102");

  const faults = [
    ["garbage", "\x00\x01 what is this\r\n\r\n", "400", ""],
    ["a line that is no request", "HELLO\r\n\r\n", "400", ""],
    ["headers that are too large", get("/large?a=1", `X: ${"x".repeat(20_000)}\r\n`), "431", "/large"],
    ["an unknown transfer coding", "POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: foo\r\n\r\n", "400", "/body"],
    ["two lengths", "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400", "/x"],
    ["a body with a broken chunk", `${chunked}zz\r\n`, "400", "/body"],
    ["CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", "400", ""],
  ] as const;

  for (const [what, bytes, status, path] of faults) {
    it(`that sends ${what} first gets ${status} alone, as a Problem of its path with the common headers`, async () => {
      const { socket, heard } = open();
      socket.write(bytes);
      const answer = await heard;
      expect(partsOf(answer)).to.deep.equal([status]);
      expect(answer).to.contain("application/problem+json").and.contain("Connection: close");
      for (const name of commonHeaders) expect(answer.toLowerCase()).to.contain(`\r\n${name}: `);
      const problem = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4)) as Record<string, unknown>;
      const reason = status === "431" ? "headers-too-large" : "malformed-request";
      expect(problem).to.include({ type: `/problems/${reason}`, status: Number(status), instance: path });
      expect(answer).to.contain(`X-Request-Id: ${String(problem["request_id"])}\r\n`);
    });

    it(`that sends ${what} behind requests gets their answers first, then ${status}`, async () => {
      const { socket, heard } = open();
      const fault = once(server, what === "CONNECT" ? "connect" : "clientError");
      socket.write(get("/a") + post("/body", "xyz") + get("/held") + get("/b") + bytes);
      await fault;
      release();
      expect(partsOf(await heard)).to.deep.equal(["200 /a", "200 /body", "200 /held", "200 /b", status]);
    });
  }

  it("whose next request does not arrive in time gets the answer under way first, then 408", async () => {
    server.headersTimeout = 100;
    const { socket, heard } = open();
    socket.write(`${get("/held")}GET /late HTTP/1.1\r\n`);
    await once(server, "clientError");
    release();
    expect(partsOf(await heard)).to.deep.equal(["200 /held", "408"]);
  });

  it("has its requests served one after another, in order", async () => {
    const { socket, heard } = open();
    socket.end(get("/held") + post("/body", "1") + get("/b") + get("/last"));
    while (begun.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const whileHeld = [...begun];
    release();
    expect(partsOf(await heard)).to.deep.equal(["200 /held", "200 /body", "200 /b", "200 /last"]);
    expect(whileHeld).to.deep.equal(["/held"]);
  });

  it("has no request served behind an answer that closes it", async () => {
    expect(await talk(get("/last") + post("/body", "1") + get("/b"))).to.deep.equal(["200 /last"]);
    expect(begun).to.deep.equal(["/last"]);
  });

  it("gets one answer to a request whose body breaks after the answer", async () => {
    const { socket, heard } = open();
    const early = chunked.replace("/body", "/early");
    socket.write(`${early}1\r\n`);
    await once(socket, "data");
    socket.write("a\r\nzz\r\n");
    expect(partsOf(await heard)).to.deep.equal(["200 /early"]);
  });

  for (const version of ["1.1", "1.0"]) {
    it(`whose client closes its half behind requests of HTTP/${version} gets every answer`, async () => {
      const { socket, heard } = open();
      const requests = version === "1.1" ? get("/a") + get("/held") + post("/body", "x") : get("/held");
      socket.end(requests.replaceAll("HTTP/1.1", `HTTP/${version}`));
      while (!begun.includes("/held")) await new Promise((resolve) => setTimeout(resolve, 5));
      // A later connection is served, so the end of this one has arrived.
      await fetch(`http://127.0.0.1:${port}/x`);
      release();
      const all = version === "1.1" ? ["200 /a", "200 /held", "200 /body"] : ["200 /held"];
      expect(partsOf(await heard)).to.deep.equal(all);
    });
  }

  for (const version of ["1.1", "1.0"])
    it(`whose client closes its half is asked with an interim answer whether it is still there, in HTTP/${version}`, async () => {
      const { socket, heard } = open();
      const interim = version === "1.1" ? once(socket, "data") : Promise.resolve(["none"]);
      socket.end(get("/held").replace("HTTP/1.1", `HTTP/${version}`));
      expect(String((await interim)[0])).to.equal(version === "1.1" ? "HTTP/1.1 102 Processing\r\n\r\n" : "none");
      release();
      expect(partsOf(await heard)).to.deep.equal(["200 /held"]);
    });

  it("is closed while its request is served when the client has gone without a reset", async () => {
    const { socket } = open();
    const closed = new Promise((resolve) => server.once("request", ({ socket: own }) => own.once("close", resolve)));
    socket.write(get("/held"));
    while (begun.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    await closed;
  });

  it("whose client closes its half within a request gets 400", async () => {
    const { socket, heard } = open();
    socket.end(`${get("/a")}GET /b HT`);
    expect(partsOf(await heard)).to.deep.equal(["200 /a", "400"]);
  });

  it("is not reset when more bytes come behind the last answer", async () => {
    for (const first of [get("/last"), "garbage\r\n\r\n"]) {
      const { socket, heard } = open();
      socket.write(first);
      await once(socket, "data");
      for (let count = 0; count < 20; count++) socket.write("x".repeat(10_000));
      expect(partsOf(await heard)).to.have.length(1);
      socket.write("x".repeat(100_000));
      await new Promise<void>((resolve) => socket.end(resolve));
    }
  });

  for (const status of [200, 204, 304, 404])
    it(`is closed by an answer ${status} once the server stops, also to a request that came before`, async () => {
      const [before, after] = [open(), open()];
      before.socket.write(get("/held"));
      while (begun.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      closeAfterAnswers(server);
      release();
      after.socket.write(get(`/status/${status}`));
      for (const { heard } of [before, after]) expect(await heard).to.contain("\r\nConnection: close\r\n");
      expect(await after.heard).to.contain(` ${status} `);
    });

  it("is closed when its client sends hundreds of requests without waiting for an answer", async () => {
    const { socket, heard } = open();
    socket.write(get("/held") + get("/a").repeat(500));
    await heard.catch(() => undefined);
    expect(begun).to.deep.equal(["/held"]);
  });
});
