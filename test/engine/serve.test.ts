// The engine by itself, over a real port, with a contract of a few methods and without the application.
import { createConnection } from "node:net";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { engineServer, type EngineServer } from "../support/engine-server.js";
import { loadContract } from "../../src/contract/model/load.js";
import type { EngineDeps } from "../../src/contract/served.js";
import { codecs } from "../../src/contract/codecs/codec.js";
import { eventStreams } from "../../src/doors/event-stream.js";
import { readForm } from "../../src/doors/form.js";
import { readContentDisposition } from "../../src/platform/media/content-disposition.js";
import { readParameters } from "../../src/doors/url-encoded-form.js";
import { ApiError } from "../../src/errors.js";
import { exchange, type RawAnswer } from "../../runner/client/exchange.js";

const tiny = `
syntax = "proto3";
package tiny.v1;
import "google/api/annotations.proto";
import "google/protobuf/any.proto";
import "google/protobuf/empty.proto";
import "lyceum/v1/options.proto";
service TinyService {
  rpc Look(Numbered) returns (Thing) {
    option (google.api.http) = {get: "/things/{id}"};
    option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE;
    option (lyceum.v1.etag) = "version";
  }
  rpc Make(Named) returns (Thing) {
    option (google.api.http) = {post: "/things" body: "*"};
    option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE;
    option (lyceum.v1.created) = "/things/{name}/{id}";
  }
  rpc Call(Frame) returns (Frame) {
    option (google.api.http) = {post: "/calls" body: "*"};
    option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE;
  }
  rpc Drop(Numbered) returns (google.protobuf.Empty) {
    option (google.api.http) = {delete: "/things/{id}"};
    option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE;
    option (lyceum.v1.if_match) = true;
  }
}
message Numbered { int64 id = 1; }
message Named { string name = 1; }
message Frame { string id = 1; google.protobuf.Any content = 2; }
message Thing { int64 id = 1; string name = 2; int64 version = 3; }
`;

