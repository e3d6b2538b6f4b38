// What every route of the contract, every document and every error has in common: which pages may read it, and its security headers.
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { exchange, type RawAnswer } from "../../runner/client/exchange.js";
import { descriptorFiles } from "../../src/config.js";
import { isPublicDocument } from "../../src/contract/documents/documents.js";
import { loadContract } from "../../src/contract/model/load.js";
import { outsideRoutes } from "../../src/doors/outside-routes.js";
import { securityHeaders } from "../../src/platform/http/security-headers.js";
import { repeats } from "../support/numbers.js";
import { testServer, type TestServer } from "../support/server.js";

const listed = "https://school.example";
const withPort = "http://localhost:3000";

/** Origins that are not listed, and look like one that is. */
const hostile: Record<string, readonly string[]> = {
  "the origin of a sandboxed frame or a file": ["null"],
  "a suffix": ["https://school.example.evil.org"],
  "a suffix without a point": ["https://school.exampleevil.org"],
  "a prefix": ["https://evilschool.example"],
  "a subdomain": ["https://evil.school.example"],
  "http in place of https": ["http://school.example"],
  "https in place of http": ["https://localhost:3000"],
  "another scheme": ["ftp://school.example"],
  "a scheme with a prefix": ["xhttps://school.example"],
  "another port": ["https://school.example:8443"],
  "the default port": ["https://school.example:443"],
  "a port less": ["http://localhost"],
  "a longer port": ["http://localhost:30000"],
  "upper case": ["https://SCHOOL.example"],
  "an upper-case scheme": ["HTTPS://school.example"],
  "a point at its end": ["https://school.example."],
  "a slash at its end": ["https://school.example/"],
  "a path": ["https://school.example/evil"],
  "a fragment": ["https://evil.example#https://school.example"],
  "a query": ["https://evil.example?https://school.example"],
  "a name and a password": ["https://school.example@evil.example"],
  "itself behind a name": ["https://evil@school.example"],
  "a backslash": [String.raw`https://school.example\.evil.example`],
  "another letter of the same look": ["https://schооl.example".normalize()].map((text) =>
    Buffer.from(text).toString("latin1"),
  ),
  "a blank and another": [`${listed} https://evil.example`],
  "a comma and another": [`${listed},https://evil.example`],
  "a star": ["*"],
  "no name": ["https://"],
  nothing: [""],
  "a pattern": ["https://school.exampl."],
  "two headers, the listed one first": [listed, "https://evil.example"],
  "two headers, the listed one last": ["https://evil.example", listed],
  "two headers that are the same": [listed, listed],
};

