// The pages as people see them: the landing page, a narrow screen, and what Swagger UI does with an answer.
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { request } from "node:http";
import { fileURLToPath } from "node:url";
import { createContext, Script } from "node:vm";
import { expect } from "chai";
import Koa from "koa";
import { clientGuideFile, descriptorFiles } from "../../../src/config.js";
import { documentRoutes } from "../../../src/contract/documents/documents.js";
import type { About } from "../../../src/contract/documents/openapi.js";
import { loadContract } from "../../../src/contract/model/load.js";
import { problemType } from "../../../src/contract/model/problem-type.js";

const contract = loadContract(fileURLToPath(new URL("../../../proto", import.meta.url)));
const login = { path: "/v1/auth/login", body: { email: "a@example.org", password: "it's <public>" } };

function serve(about: Partial<About>, ready: () => void): Server {
  const app = new Koa();
  app.use(documentRoutes(contract, { title: "Lyceum", version: "1.2.3", ...about }, descriptorFiles).routes());
  return app.listen(0, "127.0.0.1", ready);
}

const baseOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

describe("the landing page", () => {
  let demo: Server;
  let production: Server;
  before((done) => void (demo = serve({ login, guide: clientGuideFile }, done)));
  before((done) => void (production = serve({}, done)));
  after((done) => void demo.close(done));
  after((done) => void production.close(done));

  const landing = async (server: Server, headers: Record<string, string> = {}): Promise<string> =>
    (await fetch(`${baseOf(server)}/`, { headers })).text();

  it("links to every other document for people, and names each service with its comment", async () => {
    const page = await landing(production);
    for (const path of ["/docs", "/redoc", "/proto/", "/proto.zip", "/openapi.json", "/lyceum.http", "/problems/"])
      expect(page).to.include(`<td><a href="${path}">`);
    for (const { service } of contract.methods) {
      expect(page).to.include(`>${service.split(".").at(-1)}</a>`);
      expect(page).to.include(contract.root.lookupService(service).comment!.split(/[\n.`'"]/)[0]);
    }
  });

  it("has a login to paste in a demo, at the address that it was asked at, and none elsewhere", async () => {
    const page = await landing(demo);
    const text = page.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
    const line = `curl -s ${baseOf(demo)}/v1/auth/login -H 'Content-Type: application/json' -d '{"email":"a@example.org","password":"it'\\''s <public>"}'`;
    expect(text).to.include(`<pre>${line}</pre>`);
    expect(page).to.not.include("<public>");
    expect(await landing(production)).to.not.match(/Log in|<pre>|"password"/);
  });

  it("links to the guide for clients where there is one, whose examples have the address that it was asked at", async () => {
    expect(await landing(demo)).to.include('<td><a href="/client-guide">');
    const guide = await fetch(`${baseOf(demo)}/client-guide`);
    expect(guide.headers.get("content-type")).to.equal("text/plain; charset=utf-8");
    expect(await guide.text())
      .to.include(`HOST=${baseOf(demo)}\n`)
      .and.not.include("localhost:8080");
    expect(await landing(production)).to.not.include("/client-guide");
  });

  it("shows no address that a shell might read something else in", async () => {
    const shown = (host: string): Promise<string> =>
      new Promise((resolve) => {
        const asked = request(`${baseOf(demo)}/`, { headers: { Host: host } }, (answer) => {
          let text = "";
          answer.setEncoding("utf8").on("data", (part: string) => (text += part));
          answer.on("end", () => resolve(/curl -s (.*)\/v1/.exec(text)![1]!));
        });
        asked.end();
      });
    expect(await shown("school.example:8080")).to.equal("http://school.example:8080");
    expect(await shown("[::1]:8080")).to.equal("http://[::1]:8080");
    for (const host of ["a;reboot", "$(reboot)", "a&b", "a'b", "a`b", "a|b", "<b>"])
      expect(await shown(host), host).to.equal("https://&#60;this server&#62;");
  });

  it("is sent to browsers and to clients that accept anything, and names what a program reads", async () => {
    for (const accept of ["*/*", "text/html,application/xhtml+xml,*/*;q=0.8", "application/protobuf", "text/*"]) {
      const { status, headers } = await fetch(`${baseOf(demo)}/`, { headers: { accept }, redirect: "manual" });
      expect([status, headers.get("content-type")], accept).to.deep.equal([200, "text/html; charset=utf-8"]);
      expect(headers.get("link")).to.equal('</openapi.json>; rel="service-desc", </docs>; rel="service-doc"');
    }
    for (const accept of ["application/json", "application/json, text/html;q=0.5"]) {
      const { status, headers } = await fetch(`${baseOf(demo)}/`, { headers: { accept }, redirect: "manual" });
      expect([status, headers.get("location")], accept).to.deep.equal([302, "/openapi.json"]);
    }
  });
});

describe("on a phone", () => {
  let server: Server;
  before((done) => void (server = serve({ login }, done)));
  after((done) => void server.close(done));

  it("a page has the width of the screen, and nothing in it has a width of its own", async () => {
    const text = async (path: string): Promise<string> => (await fetch(baseOf(server) + path)).text();
    for (const path of ["/", "/proto/", "/problems/", ...[...contract.reasons.keys()].map(problemType)]) {
      const page = await text(path);
      expect(page, path).to.include('<meta name="viewport" content="width=device-width, initial-scale=1" />');
      expect(page, path).to.match(/<link rel="stylesheet" href="\/documents\.css" \/>/);
      expect(page, path).to.not.match(/<(?:img|iframe|svg|textarea|input)|\s(?:width|nowrap|cols)=/);
    }
    const css = await text("/documents.css");
    expect(css).to.not.match(/(?<!max-)width: \d+(?:px|rem|em|ch)|white-space|float|position/);
    expect(css).to.match(/^pre \{[^}]*overflow-x: auto;/m);
    const [, narrow] = /@media \(max-width: 40rem\) \{\n([^]*)^\}/m.exec(css)!;
    expect(narrow)
      .to.include("body { overflow-wrap: anywhere; }")
      .and.match(/table, .*td \{ display: block; \}/);
  });
});

describe("Swagger UI", () => {
  let server: Server;
  let intercept: (response: object) => Promise<{ text: string; data: unknown }>;
  let done: string[];

  before((ready) => void (server = serve({ endsSession: ["Logout"] }, ready)));
  after((ended) => void server.close(ended));

  beforeEach(async () => {
    done = [];
    const authActions = {
      authorizeWithPersistOption: ({ bearer }: { bearer: { value: string } }) => done.push(`uses ${bearer.value}`),
      logoutWithPersistOption: ([name]: string[]) => done.push(`forgets ${name}`),
    };
    const SwaggerUIBundle = (options: { responseInterceptor: typeof intercept }): object => {
      intercept = options.responseInterceptor;
      return { authActions };
    };
    const script = new Script(await (await fetch(`${baseOf(server)}/docs/start.js`)).text());
    script.runInContext(createContext({ SwaggerUIBundle, Blob, URL, Uint8Array }));
  });

  const answer = (path: string, status: number, body: string | Uint8Array, headers = {}): object => ({
    url: `https://school.example${path}`,
    status,
    ok: status < 300,
    headers,
    ...(typeof body === "string" ? { text: body, data: body } : { data: new Blob([body]), text: new Blob([body]) }),
  });

  it("uses the token of a login, and forgets it at the logout", async () => {
    await intercept(answer("/v1/auth/login", 200, '{"access_token":"one"}'));
    await intercept(answer("/v1/auth/refresh", 200, '{"accessToken":"two"}'));
    await intercept(answer("/v1/auth/login", 401, '{"reason":"INVALID_CREDENTIALS"}'));
    await intercept(answer("/v1/auth/logout", 503, '{"reason":"UNAVAILABLE"}'));
    await intercept(answer("/v1/auth/logout?alt=json", 204, ""));
    expect(done).to.deep.equal(["uses one", "uses two", "forgets bearer"]);
  });

  it("forgets a token that is refused, and not one without the rank", async () => {
    const challenge = (error: string): object => ({ "www-authenticate": `Bearer realm="lyceum"${error}` });
    await intercept(answer("/v1/chats", 401, "{}", challenge("")));
    await intercept(answer("/v1/chats", 403, "{}", challenge(', error="insufficient_scope"')));
    expect(done).to.deep.equal([]);
    await intercept(answer("/v1/chats", 401, "{}", challenge(', error="invalid_token"')));
    expect(done).to.deep.equal(["forgets bearer"]);
  });

  it("shows protobuf in hexadecimal, and leaves other bytes as they are", async () => {
    const bytes = Uint8Array.from({ length: 18 }, (_, index) => 60 + index * 5);
    const { text, data } = await intercept(
      answer("/v1/chats", 200, bytes, { "content-type": "application/x-protobuf" }),
    );
    expect(text.split("\n")).to.deep.equal([
      "18 bytes of Protocol Buffers in hexadecimal. Choose application/json to read the message.",
      "",
      "00000000  3c 41 46 4b 50 55 5a 5f 64 69 6e 73 78 7d 82 87  <AFKPUZ_dinsx}..",
      "00000010  8c 91                                            ..",
    ]);
    expect(data).to.equal(text);
    const picture = await intercept(answer("/v1/chats/1/picture", 200, bytes, { "content-type": "image/png" }));
    expect(picture.data).to.be.instanceOf(Blob);
  });
});
