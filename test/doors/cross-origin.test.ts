// Cross-origin access over a real port, for pages of listed origins, of other origins and of this server.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import Koa from "koa";
import { pino } from "pino";
import type { RequestState } from "../../src/contract/http/request-context.js";
import { requestMiddleware, setCommonHeaders } from "../../src/doors/request-middleware.js";
import { securityHeaders } from "../../src/platform/http/security-headers.js";

const listed = "https://school.example";
const publicPaths = [
  "/openapi.json",
  "/descriptor.binpb",
  "/proto",
  "/proto/",
  "/proto/lyceum/v1/chat.proto",
  "/problems/chat-not-found",
];

describe("cross-origin access", () => {
  let server: Server;
  let url: string;
  const lines: Record<string, unknown>[] = [];

  before(async () => {
    const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) });
    const app = new Koa<RequestState>();
    const security = securityHeaders(0);
    const refuse = async (): Promise<void> => {};
    app.use(requestMiddleware({ corsOrigins: [listed], security, log, slowRequestMs: 60_000, refuse }));
    app.use(setCommonHeaders(security)).use((ctx) => void (ctx.status = 204));
    server = createServer(app.callback()).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  beforeEach(() => (lines.length = 0));

  const send = (path: string, origin: string, method = "GET", headers: Record<string, string> = {}) =>
    fetch(url + path, { method, headers: { Origin: origin, ...headers } });
  const preflight = (path: string, origin: string) =>
    send(path, origin, "OPTIONS", { "Access-Control-Request-Method": "POST" });
  const refusals = () => lines.filter(({ level }) => level === 40);

  it("lets a listed origin send trace context, idempotency keys and API keys", async () => {
    const { headers } = await preflight("/v1/chats", listed);
    const allowed = headers.get("access-control-allow-headers")!.toLowerCase().split(", ");
    expect(allowed).to.include.members(["traceparent", "tracestate", "baggage", "idempotency-key", "x-api-key"]);
    expect(allowed).to.include.members(["authorization", "content-type", "if-match"]);
    // The cookie of a session, for pages of the same site.
    expect(headers.get("access-control-allow-credentials")).to.equal("true");
  });

  for (const path of publicPaths) {
    it(`lets every origin read ${path}`, async () => {
      for (const origin of [listed, "https://tool.example", "null"]) {
        const { headers } = await send(path, origin);
        expect(headers.get("access-control-allow-origin")).to.equal("*");
        expect(headers.get("access-control-allow-credentials")).to.equal(null);
        expect((await preflight(path, origin)).headers.get("access-control-allow-headers")).to.include("If-None-Match");
      }
      expect((await fetch(url + path)).headers.get("access-control-allow-origin")).to.equal("*");
      expect(refusals()).to.deep.equal([]);
    });
  }

  for (const path of ["/v1/chats", "/", "/docs", "/openapi.jsonx", "/protox", "/v1/proto/x"]) {
    it(`refuses another origin at ${path}`, async () => {
      const { headers } = await send(path, "https://evil.example");
      expect(headers.get("access-control-allow-origin")).to.equal(null);
      expect((await preflight(path, "https://evil.example")).headers.get("access-control-allow-methods")).to.equal(
        null,
      );
    });
  }

  it("logs each refused origin once, in one line that names the setting", async () => {
    for (let turn = 0; turn < 3; turn++) await send("/v1/chats", "https://once.example");
    await preflight("/v1/chats", "https://once.example");
    expect(refusals()).to.have.length(1);
    expect(refusals()[0]).to.include({ origin: "https://once.example" });
    expect(refusals()[0]!["msg"]).to.include("CORS_ORIGINS");
  });

  it("logs no refusal of a page of this server, nor of a listed origin", async () => {
    await send("/v1/chats", url, "POST");
    await send("/v1/chats", url.replace("http:", "https:"), "POST");
    await send("/v1/chats", listed, "POST");
    expect(refusals()).to.deep.equal([]);
  });

  it("logs only the beginning of a long origin", async () => {
    await send("/v1/chats", `https://${"a".repeat(4000)}.example`);
    expect(String(refusals()[0]!["origin"])).to.have.length(200);
  });
});
