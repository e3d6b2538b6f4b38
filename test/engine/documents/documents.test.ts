import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { createFileRegistry, fromBinary, getOption } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import Koa from "koa";
import { descriptorFiles } from "../../../src/config.js";
import { documentRoutes } from "../../../src/contract/documents/documents.js";
import { clientContract } from "../../../src/contract/export/client-contract.js";
import { loadContract, type Contract } from "../../../src/contract/model/load.js";
import { reasonsOf } from "../../../src/contract/model/outcomes.js";
import { problemType } from "../../../src/contract/model/problem-type.js";
import { ApiError } from "../../../src/errors.js";

const protoDirectory = fileURLToPath(new URL("../../../proto", import.meta.url));
const pages = ["/", "/docs", "/redoc", "/proto/", "/problems/", "/problems/chat-not-found"];
const others = [
  "/openapi.json",
  "/lyceum.http",
  "/descriptor.binpb",
  "/descriptor.binpb?annotated=true",
  "/proto.zip",
  "/proto/lyceum/v1/chat.proto",
  "/documents.css",
  "/docs/start.js",
  "/docs/swagger-ui-bundle.js",
  "/docs/swagger-ui.css",
  "/docs/favicon-32x32.png",
  "/redoc/start.js",
  "/redoc/redoc.standalone.js",
];

