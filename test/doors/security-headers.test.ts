// The security headers of the real server: what an answer of the API needs, and for pages what helmet advises.
import { expect } from "chai";
import { testServer, type TestServer } from "../support/server.js";

const ofAnswers: readonly string[] = [
  "content-security-policy",
  "cross-origin-resource-policy",
  "referrer-policy",
  "x-content-type-options",
];
const ofPages = [
  "cross-origin-opener-policy",
  "origin-agent-cluster",
  "x-dns-prefetch-control",
  "x-download-options",
  "x-frame-options",
  "x-permitted-cross-domain-policies",
  "x-xss-protection",
];
const hsts = "strict-transport-security";

describe("the security headers", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer({ TRUST_PROXY: "1" });
  });
  after(() => server.close());

  async function sent(path: string, init: RequestInit = {}): Promise<{ status: number; names: string[] }> {
    const { status, headers } = await fetch(server.url + path, { redirect: "manual", ...init });
    const all = new Set([...ofAnswers, ...ofPages, hsts]);
    return { status, names: [...headers.keys()].filter((name) => all.has(name)).sort() };
  }

  for (const [verb, path, status] of [
    ["GET", "/health", 200],
    ["HEAD", "/health", 200],
    ["GET", "/v1/chats", 401],
    ["POST", "/health", 405],
    ["OPTIONS", "/health", 204],
    ["GET", "/nothing", 404],
    ["GET", "/v1/chats/%ff", 400],
  ] as const) {
    it(`of ${verb} ${path} are those that an API needs`, async () => {
      expect(await sent(path, { method: verb })).to.deep.equal({ status, names: ofAnswers });
    });
  }

  for (const path of ["/docs", "/redoc", "/proto/", "/problems/", "/openapi.json", "/descriptor.binpb"]) {
    it(`of ${path} are all of them`, async () => {
      expect(await sent(path)).to.deep.equal({ status: 200, names: [...ofAnswers, ...ofPages].sort() });
    });
  }

  it("name HTTPS for the future only in an answer over https", async () => {
    const secure = { headers: { "X-Forwarded-Proto": "https" } };
    for (const path of ["/health", "/v1/chats", "/docs"]) {
      expect((await sent(path, secure)).names, path).to.contain(hsts);
      expect((await sent(path)).names, path).not.to.contain(hsts);
    }
    const { headers } = await fetch(`${server.url}/health`, secure);
    // Hosts below the same domain may still be served over http alone.
    expect(headers.get(hsts)).to.equal("max-age=31536000");
  });

  it("name no HTTPS where the operator has switched it off, or trusts no proxy", async () => {
    for (const settings of [
      { TRUST_PROXY: "1", HSTS_SECONDS: "0" },
      { TRUST_PROXY: "false", HSTS_SECONDS: "60" },
    ]) {
      const other = await testServer(settings);
      const { headers } = await fetch(`${other.url}/health`, { headers: { "X-Forwarded-Proto": "https" } });
      await other.close();
      expect([...headers.keys()]).not.to.contain(hsts);
    }
  });
});
