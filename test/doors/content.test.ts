// Bodies that are not messages, over a real port: uploads, forms, downloads and streams, in a contract of their own.
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { engineServer, type EngineServer } from "../support/engine-server.js";
import { loadContract } from "../../src/contract/model/load.js";
import type { EngineDeps } from "../../src/contract/served.js";
import { eventStreams } from "../../src/doors/event-stream.js";
import { readForm } from "../../src/doors/form.js";
import { readContentDisposition } from "../../src/platform/media/content-disposition.js";
import { readParameters } from "../../src/doors/url-encoded-form.js";
import { ApiError } from "../../src/errors.js";
import type { HttpBody } from "../../src/gen/google/api/httpbody.js";
import { LatestValue } from "../../src/platform/latest-value.js";

const doors = `
syntax = "proto3";
package doors.v1;
import "buf/validate/validate.proto";
import "google/api/annotations.proto";
import "google/api/httpbody.proto";
import "lyceum/v1/options.proto";
service DoorService {
  rpc Put(PutRequest) returns (Thing) {
    option (google.api.http) = {put: "/things/{id}/content" body: "content"};
    option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE;
    option (lyceum.v1.consumes) = "image/png";
    option (lyceum.v1.consumes) = "text/plain";
    option (lyceum.v1.consumes) = "multipart/form-data";
    option (lyceum.v1.max_body) = 1000;
  }
  rpc Get(Numbered) returns (google.api.HttpBody) {
    option (google.api.http) = {get: "/things/{id}/content"};
    option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE;
    option (lyceum.v1.produces) = "image/png";
    option (lyceum.v1.produces) = "text/plain";
  }
  rpc Watch(Numbered) returns (stream Thing) {
    option (google.api.http) = {get: "/things/{id}/watch"};
    option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE;
  }
}
message PutRequest {
  int64 id = 1 [(buf.validate.field).int64.gt = 0];
  google.api.HttpBody content = 2;
  string note = 3 [(buf.validate.field).string.max_len = 10];
}
message Numbered { int64 id = 1 [(buf.validate.field).int64.gt = 0]; }
message Thing { int64 id = 1; string name = 2; }
`;