describe("the documents", () => {
  let contract: Contract;
  let server: Server;
  let base: string;

  before((done) => {
    contract = loadContract(protoDirectory);
    server = serve(contract, done);
  });

  beforeEach(() => {
    base = baseOf(server);
  });

  after((done) => {
    server.close(done);
  });

  it("answer GET and HEAD, with the same headers", async () => {
    for (const path of [...pages, ...others]) {
      const [got, headed] = [await fetch(base + path), await fetch(base + path, { method: "HEAD" })];
      expect([got.status, headed.status], path).to.deep.equal([200, 200]);
      expect(got.headers.get("x-content-type-options"), path).to.equal("nosniff");
      for (const name of ["content-type", "etag", "vary", "content-security-policy", "cache-control"]) {
        expect(headed.headers.get(name), `${path} ${name}`).to.equal(got.headers.get(name)).and.not.equal(null);
      }
      expect((await got.arrayBuffer()).byteLength, path).to.be.above(0);
      expect(await headed.text()).to.equal("");
    }
  });

  it("are not sent again to a client that has them", async () => {
    for (const path of [...pages, ...others]) {
      const first = await fetch(base + path);
      await first.arrayBuffer();
      const again = await fetch(base + path, { headers: { "If-None-Match": first.headers.get("etag")! } });
      expect([again.status, await again.text()], path).to.deep.equal([304, ""]);
      const stale = await fetch(base + path, { headers: { "If-None-Match": '"another"' }, method: "HEAD" });
      expect(stale.status, path).to.equal(200);
    }
  });

  it("are compressed for a client that accepts a coding, under another ETag", async () => {
    for (const path of ["/openapi.json", "/descriptor.binpb"]) {
      const tags = new Set<string | null>();
      const texts = new Set<string>();
      for (const coding of ["identity", "gzip", "br"]) {
        const response = await fetch(base + path, { headers: { "Accept-Encoding": coding } });
        expect(response.headers.get("content-encoding") ?? "identity", path).to.equal(coding);
        tags.add(response.headers.get("etag"));
        texts.add(await response.text());
      }
      expect([tags.size, texts.size]).to.deep.equal([3, 1]);
    }
  });

  it("have media types that browsers and tools support", async () => {
    const types = await Promise.all(others.map(async (path) => (await fetch(base + path)).headers.get("content-type")));
    expect(types).to.deep.equal([
      "application/json; charset=utf-8",
      "text/plain; charset=utf-8",
      "application/protobuf",
      "application/protobuf",
      "application/zip",
      "text/plain; charset=utf-8",
      "text/css; charset=utf-8",
      "text/javascript; charset=utf-8",
      "text/javascript; charset=utf-8",
      "text/css; charset=utf-8",
      "image/png",
      "text/javascript; charset=utf-8",
      "text/javascript; charset=utf-8",
    ]);
  });

  it("describe JSON alone, or every serialization, as the query says", async () => {
    const bodies = new Map<string, string>();
    for (const query of ["", "?", "?serialization=json", "?serialization=all"]) {
      const response = await fetch(`${base}/openapi.json${query}`);
      expect(response.status, query).to.equal(200);
      bodies.set(query, await response.text());
    }
    const json = bodies.get("")!;
    expect([bodies.get("?"), bodies.get("?serialization=json")]).to.deep.equal([json, json]);
    expect(json).to.not.include('"application/protobuf":');
    expect(bodies.get("?serialization=all")).to.include('"application/protobuf":');
  });

  it("let a page load nothing from other servers, and run no inline script", async () => {
    for (const path of pages) {
      const response = await fetch(base + path);
      const policy = response.headers.get("content-security-policy")!;
      expect(policy, path).to.match(/^default-src 'none';/);
      expect(policy, path).to.not.match(/\*|https?:|\.[a-z]{2,}/);
      expect(
        policy.split(/; ?/).filter((part) => part.startsWith("script-src") && part !== "script-src 'self'"),
        path,
      ).to.deep.equal([]);
      const page = await response.text();
      expect(page, path).to.not.match(/(?:src|href|action)="(?!\/[^/])/);
      expect(page, path).to.not.match(/<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=/);
    }
  });

  it("allow inline styles only to ReDoc, which creates its own", async () => {
    for (const path of pages) {
      const policy = (await fetch(base + path)).headers.get("content-security-policy")!;
      expect(policy.includes("unsafe"), path).to.equal(path === "/redoc");
      expect(policy.includes("style-src 'unsafe-inline'"), path).to.equal(path === "/redoc");
    }
  });

  it("omit the logo that ReDoc loads from another server", async () => {
    const bundle = await (await fetch(`${base}/redoc/redoc.standalone.js`)).text();
    expect(bundle).to.include("redocly logo").and.not.include("cdn.redoc.ly");
  });

  it("start their viewers with scripts that parse", async () => {
    for (const path of ["/docs/start.js", "/redoc/start.js"]) {
      const text = await (await fetch(base + path)).text();
      expect(() => new Script(text), path).to.not.throw();
      expect(text).to.include('"/openapi.json');
    }
  });

  it("link only to pages that exist", async () => {
    const links = new Set<string>();
    for (const path of [...pages, ...[...contract.reasons.keys()].map(problemType)]) {
      const page = await (await fetch(base + path)).text();
      for (const [, link] of page.matchAll(/(?:href|src)="([^"#]+)/g)) links.add(link!);
    }
    expect(links.size).to.be.above(40);
    for (const link of links) expect((await fetch(base + link, { method: "HEAD" })).status, link).to.equal(200);
  });

  it("have every .proto file of the contract, byte for byte, and say where the files of others are", async () => {
    const list = await (await fetch(`${base}/proto/`)).text();
    for (const [name, text] of contract.files) {
      const served = await (await fetch(`${base}/proto/${name}`)).text();
      // A part of a file under its published name would hide the whole one on a client's include path.
      expect(served, name).to.equal(/^(?:google|buf)\//.test(name) ? "next" : text);
      expect(list.includes(`href="/proto/${name}"`), name).to.equal(served !== "next");
    }
    expect(list).to.include("buf.build/bufbuild/protovalidate").and.include("buf.build/googleapis/googleapis");
  });

  it("explain every reason, and name the methods that answer with it", async () => {
    for (const meaning of contract.reasons.values()) {
      const page = await (await fetch(base + problemType(meaning.reason))).text();
      expect(page).to.include(meaning.reason).and.include(String(meaning.status)).and.include(meaning.code);
      for (const method of contract.methods) {
        expect(page.includes(`/${method.name}"`)).to.equal(reasonsOf(contract, method).includes(meaning));
      }
    }
  });

  it("have the page of a reason under both spellings, in any case", async () => {
    for (const name of ["CHAT_NOT_FOUND", "chat_not_found", "Chat-Not-Found", "chat-not-found/"]) {
      expect(await (await fetch(`${base}/problems/${name}`)).text(), name).to.include("<h1>Chat not found</h1>");
    }
  });

  it("leave every other path to the next middleware", async () => {
    for (const path of [
      "/docs/package.json",
      "/redoc/redoc.standalone.js.map",
      "/proto/../package.json",
      "/problems/nope",
      "/proto/lyceum",
    ]) {
      expect(await (await fetch(base + path)).text(), path).to.equal("next");
    }
    expect(await (await fetch(`${base}/docs`, { method: "POST" })).text()).to.equal("next");
  });
});

describe("the descriptor set", () => {
  it("loads into another implementation, with the options of every method", () => {
    const contract = loadContract(protoDirectory);
    const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptorFiles.annotated)));
    const access = registry.getExtension("lyceum.v1.access")!;
    const levels = registry.getEnum("lyceum.v1.Access")!;
    for (const method of contract.methods) {
      const found = registry.getService(method.service)!.methods.find(({ name }) => name === method.name)!;
      expect(levels.value[getOption(found, access) as number]!.name, method.name).to.equal(method.access);
      expect([found.input.typeName, found.output.typeName]).to.deep.equal(
        [method.request, method.response].map((type) => type.fullName.slice(1)),
      );
    }
  });
});

describe("the descriptor sets", () => {
  let server: Server;

  before((done) => {
    server = serve(loadContract(protoDirectory), done);
  });

  after((done) => {
    server.close(done);
  });

  const fetched = async (query: string): Promise<Buffer> =>
    Buffer.from(await (await fetch(`${baseOf(server)}/descriptor.binpb${query}`)).arrayBuffer());

  it("are that of the export, and by the query the one with all options; both have comments", async () => {
    const [plain, annotated] = await Promise.all(["", "?annotated=true"].map(fetched));
    expect(plain!.equals(await fetched("?annotated=false"))).to.equal(true);
    const names = (bytes: Buffer): string[] => fromBinary(FileDescriptorSetSchema, bytes).file.map(({ name }) => name);
    expect(names(annotated!)).to.include.members(["buf/validate/validate.proto", "lyceum/v1/options.proto"]);
    expect(names(plain!).filter((name) => !name.startsWith("google/protobuf/"))).to.deep.equal(
      [...clientContract(loadContract(protoDirectory)).keys()].sort(byImports(names(plain!))),
    );
    for (const bytes of [plain!, annotated!])
      for (const { name, sourceCodeInfo, messageType } of fromBinary(FileDescriptorSetSchema, bytes).file) {
        if (!name.startsWith("lyceum/")) continue;
        const comments = sourceCodeInfo!.location.filter(({ leadingComments }) => leadingComments);
        expect(comments.length, name).to.be.above(messageType.length);
      }
  });

  it("refuse every other query", async () => {
    for (const query of ["annotated=yes", "annotated=", "annotated", "anotated=true", "annotated=true&annotated=true"])
      for (const method of ["GET", "HEAD"]) {
        const answer = await fetch(`${baseOf(server)}/descriptor.binpb?${query}`, { method });
        expect(answer.status, `${method} ${query}`).to.equal(400);
        expect(answer.headers.get("x-reason")).to.equal("MALFORMED_REQUEST");
      }
    expect((await fetch(`${baseOf(server)}/descriptor.binpb?annotated=constructor`)).status).to.equal(400);
    expect((await fetch(`${baseOf(server)}/descriptor.binpb?`)).status).to.equal(200);
  });
});

/** The order of a list; it is that of imports, which come before those who use them. */
function byImports(names: readonly string[]): (a: string, b: string) => number {
  return (a, b) => names.indexOf(a) - names.indexOf(b);
}

describe("the documents of any contract", () => {
  let server: Server;

  before((done) => {
    const hostile = `
      // A <script>alert("1")</script> & \`<b>\`.
      syntax = "proto3";
      package tiny.v1;
      import "google/api/annotations.proto";
      import "google/protobuf/empty.proto";
      import "lyceum/v1/options.proto";
      import "lyceum/v1/problem.proto";
      service TinyService {
        // Says <img src=x onerror=alert(1)>.
        rpc Look(google.protobuf.Empty) returns (google.protobuf.Empty) {
          option (google.api.http) = {get: "/tiny"};
          option (lyceum.v1.access) = ACCESS_PUBLIC;
          option (lyceum.v1.reason) = REASON_LAST_OWNER;
        }
      }`.replace(/^ {6}|^\n/gm, "");
    server = serve(loadContract(protoDirectory, new Map([["tiny/v1/tiny.proto", hostile]])), done);
  });

  after((done) => {
    server.close(done);
  });

  it("show comments as text, never as markup", async () => {
    const [list, problem] = await Promise.all(
      ["/proto", "/problems/last-owner"].map(async (path) => (await fetch(baseOf(server) + path)).text()),
    );
    expect(list).to.include("A &#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62; &#38; <code>&#60;b&#62;</code>.");
    expect(problem).to.include("Says &#60;img src=x onerror=alert(1)&#62;.");
  });
});

function serve(contract: Contract, ready: () => void): Server {
  const app = new Koa();
  app.use((ctx, next) =>
    next().catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      ctx.status = 400;
      ctx.set("X-Reason", error.reason);
    }),
  );
  app.use(documentRoutes(contract, { title: "Lyceum", version: "1.2.3" }, descriptorFiles).routes());
  app.use((ctx) => {
    ctx.body = "next";
  });
  return app.listen(0, "127.0.0.1", ready);
}

function baseOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
