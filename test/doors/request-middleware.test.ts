// The request middleware, with a recorded log and inner middleware that fails.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createConnection, type AddressInfo } from "node:net";
import { expect } from "chai";
import Koa from "koa";
import { pino } from "pino";
import type { KoaContext, RequestState } from "../../src/contract/http/request-context.js";
import type { ApiError } from "../../src/errors.js";
import { requestMiddleware } from "../../src/doors/request-middleware.js";
import { securityHeaders } from "../../src/platform/http/security-headers.js";

describe("the request middleware", () => {
  let server: Server;
  let url: string;
  let room: (ctx: KoaContext) => unknown;
  let refusals: ApiError[];
  const lines: Record<string, unknown>[] = [];

  before(async () => {
    const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) });
    const refuse = async (ctx: KoaContext, error: ApiError): Promise<void> => {
      refusals.push(error);
      ctx.status = 418;
    };
    const app = new Koa<RequestState>();
    app.silent = true;
    app.use(requestMiddleware({ corsOrigins: [], security: securityHeaders(0), log, slowRequestMs: 100, refuse }));
    app.use((ctx) => room(ctx));
    server = createServer({ requireHostHeader: false }, app.callback()).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    lines.length = 0;
    refusals = [];
    room = (ctx) => (ctx.status = 204);
  });

  it("writes one line for a request, under its id", async () => {
    await fetch(`${url}/there?secret=1`, { headers: { "X-Request-Id": "find-me" } });
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include({ request_id: "find-me", verb: "GET", route: "/there", status: 204, msg: "request" });
    expect(JSON.stringify(lines)).not.to.contain("secret");
  });

  it("logs a slow request as a warning", async () => {
    room = async (ctx) => {
      await new Promise((resolve) => setTimeout(resolve, 120));
      ctx.status = 204;
    };
    await fetch(url);
    expect(lines[0]).to.include({ level: 40, msg: "slow request" });
  });

  for (const thrown of [
    new Error("a bug"),
    null,
    undefined,
    "text",
    { status: 403, expose: true, message: "secret" },
  ]) {
    it(`answers when ${JSON.stringify(thrown) ?? "undefined"} is thrown below it, and logs it`, async () => {
      room = () => Promise.reject(thrown);
      expect((await fetch(url)).status).to.equal(418);
      expect(refusals.map(({ reason }) => reason)).to.deep.equal(["INTERNAL"]);
      expect(refusals[0]!.detail).not.to.contain("secret");
      expect(lines.map(({ level }) => level)).to.deep.equal([50, 30]);
    });
  }

  it("refuses an ambiguous head before any inner middleware runs", async () => {
    const socket = createConnection(Number(new URL(url).port), "127.0.0.1");
    socket.end("GET / HTTP/1.1\r\n\r\n").resume();
    await once(socket, "close");
    expect(refusals.map(({ reason }) => reason)).to.deep.equal(["MALFORMED_REQUEST"]);
  });

  it("logs 499 for a request whose client disconnected before the response", async () => {
    let entered = false;
    room = async (ctx) => {
      entered = true;
      ctx.respond = false;
      await new Promise((resolve) => ctx.req.on("error", () => {}).once("close", resolve));
    };
    const socket = createConnection(Number(new URL(url).port), "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{");
    while (!entered) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(lines[0]).to.include({ verb: "POST", status: 499 });
  });
});
