// An answer that is sent while it is made: in chunks, as fast as the client reads, and without an end when it breaks off.
import { request, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { exchange } from "../../runner/client/exchange.js";
import { StreamedBody } from "../../src/contract/streams/streamed-body.js";
import { loadContract } from "../../src/contract/model/load.js";
import { eventStreams } from "../../src/doors/event-stream.js";
import { readForm } from "../../src/doors/form.js";
import { readContentDisposition } from "../../src/platform/media/content-disposition.js";
import { readParameters } from "../../src/doors/url-encoded-form.js";
import { ApiError } from "../../src/errors.js";
import { engineServer, type EngineServer } from "../support/engine-server.js";

const tiny = (options: string, answer = "google.api.HttpBody"): ReadonlyMap<string, string> =>
  new Map([
    [
      "tiny/v1/tiny.proto",
      `
syntax = "proto3";
package tiny.v1;
import "google/api/annotations.proto";
import "google/api/httpbody.proto";
import "google/protobuf/empty.proto";
import "lyceum/v1/options.proto";
service TinyService {
  rpc Export(google.protobuf.Empty) returns (${answer}) {
    option (google.api.http) = {get: "/export"};
    option (lyceum.v1.access) = ACCESS_PUBLIC;
    ${options}
  }
}`,
    ],
  ]);
const proto = fileURLToPath(new URL("../../proto", import.meta.url));
const streamed = 'option (lyceum.v1.produces) = "text/csv"; option (lyceum.v1.streamed) = true;';

describe("a body that is streamed", () => {
  let server: EngineServer;
  let pieces: () => AsyncGenerator<string>;
  const failures: unknown[] = [];

  before(async () => {
    server = await engineServer(loadContract(proto, tiny(streamed)), {
      bodyLimit: 1024,
      admit: (_scope, caller) => caller,
      authenticate: () => "",
      around: [],
      handle: async () => new StreamedBody("text/csv", pieces()),
      doors: {
        readForm,
        readDisposition: readContentDisposition,
        readParameters,
        writeStream: eventStreams({ closing: new AbortController().signal }),
      },
      explain: (_ctx, error) => {
        failures.push(error);
        return error instanceof ApiError ? error : new ApiError("INTERNAL", "The server failed");
      },
    });
  });
  after(() => server.close());
  beforeEach(() => void failures.splice(0));

  const get = (verb = "GET", headers: readonly [string, string][] = []) =>
    exchange(server.url, { verb, path: "/export", headers });

  it("comes in chunks, without a length, a tag, or a copy in a cache", async () => {
    pieces = async function* () {
      yield "a,b\r\n";
      yield "1,2\r\n";
    };
    const { status, headers, body } = await get();
    expect([status, body.toString()]).to.deep.equal([200, "a,b\r\n1,2\r\n"]);
    expect(headers).to.include({
      "content-type": "text/csv; charset=utf-8",
      "cache-control": "no-store",
      "transfer-encoding": "chunked",
    });
    expect(headers).not.to.have.any.keys("etag", "content-length");
  });

  it("is not begun for HEAD, and not given to who excludes its media type", async () => {
    pieces = async function* () {
      yield Promise.reject(new Error("It is begun")) as never;
    };
    expect(await get("HEAD")).to.include({ status: 200 });
    expect(await get("GET", [["Accept", "application/json"]])).to.include({ status: 406 });
    expect(failures.filter((error) => !(error instanceof ApiError))).to.deep.equal([]);
  });

  it("is a Problem when it fails before its first piece", async () => {
    pieces = async function* () {
      yield await Promise.reject<string>(new ApiError("DATABASE_UNAVAILABLE", "It is away"));
    };
    const { status, body } = await get();
    expect([status, (JSON.parse(body.toString()) as { reason: string }).reason]).to.deep.equal([
      503,
      "DATABASE_UNAVAILABLE",
    ]);
  });

  it("has no end when it fails behind its first piece, and that is told", async () => {
    pieces = async function* () {
      yield "a,b\r\n";
      throw new Error("It broke");
    };
    const outcome = await new Promise((resolve) => {
      const read = (answer: IncomingMessage): void =>
        void answer
          .on("error", resolve)
          .on("end", () => resolve("its end"))
          .resume();
      request(`${server.url}/export`, read).on("error", resolve).end();
    });
    expect(outcome).to.be.instanceOf(Error);
    expect(failures.map(String)).to.deep.equal(["Error: It broke"]);
  });

  it("waits for a client that does not read, and ends with one that leaves", async () => {
    let made = 0;
    const ended = new Promise<void>((resolve) => {
      pieces = async function* () {
        try {
          for (;;) {
            made += 1;
            yield "x".repeat(64 * 1024);
          }
        } finally {
          resolve();
        }
      };
    });
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.pause().write("GET /export HTTP/1.1\r\nHost: x\r\n\r\n");
    // It stands still once the buffers of both are full.
    for (let before = -1; before !== made || made === 0;) {
      before = made;
      for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    }
    expect(made).to.be.below(1_000);
    socket.destroy();
    await ended;
    expect(failures).to.deep.equal([]);
  });
});

describe("the option streamed", () => {
  it("goes with an answer that is no message, and with nothing else", () => {
    expect(() => loadContract(proto, tiny("option (lyceum.v1.streamed) = true;", "google.protobuf.Empty"))).to.throw(
      "streamed goes with an answer of google.api.HttpBody",
    );
    expect(() =>
      loadContract(proto, tiny("option (lyceum.v1.streamed) = true;", "stream google.protobuf.Empty")),
    ).to.throw("streamed goes with");
  });
});