describe("the engine", () => {
  const contract = loadContract(
    fileURLToPath(new URL("../../proto", import.meta.url)),
    new Map([["tiny/v1/tiny.proto", tiny]]),
  );
  let server: EngineServer;
  let url: string;
  /** The handler; each test sets it. */
  let handle: EngineDeps<string>["handle"];
  /** The calls of the engine, in order. */
  let heard: unknown[];

  const deps: EngineDeps<string> = {
    bodyLimit: 1024,
    admit: (_scope, caller) => caller,
    authenticate: ({ req }) => {
      heard.push("authenticate");
      if (!req.headers.authorization) throw new ApiError("UNAUTHENTICATED", "Who are you?");
      return req.headers.authorization;
    },
    around: [
      () => async (_invocation, next) => {
        heard.push("limit");
        try {
          const response = await next();
          heard.push(["settled", undefined]);
          return response;
        } catch (error) {
          heard.push(["settled", error]);
          throw error;
        }
      },
    ],
    handle: (invocation) => {
      heard.push("handle");
      return handle(invocation);
    },
    doors: {
      readForm,
      readDisposition: readContentDisposition,
      readParameters,
      writeStream: eventStreams({ closing: new AbortController().signal }),
    },
    explain: (_ctx, error) => {
      if (error instanceof ApiError) return error;
      heard.push(["bug", error]);
      return new ApiError("INTERNAL", "A bug");
    },
  };

  before(async () => {
    server = await engineServer(contract, deps);
    url = server.url;
  });
  after(() => server.close());
  beforeEach(() => {
    heard = [];
    handle = async ({ request }) => ({ id: 7, name: "tea", version: 1, ...request });
  });

  const send = (
    verb: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string | Buffer,
  ): Promise<RawAnswer> =>
    exchange(url, {
      verb,
      path,
      headers: Object.entries({ Authorization: "me", ...headers }),
      ...(body === undefined ? {} : { body }),
    });
  const json = { "Content-Type": "application/json" };
  const problemOf = ({ body }: RawAnswer) => JSON.parse(body.toString()) as Record<string, unknown>;

  for (const [what, thrown] of [
    ["an error", new Error("secret of the driver")],
    ["null", null],
    ["undefined", undefined],
    ["a text", "secret of the driver"],
    ["an object with a status and headers", { status: 418, expose: true, headers: { "x-secret": "1" } }],
  ] as const) {
    it(`answers 500 without details when a handler throws ${what}`, async () => {
      handle = () => Promise.reject(thrown);
      const answer = await send("GET", "/things/1");
      expect(answer.status).to.equal(500);
      expect(problemOf(answer)).to.include({ reason: "INTERNAL", detail: "A bug", request_id: "an-id" });
      expect(JSON.stringify(answer)).not.to.match(/secret/);
      expect(heard).to.deep.include(["bug", thrown]);
    });
  }

  it("hands over a message in an Any, and answers with another, in every serialization", async () => {
    const of = (name: string) => `type.googleapis.com/tiny.v1.${name}`;
    const asked = { id: "1", content: { "@type": of("Named"), name: "tea" } };
    const answered = { id: "1", content: { "@type": of("Thing"), id: 2 ** 40, name: "tea", version: 0 } };
    const canonical = { id: "1", content: { "@type": of("Thing"), id: String(2 ** 40), name: "tea" } };
    handle = async ({ request }) => {
      expect(request).to.deep.equal(asked);
      return answered;
    };
    const Frame = contract.root.lookupType("tiny.v1.Frame");
    const types = {
      json: "application/json",
      protojson: "application/protobuf+json",
      protobuf: "application/protobuf",
    };
    for (const codec of Object.values(codecs)) {
      const headers = { "Content-Type": types[codec.name], Accept: types[codec.name] };
      const { status, body } = await send("POST", "/calls", headers, codec.writer(Frame)(asked));
      expect(status).to.equal(200);
      expect(codec.reader(Frame)(body)).to.deep.equal(answered);
      if (codec.name !== "protobuf")
        expect(JSON.parse(body.toString())).to.deep.equal(codec.name === "json" ? answered : canonical);
    }
    for (const type of ["Named", of("Nobody")]) {
      const refused = await send("POST", "/calls", json, JSON.stringify({ content: { "@type": type } }));
      expect(refused.status).to.equal(400);
      expect(problemOf(refused)).to.have.nested.property("violations[0].pointer", "/content/@type");
    }
  });

  it("answers 500 when a handler throws before it returns a promise, or returns what cannot be written", async () => {
    handle = () => {
      throw new TypeError("at once");
    };
    expect((await send("GET", "/things/1")).status).to.equal(500);
    handle = async () => ({ id: "not a number", name: 5n });
    for (const Accept of ["application/json", "application/protobuf+json", "application/protobuf"]) {
      const answer = await send("GET", "/things/1", { Accept });
      expect(answer.status, Accept).to.equal(500);
      expect(answer.headers["content-type"]).to.contain(Accept);
    }
  });

  it("answers with a fixed problem when a problem cannot be written", async () => {
    handle = () => Promise.reject(new ApiError("CHAT_NOT_FOUND", 5n as unknown as string));
    const answer = await send("GET", "/things/1", { Accept: "application/protobuf" });
    expect(answer.status).to.equal(500);
    expect(answer.headers["content-type"]).to.equal("application/problem+json");
    expect(problemOf(answer)).to.include({ status: 500 });
  });

  it("authenticates before a byte of the body is read, and runs limits before the handler", async () => {
    expect((await send("POST", "/things", json, '{"name":"x"}')).status).to.equal(201);
    expect(heard).to.deep.equal(["authenticate", "limit", "handle", ["settled", undefined]]);
    heard = [];
    expect((await send("POST", "/things", json, "{broken")).status).to.equal(400);
    expect(heard).to.deep.equal(["authenticate"]);
    heard = [];
    expect((await send("POST", "/things", { ...json, Accept: "text/html" }, "{broken")).status).to.equal(406);
    expect(heard).to.deep.equal([]);
  });

  it("lets the limit see the outcome of a call", async () => {
    const refusal = new ApiError("INVALID_CREDENTIALS", "No");
    handle = () => Promise.reject(refusal);
    await send("GET", "/things/1");
    expect(heard.at(-1)).to.deep.equal(["settled", refusal]);
  });

  it("fills a Location from the response and the request, escaped", async () => {
    handle = async () => ({ id: 7 });
    const answer = await send("POST", "/things", json, JSON.stringify({ name: "a/b\r\nX-Evil: ü?" }));
    expect(answer.status).to.equal(201);
    expect(answer.headers["location"]).to.match(/^\/things\/[\w%.-]*\/7$/);
    expect(answer.headers["x-evil"]).to.equal(undefined);
  });

  it("compresses a problem like any other answer, in every serialization", async () => {
    const violations = Array.from({ length: 50 }, (_, at) => ({
      field: `f${at}`,
      pointer: `/f${at}`,
      rule: "",
      message: "is a long story",
    }));
    handle = () => Promise.reject(new ApiError("INVALID_FIELDS", "Many", { violations }));
    for (const Accept of ["application/json", "application/protobuf+json", "application/protobuf"]) {
      const plain = await send("GET", "/things/1", { Accept });
      const small = await send("GET", "/things/1", { Accept, "Accept-Encoding": "gzip" });
      expect([plain.status, small.status]).to.deep.equal([422, 422]);
      expect(small.headers["content-encoding"], Accept).to.equal("gzip");
      expect(small.headers["content-length"]).to.equal(String(small.body.length));
      expect(gunzipSync(small.body).equals(plain.body)).to.equal(true);
    }
  });

  it("has a different ETag for each coding, which begins with the version", async () => {
    handle = async () => ({ id: 1, name: "tea ".repeat(1000), version: 12 });
    const plain = (await send("GET", "/things/1")).headers["etag"]!;
    const zipped = (await send("GET", "/things/1", { "Accept-Encoding": "gzip" })).headers["etag"]!;
    expect(plain).to.match(/^"12\.[\w-]+-json"$/);
    expect(zipped).to.equal(plain.replace(/"$/, '-gzip"'));
    for (const [known, coding, status] of [
      [plain, "identity", 304],
      [plain, "gzip", 200],
      [zipped, "gzip", 304],
      [zipped, "identity", 200],
      [`W/${plain}`, "identity", 304],
      [`"x", ${plain} ,"y"`, "identity", 304],
      ["*", "gzip", 304],
      [plain.replace('"', '"x'), "identity", 200],
    ] as const) {
      for (const verb of ["GET", "HEAD"]) {
        const answer = await send(verb, "/things/1", { "If-None-Match": known, "Accept-Encoding": coding });
        expect(answer.status, `${verb} ${known} ${coding}`).to.equal(status);
        expect(answer.headers["vary"]).to.equal("Accept, Accept-Encoding");
        expect(answer.headers["etag"]).to.equal(coding === "gzip" ? zipped : plain);
        if (status === 304) expect(answer.headers["content-length"]).to.equal(undefined);
      }
    }
  });

  it("sends no answer and runs no handler when the client disconnects in the middle of its body", async () => {
    const socket = createConnection(Number(new URL(url).port), "127.0.0.1");
    socket.write(
      "POST /things HTTP/1.1\r\nHost: x\r\nAuthorization: me\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    );
    while (!heard.includes("authenticate")) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard).to.deep.equal(["authenticate"]);
    expect((await send("GET", "/things/1")).status).to.equal(200);
  });
});