describe("bodies that are not messages", () => {
  const contract = loadContract(
    fileURLToPath(new URL("../../proto", import.meta.url)),
    new Map([["doors/v1/doors.proto", doors]]),
  );
  let server: EngineServer;
  let url: string;
  let calls: { name: string; request: Record<string, unknown> }[];
  let content: HttpBody;
  let stream: () => AsyncIterable<object>;
  let handlerDelay: Promise<unknown> | undefined;
  const loggedOut = new Set<string>();
  let isUnknown = false;
  const closing = new AbortController();

  const deps: EngineDeps<string> = {
    bodyLimit: 1024,
    admit: (_scope, caller) => caller,
    authenticate: ({ req }) => {
      const { authorization } = req.headers;
      if (isUnknown) throw new ApiError("DATABASE_UNAVAILABLE", "No answer");
      if (!authorization || loggedOut.has(authorization)) throw new ApiError("UNAUTHENTICATED", "Log in");
      return authorization;
    },
    around: [],
    handle: async ({ method, request }) => {
      calls.push({ name: method.name, request });
      if (method.name === "Get") return content;
      if (method.name === "Watch") {
        if (request["id"] === 404) throw new ApiError("CHAT_NOT_FOUND", "There is none");
        await handlerDelay;
        return stream();
      }
      return { id: request["id"], name: "kept" };
    },
    explain: (_ctx, error) => (error instanceof ApiError ? error : new ApiError("INTERNAL", "A bug")),
    doors: {
      readForm,
      readDisposition: readContentDisposition,
      readParameters,
      writeStream: eventStreams({ closing: closing.signal, heartbeatMs: 50, accessCheckMs: 50, capacity: 3 }),
    },
  };

  before(async () => {
    server = await engineServer(contract, deps);
    url = server.url;
  });
  after(() => server.close());
  beforeEach(() => {
    calls = [];
    content = { content_type: "image/png", data: Buffer.from([1, 2, 3]) };
  });

  type Body = NonNullable<RequestInit["body"]>;
  type Options = { headers?: Record<string, string>; body?: Body; method?: string; signal?: AbortSignal };
  const send = (path: string, { headers, ...options }: Options = {}) =>
    fetch(url + path, { headers: { authorization: "me", ...headers }, ...options });
  const put = (body: Body, type?: string, headers: Record<string, string> = {}, path = "/things/7/content") =>
    send(path, { method: "PUT", body, headers: type === undefined ? headers : { "content-type": type, ...headers } });
  const reasonOf = async (response: Response): Promise<unknown> =>
    ((await response.json()) as Record<string, unknown>)["reason"];
  const formOf = (file: Blob, name = "file"): FormData => {
    const form = new FormData();
    form.append("comment", "a field is ignored");
    form.append(name, file, "кот.png");
    return form;
  };

  describe("an upload", () => {
    const bytes = Buffer.from([0x89, 0, 0xff, 13, 10]);

    it("reaches the handler unchanged, with its media type, the path and the query", async () => {
      const response = await put(bytes, "Image/PNG; charset=binary", {}, "/things/7/content?note=hi");
      expect(response.status).to.equal(200);
      expect(await response.json()).to.deep.equal({ id: 7, name: "kept" });
      expect(calls[0]!.request).to.deep.equal({
        id: 7,
        content: { content_type: "image/png", data: bytes },
        note: "hi",
      });
    });

    it("is not in the query", async () => {
      const response = await put(bytes, "image/png", {}, "/things/7/content?content=hi");
      expect(response.status).to.equal(400);
      expect(((await response.json()) as { detail: string }).detail).to.contain(
        "content is not a field that the query",
      );
      expect(calls).to.deep.equal([]);
    });

    it("may have the content coding gzip", async () => {
      await put(gzipSync(bytes), "image/png", { "content-encoding": "gzip" });
      expect(calls[0]!.request["content"]).to.deep.equal({ content_type: "image/png", data: bytes });
    });

    it("may be empty", async () => {
      expect((await put(Buffer.alloc(0), "image/png")).status).to.equal(200);
      expect(calls[0]!.request["content"]).to.deep.equal({ content_type: "image/png", data: Buffer.alloc(0) });
    });

    it("may be the one file of a form, with the media type of its part", async () => {
      const response = await put(formOf(new Blob([bytes], { type: "image/png" })));
      expect(response.status, await response.clone().text()).to.equal(200);
      expect(calls[0]!.request["content"]).to.deep.equal({ content_type: "image/png", data: bytes });
    });

    it("in a form is a file by its media type, in any case and with parameters, with or without a name", async () => {
      for (const name of ['; filename="a.png"', ""]) {
        const head = `content-disposition: form-data; name="file"${name}\r\ncontent-type: Image/PNG; a=b`;
        const body = Buffer.concat([Buffer.from(`--x\r\n${head}\r\n\r\n`), bytes, Buffer.from("\r\n--x--\r\n")]);
        expect((await put(body, "multipart/form-data; boundary=x")).status).to.equal(200);
        expect(calls.at(-1)!.request["content"]).to.deep.equal({ content_type: "image/png", data: bytes });
      }
    });

    it("of another media type is answered 415 with the supported ones, in a form too", async () => {
      for (const response of [await put("{}", "application/json"), await put(bytes, "image/gif")]) {
        const problem = (await response.json()) as Record<string, unknown>;
        expect(problem).to.include({ status: 415, reason: "UNSUPPORTED_MEDIA_TYPE" });
        expect(problem["supported"]).to.deep.equal(["image/png", "text/plain", "multipart/form-data"]);
      }
      const form = await put(formOf(new Blob([bytes], { type: "image/gif" })));
      expect(form.status).to.equal(415);
      const untyped = await put(formOf(new Blob([bytes])));
      expect(untyped.status, "a file without a media type").to.equal(415);
      expect(calls).to.deep.equal([]);
    });

    it("over the limit is answered 413, with and without Content-Length, decompressed or in a form", async () => {
      const large = Buffer.alloc(1001);
      const chunked = new ReadableStream({
        start(controller) {
          controller.enqueue(large);
          controller.close();
        },
      });
      const answers = [
        await put(large, "image/png"),
        await send("/things/7/content", {
          method: "PUT",
          headers: { "content-type": "image/png" },
          body: chunked,
          duplex: "half",
        } as Options),
        await put(gzipSync(large), "image/png", { "content-encoding": "gzip" }),
        await put(formOf(new Blob([large], { type: "image/png" }))),
      ];
      expect(answers.map(({ status }) => status)).to.deep.equal([413, 413, 413, 413]);
      expect(calls).to.deep.equal([]);
    });

    it("of exactly the limit is accepted, in a form too", async () => {
      const whole = Buffer.alloc(1000);
      expect((await put(whole, "image/png")).status).to.equal(200);
      expect((await put(formOf(new Blob([whole], { type: "image/png" })))).status).to.equal(200);
    });

    it("is refused before a byte is read when there is no login, or Accept excludes the answer", async () => {
      const nobody = await fetch(`${url}/things/7/content`, {
        method: "PUT",
        headers: { "content-type": "image/png" },
        body: bytes,
      });
      expect(nobody.status).to.equal(401);
      expect((await put(bytes, "image/png", { accept: "image/png" })).status).to.equal(406);
    });

    it("is refused when other fields break their rules", async () => {
      const response = await put(bytes, "image/png", {}, "/things/0/content?note=hello%20hello%20hello");
      expect(response.status).to.equal(422);
      const { violations } = (await response.json()) as { violations: { field: string }[] };
      expect(violations.map(({ field }) => field)).to.deep.equal(["id", "note"]);
      expect(await reasonOf(await put(bytes, "image/png", {}, "/things/7/content?content=x"))).to.equal(
        "MALFORMED_REQUEST",
      );
    });

    it("in a malformed form, or in one with no file or two, is answered 400", async () => {
      const type = "multipart/form-data; boundary=x";
      const none = '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n';
      const two = formOf(new Blob([bytes], { type: "image/png" }));
      two.append("second", new Blob([bytes], { type: "image/png" }), "b.png");
      for (const body of [none, "no form at all", "--x\r\ncontent-disposition: form-data; na", ""])
        expect((await put(body, type)).status, body).to.equal(400);
      expect((await put(two)).status).to.equal(400);
      expect((await put(none, "multipart/form-data")).status, "no boundary").to.equal(400);
      expect(calls).to.deep.equal([]);
    });

    it("in a form has limits that formidable lacks: on headers of a part and on text before the first part", async () => {
      const type = "multipart/form-data; boundary=x";
      const header = `--x\r\ncontent-disposition: form-data; name="a"; filename="a"\r\nx-long: ${"a".repeat(400_000)}`;
      for (const body of [header, `${"p".repeat(400_000)}\r\n--x--`]) {
        const chunks = new ReadableStream({
          start(controller) {
            for (let at = 0; at < body.length; at += 16_384)
              controller.enqueue(Buffer.from(body.slice(at, at + 16_384)));
            controller.close();
          },
        });
        const answer = await send("/things/7/content", {
          method: "PUT",
          headers: { "content-type": type },
          body: chunks,
          duplex: "half",
        } as Options).then(
          ({ status }) => status,
          () => 413,
        );
        expect(answer).to.equal(413);
      }
    });

    it("that the client aborts runs no handler, and the server goes on", async () => {
      for (const type of ["image/png", "multipart/form-data; boundary=x"]) {
        const socket = connect(Number(new URL(url).port), "127.0.0.1");
        socket.write(
          `PUT /things/7/content HTTP/1.1\r\nhost: x\r\nauthorization: me\r\ncontent-type: ${type}\r\ncontent-length: 900\r\n\r\n` +
            '--x\r\ncontent-disposition: form-data; name="a"; filename="a"\r\ncontent-type: image/png\r\n\r\nabc',
        );
        await sleep(50);
        socket.destroy();
      }
      await sleep(50);
      expect(calls).to.deep.equal([]);
      expect((await put(bytes, "image/png")).status).to.equal(200);
    });
  });

  describe("a download", () => {
    it("has the bytes unchanged, with their media type and an ETag", async () => {
      const response = await send("/things/7/content");
      expect(response.status).to.equal(200);
      expect(response.headers.get("content-type")).to.equal("image/png");
      expect(response.headers.get("content-length")).to.equal("3");
      expect(response.headers.get("x-of-all")).to.equal("yes");
      expect(response.headers.get("x-protobuf-message")).to.equal(null);
      expect(Buffer.from(await response.arrayBuffer())).to.deep.equal(content.data);
      const tag = response.headers.get("etag")!;
      const known = await send("/things/7/content", { headers: { "if-none-match": tag } });
      expect([known.status, await known.text()]).to.deep.equal([304, ""]);
      content = { content_type: "image/png", data: Buffer.from([9]) };
      expect((await send("/things/7/content", { headers: { "if-none-match": tag } })).status).to.equal(200);
    });

    it("answers HEAD with the headers of GET", async () => {
      const head = await send("/things/7/content", { method: "HEAD" });
      expect([head.status, head.headers.get("content-length"), await head.text()]).to.deep.equal([200, "3", ""]);
    });

    it("is answered 406 where Accept excludes all of its media types, and runs no handler", async () => {
      for (const accept of ["application/json", "image/png;q=0, text/plain;q=0", "text/html"]) {
        const response = await send("/things/7/content", { headers: { accept } });
        expect(response.status, accept).to.equal(406);
        expect(((await response.json()) as { supported: string[] }).supported).to.deep.equal([
          "image/png",
          "text/plain",
        ]);
      }
      for (const accept of ["image/*", "*/*", "image/png", "text/html, image/png;q=0.1"])
        expect((await send("/things/7/content", { headers: { accept } })).status, accept).to.equal(200);
      expect(calls).to.have.length(4);
    });

    it("fails in the serialization that Accept also names", async () => {
      const accept = "image/png, application/protobuf";
      const response = await send("/things/0/content", { headers: { accept } });
      expect([response.status, response.headers.get("content-type")]).to.deep.equal([422, "application/protobuf"]);
      expect((await send("/things/7/content?alt=xml")).status).to.equal(400);
    });

    it("of a media type that is not declared is answered INTERNAL", async () => {
      content = { content_type: "image/gif", data: Buffer.from([1]) };
      expect(await reasonOf(await send("/things/7/content"))).to.equal("INTERNAL");
    });
  });

  describe("a stream", () => {
    const watch = (options: Options = {}) => send("/things/7/watch", options);

    it("is one event for each message, and ends with the last one", async () => {
      stream = async function* () {
        yield { id: 1, name: "one\nline" };
        yield { id: 2, name: "два" };
      };
      const response = await watch({ headers: { accept: "text/event-stream" } });
      expect(response.status).to.equal(200);
      expect(response.headers.get("content-type")).to.equal("text/event-stream; charset=utf-8");
      expect(response.headers.get("cache-control")).to.equal("no-store");
      expect(await response.text()).to.equal('data: {"id":1,"name":"one\\nline"}\n\ndata: {"id":2,"name":"два"}\n\n');
    });

    it("is answered with a Problem when the request is refused before it begins", async () => {
      expect((await send("/things/404/watch")).status).to.equal(404);
      expect((await send("/things/0/watch")).status).to.equal(422);
      expect((await watch({ headers: { accept: "application/json" } })).status).to.equal(406);
      expect((await fetch(`${url}/things/7/watch`)).status).to.equal(401);
    });

    it("ends with a problem when it fails after its begin, without details of a bug", async () => {
      stream = async function* () {
        yield { id: 1, name: "" };
        throw new Error("a secret");
      };
      const text = await (await watch()).text();
      expect(text).to.match(/^data: \{"id":1,"name":""\}\n\nevent: problem\ndata: \{.*"reason":"INTERNAL".*\}\n\n$/);
      expect(text).not.to.contain("secret");
    });

    it("ends when the client disconnects, and no longer counts as open", async () => {
      const state = new LatestValue({ id: 1, name: "on" });
      let returned = 0;
      stream = () => {
        const inner = state.stream();
        const close = inner.return!.bind(inner);
        return Object.assign(inner, { return: () => (returned++, close()) });
      };
      for (let turn = 0; turn < 8; turn++) {
        const stop = new AbortController();
        const response = await watch({ signal: stop.signal });
        expect(response.status, `turn ${turn}`).to.equal(200);
        stop.abort();
        while (returned <= turn) await sleep(5);
      }
    });

    it("ends when the client closes its half, before its begin too", async () => {
      stream = () => new LatestValue({ id: 1, name: "on" }).stream();
      for (const isBegun of [true, false]) {
        if (!isBegun) handlerDelay = sleep(50);
        const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1", allowHalfOpen: true });
        socket.write("GET /things/7/watch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n");
        if (isBegun) await once(socket, "data");
        socket.end().resume();
        await once(socket, "close");
      }
      handlerDelay = undefined;
    });

    it("of a client that disconnects before its begin does not count as open, and the server goes on", async () => {
      stream = () => new LatestValue({ id: 1, name: "on" }).stream();
      for (let turn = 0; turn < 4; turn++) {
        const stop = new AbortController();
        const handled = new Promise<void>((resolve) => {
          handlerDelay = sleep(50).then(resolve);
        });
        const response = watch({ signal: stop.signal }).catch(() => undefined);
        while (calls.length <= turn) await sleep(5);
        stop.abort();
        await Promise.all([response, handled]);
      }
      handlerDelay = undefined;
      stream = async function* () {};
      expect((await watch()).status).to.equal(200);
    });

    it("ends with a problem when its caller loses access, before a further message is sent", async () => {
      for (const isChanged of [false, true]) {
        const state = new LatestValue({ id: 1, name: "on" });
        stream = () => state.stream();
        const authorization = `caller ${isChanged}`;
        const reader = (await watch({ headers: { authorization } })).body!.getReader();
        let heard = Buffer.from((await reader.read()).value!).toString();
        loggedOut.add(authorization);
        if (isChanged) state.set({ id: 1, name: "off" });
        for (let next = await reader.read(); !next.done; next = await reader.read())
          heard += Buffer.from(next.value).toString();
        expect(heard).to.match(/\n\nevent: problem\ndata: \{.*"reason":"UNAUTHENTICATED".*\}\n\n$/);
        expect(heard).not.to.contain("off");
      }
    });

    it("stays open and sends nothing while it cannot be known whether its caller has access", async () => {
      const state = new LatestValue({ id: 1, name: "on" });
      stream = () => state.stream();
      const stop = new AbortController();
      const reader = (await watch({ signal: stop.signal })).body!.getReader();
      let heard = Buffer.from((await reader.read()).value!).toString();
      const hear = async (isEnough: () => boolean): Promise<void> => {
        while (!isEnough()) heard += Buffer.from((await reader.read()).value!).toString();
      };
      isUnknown = true;
      state.set({ id: 1, name: "off" });
      await hear(() => heard.split(":\n\n").length > 4);
      expect(heard).not.to.match(/off|problem/);
      isUnknown = false;
      await hear(() => heard.includes("off"));
      expect(heard).not.to.contain("problem");
      stop.abort();
    });

    it("is answered 503 beyond the capacity", async () => {
      stream = () => new LatestValue({ id: 1, name: "on" }).stream();
      const stop = new AbortController();
      const open = await Promise.all([1, 2, 3].map(() => watch({ signal: stop.signal })));
      expect(open.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
      const refused = await watch();
      expect([refused.status, refused.headers.get("retry-after")]).to.deep.equal([503, "5"]);
      stop.abort();
    });

    it("sends comments while there is no event, and follows a value that changes", async () => {
      while (true) {
        stream = async function* () {};
        const free = await watch();
        await free.text();
        if (free.status === 200) break;
        await sleep(5);
      }
      const state = new LatestValue({ id: 1, name: "on" });
      stream = () => state.stream();
      const stop = new AbortController();
      const reader = (await watch({ signal: stop.signal })).body!.getReader();
      let heard = "";
      const until = async (pattern: RegExp): Promise<void> => {
        while (!pattern.test(heard)) heard += Buffer.from((await reader.read()).value!).toString();
      };
      await until(/"on"/);
      await until(/\n:\n/);
      state.set({ id: 1, name: "off" });
      await until(/"off"/);
      stop.abort();
    });

    it("answers HEAD without its begin", async () => {
      stream = () => {
        throw new Error("not asked");
      };
      stream = async function* () {
        calls.push({ name: "begun", request: {} });
        yield { id: 1, name: "" };
      };
      const head = await watch({ method: "HEAD" });
      expect([head.status, await head.text()]).to.deep.equal([200, ""]);
      expect(calls.map(({ name }) => name)).to.deep.equal(["Watch"]);
    });

    it("ends when the server stops, and is refused from then on", async () => {
      stream = () => new LatestValue({ id: 1, name: "on" }).stream();
      const response = await watch();
      closing.abort();
      expect(await response.text()).to.match(/^data: .*\n\n/);
      expect(await reasonOf(await watch())).to.equal("SHUTTING_DOWN");
    });
  });
});
