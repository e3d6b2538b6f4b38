// Bodies that are read and answers that are sent while they move, over a real port, in a contract of their own: what ends, breaks off
// or stands still leaves nothing behind. What the contract promises of ranges and forms, the runner checks.
import { connect } from "node:net";
import { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { IncomingMessage } from "node:http";
import { expect } from "chai";
import { atPace } from "../../src/contract/streams/arrival.js";
import type { Content } from "../../src/contract/streams/content-stream.js";
import { loadContract } from "../../src/contract/model/load.js";
import { eventStreams } from "../../src/doors/event-stream.js";
import { readForm } from "../../src/doors/form.js";
import { readParameters } from "../../src/doors/url-encoded-form.js";
import { ApiError } from "../../src/errors.js";
import { readContentDisposition } from "../../src/platform/media/content-disposition.js";
import { engineServer, type EngineServer } from "../support/engine-server.js";

const limit = 500_000;
const streams = `
syntax = "proto3";
package streams.v1;
import "buf/validate/validate.proto";
import "google/api/annotations.proto";
import "google/api/httpbody.proto";
import "lyceum/v1/options.proto";
service StreamService {
  rpc Put(PutRequest) returns (Thing) {
    option (google.api.http) = {put: "/things/{id}" body: "content"};
    option (lyceum.v1.access) = ACCESS_PUBLIC;
    option (lyceum.v1.consumes) = "*/*";
    option (lyceum.v1.consumes) = "multipart/form-data";
  }
  rpc Get(Numbered) returns (google.api.HttpBody) {
    option (google.api.http) = {get: "/things/{id}"};
    option (lyceum.v1.access) = ACCESS_PUBLIC;
    option (lyceum.v1.produces) = "*/*";
  }
}
message PutRequest {
  int64 id = 1 [(buf.validate.field).int64.gt = 0];
  google.api.HttpBody content = 2 [(buf.validate.field).required = true];
}
message Numbered { int64 id = 1 [(buf.validate.field).int64.gt = 0]; }
message Thing { int64 id = 1; string name = 2; }
`;

describe("bodies that move", () => {
  let server: EngineServer;
  let sinks: { readonly sink: Writable; bytes: number }[];
  let opened: Readable[];
  let failAt: number;
  let asked: number;

  before(async () => {
    const contract = loadContract(
      fileURLToPath(new URL("../../proto", import.meta.url)),
      new Map([["streams/v1/streams.proto", streams]]),
    );
    server = await engineServer(contract, {
      bodyLimit: 1024,
      uploadLimit: limit,
      admit: (_scope, caller) => caller,
      authenticate: () => "me",
      around: [],
      handle: async ({ method, request, upload }) => {
        asked++;
        if (method.name === "Get") return contentOf(request["id"] as number);
        const kept = { bytes: 0, sink: new Writable() };
        kept.sink._write = (chunk: Buffer, _encoding, done) => {
          kept.bytes += chunk.length;
          if (kept.bytes > failAt) done(new ApiError("STORAGE_FULL", "No room"));
          else done();
        };
        sinks.push(kept);
        const { name, size } = await upload!.receive(kept.sink);
        return { id: size, name };
      },
      explain: (_ctx, error) => (error instanceof ApiError ? error : new ApiError("INTERNAL", "A bug")),
      doors: {
        readForm,
        readDisposition: readContentDisposition,
        readParameters,
        writeStream: eventStreams({ closing: new AbortController().signal }),
      },
    });
  });
  after(() => server.close());
  beforeEach(() => {
    sinks = [];
    opened = [];
    failAt = Infinity;
    asked = 0;
  });

  const chunk = Buffer.alloc(10_000, "x");
  function contentOf(chunks: number): Content {
    return {
      content_type: "text/plain",
      size: chunks * chunk.length,
      sha256: Buffer.alloc(32),
      disposition: 'inline; filename="a"',
      max_age_seconds: 60,
      is_for_all_origins: false,
      async open() {
        if (chunks === 404) throw new ApiError("FILE_LOST", "It is lost");
        let sent = 0;
        const stream = new Readable({
          read() {
            if (sent * chunk.length >= failAt) this.destroy(new Error("the disk is broken"));
            else this.push(sent++ < chunks ? chunk : null);
          },
        });
        opened.push(stream);
        return stream;
      },
    };
  }
  const until = async (holds: () => boolean): Promise<void> => {
    for (let left = 400; !holds(); left--) {
      if (left === 0) throw new Error("it has not come");
      await delay(10);
    }
  };
  const chunked = (count: number): RequestInit =>
    ({ method: "PUT", body: Readable.toWeb(Readable.from(Array(count).fill(chunk))), duplex: "half" }) as RequestInit;
  const inForm = (body: Buffer): RequestInit => {
    const form = new FormData();
    form.append("file", new Blob([body]), "кот.png");
    return { method: "PUT", body: form };
  };
  const reasonOf = async (answer: Response): Promise<unknown> =>
    ((await answer.json()) as Record<string, unknown>)["reason"];

  it("are taken as they are and in a form, with their name, up to the limit", async () => {
    const headers = { "content-disposition": "attachment; filename*=UTF-8''%D0%BA%D0%BE%D1%82.png" };
    const raw = await fetch(`${server.url}/things/1`, { method: "PUT", body: Buffer.alloc(limit), headers });
    expect(await raw.json()).to.deep.equal({ id: limit, name: "кот.png" });
    const form = await fetch(`${server.url}/things/1`, inForm(Buffer.alloc(limit)));
    expect(await form.json()).to.deep.equal({ id: limit, name: "кот.png" });
  });

  it("are refused beyond the limit: at once by their length, else while they come, and the sink is destroyed", async () => {
    const announced = await fetch(`${server.url}/things/1`, { method: "PUT", body: Buffer.alloc(limit + 1) });
    expect(await reasonOf(announced)).to.equal("BODY_TOO_LARGE");
    expect(asked).to.equal(0);
    expect(await reasonOf(await fetch(`${server.url}/things/1`, chunked(51)))).to.equal("BODY_TOO_LARGE");
    expect(await reasonOf(await fetch(`${server.url}/things/1`, inForm(Buffer.alloc(limit + 1))))).to.equal(
      "BODY_TOO_LARGE",
    );
    expect(sinks.map(({ sink }) => sink.destroyed)).to.deep.equal([true, true]);
  });

  it("are refused before a byte is read where the path or the query breaks a rule", async () => {
    expect((await fetch(`${server.url}/things/0`, chunked(1))).status).to.equal(422);
    expect((await fetch(`${server.url}/things/1?what=1`, chunked(1))).status).to.equal(400);
    expect(asked).to.equal(0);
  });

  it("fail as their sink fails, in both forms, and the connection serves on", async () => {
    failAt = 50_000;
    for (const request of [chunked(20), inForm(Buffer.alloc(200_000))])
      expect(await reasonOf(await fetch(`${server.url}/things/1`, request))).to.equal("STORAGE_FULL");
  });

  it("that the client breaks off destroy the sink", async () => {
    for (const type of ["image/png", "multipart/form-data; boundary=x"]) {
      const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
      socket.write(`PUT /things/1 HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: 900\r\n\r\n`);
      socket.write('--x\r\ncontent-disposition: form-data; name="a"; filename="a"\r\n\r\nabc');
      await until(() => sinks.length > 0);
      socket.destroy();
      await until(() => sinks.at(-1)!.sink.destroyed);
      sinks = [];
    }
  });

  it("have to come at a pace, and the time in which the server itself does not read does not count", async () => {
    const socket = { bytesRead: 0 };
    let looks = 0;
    let done = (): void => {};
    // Asked at each look: for forty of them it stands still and is paused, then it comes.
    const isPaused = (): boolean => {
      looks++;
      if (looks > 40) socket.bytesRead += 10;
      if (looks === 80) done();
      return looks <= 40;
    };
    const request = { socket, isPaused } as unknown as IncomingMessage;
    const receiving = atPace(
      request,
      { bytes: 10, ms: 50 },
      () => new Promise<string>((end) => (done = () => end("all"))),
    );
    expect(await receiving).to.equal("all");
    const stopped = { socket, isPaused: () => false } as unknown as IncomingMessage;
    const slow = atPace(stopped, { bytes: 10, ms: 50 }, () => new Promise(() => {}));
    expect(await slow.catch((error: ApiError) => error.reason)).to.equal("REQUEST_TIMEOUT");
  });

  it("fail as a Problem before the first byte, and break the connection off after it", async () => {
    const lost = await fetch(`${server.url}/things/404`, { headers: { accept: "application/protobuf" } });
    expect([lost.status, lost.headers.get("content-type")]).to.deep.equal([410, "application/protobuf"]);
    failAt = 100_000;
    const broken = await fetch(`${server.url}/things/50`);
    expect(broken.status).to.equal(200);
    expect(await broken.arrayBuffer().catch(() => "broken off")).to.equal("broken off");
    await until(() => opened.every(({ destroyed }) => destroyed));
  });

  it("are read no faster than the client takes them, and closed when it has gone", async () => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.pause();
    socket.write("GET /things/100000 HTTP/1.1\r\nhost: x\r\n\r\n");
    await until(() => opened.length === 1);
    await delay(200);
    expect(opened[0]!.destroyed).to.equal(false);
    socket.destroy();
    await until(() => opened[0]!.destroyed);
    const head = await fetch(`${server.url}/things/3`, { method: "HEAD" });
    expect(head.headers.get("content-length")).to.equal("30000");
    await until(() => opened[1]!.destroyed);
  });
});