describe("every route", function () {
  this.timeout(120_000);
  const contract = loadContract(fileURLToPath(new URL("../../proto", import.meta.url)));
  const routes = contract.methods.map(({ verb, path }) => ({
    verb: verb as string,
    path: path.replace(/\{\w+\}/g, "1"),
  }));
  const about = { title: "", version: "" };
  const readiness = { isReady: () => true, canWrite: () => true };
  const pages = outsideRoutes(contract, about, descriptorFiles, readiness)
    .flatMap(({ stack }) => stack.map(({ path }) => String(path)))
    .filter((path) => !/[:{*(]/.test(path));
  const all = [...routes, ...pages.map((path) => ({ verb: "GET", path }))];
  let server: TestServer;
  before(async () => {
    server = await testServer({ CORS_ORIGINS: `${listed}, ${withPort}` });
  });
  after(() => server.close());

  const send = (
    verb: string,
    path: string,
    origins: readonly string[],
    more: Record<string, string> = {},
  ): Promise<RawAnswer> =>
    exchange(server.url, {
      verb,
      path,
      headers: [...origins.map((origin) => ["Origin", origin] as const), ...Object.entries(more)],
    });
  const preflight = (verb: string, path: string, origins: readonly string[]): Promise<RawAnswer> =>
    send("OPTIONS", path, origins, {
      "Access-Control-Request-Method": verb,
      "Access-Control-Request-Headers": "authorization, content-type, idempotency-key, x-api-key",
    });
  const crossOriginHeaders = ({ headers }: RawAnswer): string[] =>
    Object.keys(headers).filter((name) => name.startsWith("access-control-"));

  it("is in the list of those that are tried", () => {
    expect(routes).to.have.length.above(30);
    expect(pages).to.include.members(["/", "/docs", "/livez", "/readyz"]);
  });

  /** Each origin asks every fifth route, the next origin those after: each route is asked by seven origins; `make nightly` asks every route by all. */
  const everyRoute = repeats(5, 1);

  for (const [turn, [what, origins]] of Object.entries(hostile).entries())
    it(`is closed to pages of an origin with ${what}, unless it is public`, async () => {
      for (const { verb, path } of all.filter((_, at) => (at + turn) % everyRoute === 0)) {
        const isPublic = isPublicDocument(path);
        for (const answer of [await send(verb, path, origins), await preflight(verb, path, origins)]) {
          const allowed = answer.headers["access-control-allow-origin"];
          if (isPublic) expect(allowed, path).to.equal("*");
          else expect(crossOriginHeaders(answer), `${verb} ${path}`).to.deep.equal([]);
          expect(answer.headers["access-control-allow-credentials"], path).to.equal(undefined);
        }
      }
    });

  it("is open to pages of each listed origin alone, of a whole answer and of an error", async () => {
    for (const origin of [listed, withPort])
      for (const { verb, path } of all.filter(({ path: one }) => !isPublicDocument(one))) {
        const answer = await send(verb, path, [origin]);
        expect(answer.headers["access-control-allow-origin"], `${verb} ${path}`).to.equal(origin);
        expect(answer.headers["vary"], `${verb} ${path}`).to.match(/(^|, )Origin(,|$)/);
        const exposed = answer.headers["access-control-expose-headers"]!.split(", ");
        expect(exposed).to.include.members(["ETag", "Location", "Idempotency-Replayed", "Retry-After", "X-Request-Id"]);
        const { status, headers } = await preflight(verb, path, [origin]);
        expect([status, headers["access-control-allow-origin"]], `${verb} ${path}`).to.deep.equal([204, origin]);
        const allowed = headers["access-control-allow-headers"]!.toLowerCase().split(", ");
        expect(allowed).to.include.members([
          "authorization",
          "content-type",
          "idempotency-key",
          "x-api-key",
          "if-match",
        ]);
        expect(headers["access-control-allow-methods"]!.split(", ")).to.include(verb);
      }
  });

  it("has the security headers of helmet, each once, whatever it answers", async () => {
    const { all: list } = securityHeaders(0);
    const expected = Object.fromEntries(
      list.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), list[at + 1]!] as const] : [])),
    );
    expect(Object.keys(expected)).to.include.members(["content-security-policy", "x-content-type-options"]);
    const requests = [
      ...all,
      ...routes.map(({ path }) => ({ verb: "OPTIONS", path })),
      ...routes.map(({ path }) => ({ verb: "TRACE", path })),
      ...routes.map(({ verb, path }) => ({ verb, path: `${path}/%ff` })),
      { verb: "GET", path: "/nothing" },
      { verb: "OPTIONS", path: "*" },
    ];
    for (const { verb, path } of requests) {
      const { headers } = await send(verb, path, []);
      // The pages of the documentation have a policy of their own.
      for (const [name, value] of Object.entries(expected))
        if (name === "content-security-policy" && pages.includes(path))
          expect(headers[name], path).not.to.equal(undefined);
        else expect(headers[name], `${name} of ${verb} ${path}`).to.equal(value);
    }
  });

  const unreadable: Record<string, string> = {
    "no request at all": "nonsense\r\n\r\n",
    "a header without a name": "GET /health HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
    "a head that is too large": `GET /health HTTP/1.1\r\nHost: a\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`,
    "two lengths": "POST /v1/chats HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "no host": "GET /health HTTP/1.1\r\n\r\n",
    "two credentials":
      "GET /v1/chats HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
  };
  for (const [what, text] of Object.entries(unreadable))
    it(`has them also where the parser refuses ${what}`, async () => {
      const socket = connect(server.port, "127.0.0.1");
      let answer = "";
      socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1"))).end(text);
      await once(socket, "close");
      const [head = ""] = answer.split("\r\n\r\n");
      expect(head).to.match(/^HTTP\/1\.1 4\d\d /);
      const { all: list } = securityHeaders(0);
      const lines = head.toLowerCase().split("\r\n");
      for (let at = 0; at < list.length; at += 2)
        expect(
          lines.filter((line) => line === `${list[at]}: ${list[at + 1]}`.toLowerCase()),
          list[at],
        ).to.have.length(1);
    });
});
