// Headers and cookies that a handler adds, on answers and on Problems, over a real port.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import Koa from "koa";
import { answer } from "../../../src/contract/http/answer.js";
import type { KoaContext, RequestContext, RequestState } from "../../../src/contract/http/request-context.js";
import { ResponseHeaders } from "../../../src/contract/http/response-headers.js";

describe("the headers that a handler adds", () => {
  let server: Server;
  let url: string;
  let handler: (headers: ResponseHeaders) => void;

  before(async () => {
    const app = new Koa<RequestState>();
    app.use((ctx: KoaContext) => {
      ctx.state.context = { headers: ["X-Of-All", "yes"], vary: "" } as unknown as RequestContext;
      try {
        handler(new ResponseHeaders(ctx.state.context));
        answer(ctx, 200, ["Content-Type", "text/plain"], Buffer.from("fine"), false);
      } catch (error) {
        answer(ctx, 500, ["Content-Type", "text/plain"], Buffer.from((error as Error).name), false);
      }
    });
    server = createServer(app.callback()).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  it("are on the answer, in addition to those of all answers, each as often as it was added", async () => {
    handler = (headers) => {
      headers.add("X-Step", "one");
      headers.add("X-Step", "two");
    };
    const { headers } = await fetch(url);
    expect(headers.get("x-step")).to.equal("one, two");
    expect(headers.get("x-of-all")).to.equal("yes");
  });

  it("are on an error too", async () => {
    handler = (headers) => {
      headers.add("Clear-Site-Data", '"cache"');
      throw new Error("refused");
    };
    const { status, headers } = await fetch(url);
    expect([status, headers.get("clear-site-data")]).to.deep.equal([500, '"cache"']);
  });

  it("are one cookie of each name: the last", async () => {
    handler = (headers) => {
      headers.setCookie({ name: "a", value: "1" });
      headers.setCookie({ name: "ab", value: "2" });
      headers.setCookie({ name: "a", value: "3" });
    };
    expect((await fetch(url)).headers.getSetCookie()).to.deep.equal(["ab=2", "a=3"]);
  });

  it("can be cookies, several of them, with their attributes", async () => {
    handler = (headers) => {
      headers.setCookie({
        name: "__Host-session",
        value: "a b;c",
        httpOnly: true,
        secure: true,
        sameSite: "lax",
        path: "/",
        maxAge: 600,
      });
      headers.setCookie({ name: "gone", value: "", maxAge: 0 });
    };
    const cookies = (await fetch(url)).headers.getSetCookie();
    expect(cookies).to.deep.equal([
      "__Host-session=a%20b%3Bc; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Lax",
      "gone=; Max-Age=0",
    ]);
  });

  const refused: readonly (readonly [what: string, add: (headers: ResponseHeaders) => void])[] = [
    ["a header that the engine writes", (headers) => headers.add("content-TYPE", "text/html")],
    ["a cookie as a header", (headers) => headers.add("Set-Cookie", "a=b")],
    ["a value with a line break", (headers) => headers.add("X-Step", "one\r\nSet-Cookie: a=b")],
    ["a name with a space", (headers) => headers.add("X Step", "one")],
    ["a cookie with an invalid name", (headers) => headers.setCookie({ name: "a=b", value: "" })],
    [
      "a cookie whose path has a line break",
      (headers) => headers.setCookie({ name: "a", value: "", path: "/\r\nX: y" }),
    ],
  ];
  for (const [what, add] of refused) {
    it(`cannot be ${what}`, async () => {
      handler = add;
      const response = await fetch(url);
      expect([response.status, await response.text()]).to.deep.equal([500, "TypeError"]);
      expect(response.headers.getSetCookie()).to.deep.equal([]);
    });
  }
});
