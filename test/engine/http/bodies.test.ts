// Reading of bodies, paths and queries: what is accepted and refused in each serialization, codings, limits (wire formats of
// Protocol Buffers and ProtoJSON, RFC 8259, RFC 9110 section 8.4).
import { gzipSync, deflateSync, brotliCompressSync } from "node:zlib";
import { expect } from "chai";
import { encode, mediaTypes, type CodecName, type Plain } from "../../../runner/client/encoding.js";
import { openMember, type HeaderList, type Member } from "./member.js";
import type { RawAnswer } from "../../../runner/client/exchange.js";

const codecs: readonly CodecName[] = ["json", "protojson", "protobuf"];

const padded = (length: number): string => '{"text":"x"}'.padEnd(length, " ");

describe("bodies, paths and queries, over a real port", function () {
  this.timeout(30_000);
  let member: Member;
  let list: string;
  let batch: string;
  before(async () => {
    member = await openMember();
    list = `/v1/chats/${member.chatId}/messages`;
    batch = `${list}/batch`;
  });
  after(() => member?.close());

  const post = (path: string, codec: CodecName, body: Buffer | string, more: HeaderList = []): Promise<RawAnswer> =>
    member.send("POST", path, [["Content-Type", mediaTypes[codec]], ["Accept", mediaTypes[codec]], ...more], body);
  const encoded = (method: string, value: Plain, codec: CodecName): Buffer =>
    encode(member.client.descriptors.registry, member.client.rpc(method).request, value, codec);

  async function refused(answer: RawAnswer, status: number, reason: string): Promise<Plain> {
    const problem = await member.problem(answer);
    expect(problem).to.include({ status, reason });
    expect(answer.status).to.equal(status);
    return problem;
  }

  describe("codings of requests", () => {
    for (const codec of codecs) {
      it(`reads gzip (${codec})`, async () => {
        for (const name of ["gzip", "x-gzip", "GZIP"]) {
          const body = gzipSync(encoded("sendMessage", { text: "zipped" }, codec));
          expect((await post(list, codec, body, [["Content-Encoding", name]])).status).to.equal(201);
        }
        expect(
          (await post(list, codec, encoded("sendMessage", { text: "x" }, codec), [["Content-Encoding", "identity"]]))
            .status,
        ).to.equal(201);
      });
    }

    it("refuses every other coding, and names the supported one", async () => {
      const body = encoded("sendMessage", { text: "x" }, "json");
      for (const [name, coded] of [
        ["br", brotliCompressSync(body)],
        ["deflate", deflateSync(body)],
        ["gzip, gzip", gzipSync(gzipSync(body))],
        ["nonsense", body],
      ] as const) {
        const answer = await post(list, "json", coded, [["Content-Encoding", name]]);
        await refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
        expect(answer.headers["accept-encoding"]).to.equal("gzip");
      }
    });

    it("refuses a stream that is corrupt, truncated or not gzip", async () => {
      const good = gzipSync(encoded("sendMessage", { text: "x".repeat(200) }, "json"));
      const broken = Buffer.from(good);
      broken[good.length - 6]! ^= 0xff;
      for (const body of [broken, good.subarray(0, -4), Buffer.from("no gzip"), good.subarray(0, 5)])
        await refused(await post(list, "json", body, [["Content-Encoding", "gzip"]]), 400, "MALFORMED_REQUEST");
    });
  });

  describe("limits", () => {
    const limit = 256 * 1024;

    it("a body of exactly the limit is read, and one with a byte more is refused", async () => {
      expect((await post(list, "json", padded(limit))).status).to.equal(201);
      await refused(await post(list, "json", padded(limit + 1)), 413, "BODY_TOO_LARGE");
    });

    it("a method may have a larger limit", async () => {
      const text = "я".repeat(5000);
      const many = encoded("batchSendMessages", { messages: Array.from({ length: 100 }, () => ({ text })) }, "json");
      expect(many.length).to.be.greaterThan(limit);
      expect((await post(batch, "json", many)).status).to.equal(201);
    });

    it("the limit applies to the decompressed bytes too", async () => {
      const bomb = gzipSync(Buffer.alloc(limit * 40, " "));
      expect(bomb.length).to.be.lessThan(limit);
      await refused(await post(list, "json", bomb, [["Content-Encoding", "gzip"]]), 413, "BODY_TOO_LARGE");
    });

    it("a depth over 100 is refused in every serialization", async () => {
      await refused(await post(list, "json", '{"text":' + "[".repeat(101)), 400, "MALFORMED_REQUEST");
      await refused(await post(list, "json", '{"x":'.repeat(500) + "1" + "}".repeat(500)), 400, "MALFORMED_REQUEST");
      const groups = Buffer.from([...Array<number>(101).fill(0x0b), ...Array<number>(101).fill(0x0c)]);
      await refused(await post(list, "protobuf", groups), 400, "MALFORMED_REQUEST");
    });

    it("a Problem has at most 100 violations", async () => {
      const body = encoded(
        "batchSendMessages",
        { messages: Array.from({ length: 100 }, () => ({ text: "", client_message_id: "" })) },
        "json",
      );
      const problem = await refused(await post(batch, "json", body), 422, "INVALID_FIELDS");
      expect(problem["violations"]).to.have.length(100);
    });
  });

  describe("paths and queries", () => {
    for (const [what, path, status] of [
      ["an unknown key", "?limti=1", 400],
      ["a word for a number", "?limit=one", 400],
      ["an empty number", "?limit=", 400],
      ["a fraction", "?limit=1.5", 400],
      ["a number twice", "?limit=1&limit=2", 400],
      ["both spellings of one key", "?sender_id=1&senderId=1", 400],
      ["a key of the path with another value", "?chat_id=999999", 400],
      ["broken percent-encoding", "?query=%zz", 400],
      ["percent-encoding that is not UTF-8", "?query=%ff", 400],
      ["a moment that does not exist", "?created_after=2026-02-30T00:00:00Z", 400],
      ["a moment before the year 1", "?created_after=0000-12-31T00:00:00Z", 400],
      ["a number out of bounds", "?limit=101", 422],
      ["snake_case", "?exclude_sender_id=1", 200],
      ["camelCase", "?excludeSenderId=1", 200],
      ["an empty text", "?query=", 200],
      ["plus for a space", "?query=a+b", 200],
      ["an offset in a moment", "?created_after=2026-01-01T00:00:00%2B03:00", 200],
      ["nothing after the question mark", "?", 200],
    ] as const) {
      it(`a query with ${what} gives ${status}`, async () => {
        expect((await member.send("GET", list + path)).status).to.equal(status);
      });
    }

    it("a query on a method with a body may have only alt", async () => {
      await refused(await post(`${list}?text=x`, "json", '{"text":"x"}'), 400, "MALFORMED_REQUEST");
    });

    for (const [path, status, reason] of [
      ["/v1/chats/%zz", 400, "MALFORMED_REQUEST"],
      ["/v1/chats/%ff", 400, "MALFORMED_REQUEST"],
      ["/v1/chats/abc", 400, "MALFORMED_REQUEST"],
      ["/v1/chats/1.5", 400, "MALFORMED_REQUEST"],
      ["/v1/chats/1e3", 400, "MALFORMED_REQUEST"],
      ["/v1/chats/0x10", 400, "MALFORMED_REQUEST"],
      ["/v1/chats/9007199254740992", 400, "MALFORMED_REQUEST"],
      ["/v1/chats/0", 422, "INVALID_FIELDS"],
      ["/v1/chats/-1", 422, "INVALID_FIELDS"],
      ["/v1/chats/9007199254740991", 404, "CHAT_NOT_FOUND"],
      ["/v1/chats/1/2/3", 404, "ROUTE_NOT_FOUND"],
      ["/V1/chats", 404, "ROUTE_NOT_FOUND"],
    ] as const) {
      it(`${path} gives ${status}`, async () => {
        await refused(await member.send("GET", path), status, reason);
      });
    }

    it("an id may be percent-encoded", async () => {
      const spelt = [...String(member.chatId)].map((digit) => `%3${digit}`).join("");
      expect((await member.send("GET", `/v1/chats/${spelt}`)).status).to.equal(200);
    });

    it("a body on GET and DELETE is ignored", async () => {
      expect((await member.send("GET", list, [["Content-Type", "text/plain"]], "{nonsense")).status).to.equal(200);
      const made = await member.call("sendMessage", { chat_id: member.chatId, text: "soon gone" });
      const answer = await member.send(
        "DELETE",
        `/v1/messages/${made.body["id"] as number}`,
        [["Content-Type", "text/plain"]],
        "{nonsense",
      );
      expect(answer.status).to.equal(204);
    });
  });
});
