// How bodies, paths and queries are read: what each serialization takes and refuses, codings, limits (wire formats of
// Protocol Buffers and ProtoJSON, RFC 8259, RFC 9110 section 8.4).
import { gzipSync, deflateSync, brotliCompressSync } from "node:zlib";
import { expect } from "chai";
import { encode, mediaTypes, type CodecName, type Plain } from "./encoding.js";
import { openHouse, type HeaderList, type House } from "./house.js";
import type { RawAnswer } from "./exchange.js";

const codecs: readonly CodecName[] = ["json", "protojson", "protobuf"];
const jsonCodecs: readonly CodecName[] = ["json", "protojson"];

describe("bodies, paths and queries, over a real port", function () {
  this.timeout(30_000);
  let house: House;
  let list: string;
  let batch: string;
  before(async () => {
    house = await openHouse();
    list = `/v1/chats/${house.chatId}/messages`;
    batch = `${list}/batch`;
  });
  after(() => house?.close());

  const post = (path: string, codec: CodecName, body: Buffer | string, more: HeaderList = []): Promise<RawAnswer> =>
    house.send("POST", path, [["Content-Type", mediaTypes[codec]], ["Accept", mediaTypes[codec]], ...more], body);
  const encoded = (method: string, value: Plain, codec: CodecName): Buffer =>
    encode(house.client.descriptors.registry, house.client.rpc(method).request, value, codec);

  async function refused(answer: RawAnswer, status: number, reason: string): Promise<Plain> {
    const problem = await house.problem(answer);
    expect(problem).to.include({ status, reason });
    expect(answer.status).to.equal(status);
    return problem;
  }

  describe("JSON", () => {
    const taken: readonly (readonly [string, string])[] = [
      ["camelCase keys", '{"text":"x","clientMessageId":"camel"}'],
      ["snake_case keys", '{"text":"x","client_message_id":"snake"}'],
      ["null for an absent field", '{"text":"x","reply_to_id":null}'],
      ["white space around", ' \r\n\t{ "text" : "x" } \n'],
      ["escapes", '{"te\\u0078t":"\\ud83d\\ude00"}'],
      ["a byte order mark", '\ufeff{"text":"x"}'],
      ["the same key twice, the last wins", '{"text":"","text":"x"}'],
      ["a path field in the body, over which the path wins", '{"text":"x","chat_id":"999999"}'],
    ];
    for (const codec of jsonCodecs) {
      for (const [what, body] of taken) {
        it(`takes ${what} (${codec})`, async () => {
          expect((await post(list, codec, body)).status).to.equal(201);
        });
      }

      it(`takes whole numbers however they are written (${codec})`, async () => {
        const first = await house.call("sendMessage", { chat_id: house.chatId, text: "first" });
        const id = first.body["id"] as number;
        for (const written of [`${id}`, `"${id}"`, `${id}.0`, `${id}e0`, `"${id}.0"`])
          expect((await post(list, codec, `{"text":"x","reply_to_id":${written}}`)).status, written).to.equal(201);
      });

      it(`takes enums by name and by number (${codec})`, async () => {
        for (const role of ['"CHAT_ROLE_OWNER"', "1", '"CHAT_ROLE_MEMBER"', "null"]) {
          const body = `{"user_id":999999,"role":${role}}`;
          await refused(await post(`/v1/chats/${house.chatId}/members`, codec, body), 404, "USER_NOT_FOUND");
        }
      });

      for (const [what, body, pointer] of [
        ["nothing at all", "", undefined],
        ["half an object", '{"text":', undefined],
        ["two values", '{"text":"x"}{}', undefined],
        ["a comment", '{"text":"x"/**/}', undefined],
        ["a trailing comma", '{"text":"x",}', undefined],
        ["single quotes", "{'text':'x'}", undefined],
        ["a list", "[]", undefined],
        ["null", "null", undefined],
        ["a text", '"text"', undefined],
        ["an unknown key", '{"text":"x","txet":"y"}', "/txet"],
        ["a key of Object.prototype", '{"text":"x","constructor":1}', "/constructor"],
        ["__proto__", '{"text":"x","__proto__":{}}', "/__proto__"],
        ["two spellings of one key", '{"text":"x","client_message_id":"a","clientMessageId":"b"}', undefined],
        ["a number for a text", '{"text":1}', "/text"],
        ["a list for a text", '{"text":["x"]}', "/text"],
        ["an object for a text", '{"text":{}}', "/text"],
        ["a fraction for a whole number", '{"text":"x","reply_to_id":1.5}', "/reply_to_id"],
        ["an empty text for a number", '{"text":"x","reply_to_id":""}', "/reply_to_id"],
        ["a bool for a number", '{"text":"x","reply_to_id":true}', "/reply_to_id"],
        ["2^53", '{"text":"x","reply_to_id":9007199254740992}', "/reply_to_id"],
        ["2^53 as a text", '{"text":"x","reply_to_id":"9007199254740992"}', "/reply_to_id"],
        ["1e40", '{"text":"x","reply_to_id":1e40}', "/reply_to_id"],
        ["a number with a plus", '{"text":"x","reply_to_id":"+1"}', "/reply_to_id"],
        ["a number with blanks", '{"text":"x","reply_to_id":" 1"}', "/reply_to_id"],
        ["NaN", '{"text":"x","reply_to_id":"NaN"}', "/reply_to_id"],
        ["an unpaired surrogate", '{"text":"\\ud83d"}', "/text"],
      ] as const) {
        it(`refuses ${what} (${codec})`, async () => {
          const problem = await refused(await post(list, codec, body), 400, "MALFORMED_REQUEST");
          const violations = problem["violations"] as Plain[];
          if (pointer !== undefined) expect(violations[0]!["pointer"]).to.equal(pointer);
        });
      }

      it(`refuses an enum name that is not defined, and names the place (${codec})`, async () => {
        const answer = await post(`/v1/chats/${house.chatId}/members`, codec, '{"user_id":1,"role":"CHAT_ROLE_KING"}');
        const problem = await refused(answer, 400, "MALFORMED_REQUEST");
        expect((problem["violations"] as Plain[])[0]).to.include({ field: "role", pointer: "/role" });
      });

      it(`refuses bytes that are not UTF-8 (${codec})`, async () => {
        const bytes = Buffer.from('{"text":"x\xff"}', "latin1");
        await refused(await post(list, codec, bytes), 400, "MALFORMED_REQUEST");
      });

      it(`names the place of a fault inside a list (${codec})`, async () => {
        const problem = await refused(
          await post(batch, codec, '{"messages":[{"text":"a"},{"text":1}]}'),
          400,
          "MALFORMED_REQUEST",
        );
        expect((problem["violations"] as Plain[])[0]).to.include({
          field: "messages[1].text",
          pointer: "/messages/1/text",
        });
      });

      it(`refuses null inside a list (${codec})`, async () => {
        await refused(await post(batch, codec, '{"messages":[null]}'), 400, "MALFORMED_REQUEST");
      });

      it(`never says what the client wrote (${codec})`, async () => {
        const answer = await post("/v1/auth/login", codec, '{"email":"a@example.org","password":918273645}');
        await refused(answer, 400, "MALFORMED_REQUEST");
        expect(answer.body.toString()).not.to.contain("918273645");
      });
    }
  });

  describe("protobuf", () => {
    const valid = (): Buffer => encoded("sendMessage", { text: "x" }, "protobuf");
    const withMore = (...bytes: number[]): Buffer => Buffer.concat([valid(), Buffer.from(bytes)]);

    it("passes over fields that it does not know, of every wire type", async () => {
      const unknown = [
        0xf8, 0x07, 0x01, 0xf9, 0x07, 1, 2, 3, 4, 5, 6, 7, 8, 0xfa, 0x07, 0x01, 0x41, 0xfd, 0x07, 1, 2, 3, 4,
      ];
      expect((await post(list, "protobuf", withMore(...unknown))).status).to.equal(201);
      expect((await post(list, "protobuf", withMore(0xfb, 0x07, 0xfc, 0x07))).status).to.equal(201);
    });

    it("takes a known field in another wire type for an unknown one", async () => {
      expect((await post(list, "protobuf", withMore(0x10, 0x01))).status).to.equal(201);
    });

    it("takes the last of a field that comes twice, and the default of one that does not come", async () => {
      const twice = Buffer.concat([
        encoded("sendMessage", { text: "first" }, "protobuf"),
        encoded("sendMessage", { text: "last" }, "protobuf"),
      ]);
      await post(list, "protobuf", twice);
      const { body } = await house.call("listMessages", { chat_id: house.chatId, limit: 1 });
      expect((body["messages"] as Plain[])[0]).to.include({ text: "last" });
      const problem = await refused(await post(list, "protobuf", ""), 422, "INVALID_FIELDS");
      expect((problem["violations"] as Plain[])[0]).to.include({ field: "text", rule: "string.min_len" });
    });

    it("no body and no type on a method that asks nothing is an empty message", async () => {
      const made = await house.call("createChat", { title: "To leave" });
      const answer = await house.send("POST", `/v1/chats/${made.body["id"] as number}/leave`);
      expect(answer.status).to.equal(204);
      expect(answer.body.length).to.equal(0);
      expect(answer.headers["content-type"]).to.equal(undefined);
    });

    for (const [what, bytes] of [
      ["a tag cut short", [0x80]],
      ["a length cut short", [0x1a, 0x05, 0x41]],
      ["a length over the end", [0x1a, 0xff, 0xff, 0xff, 0xff, 0x07]],
      ["a zero tag", [0x00, 0x00]],
      ["a group end without its start", [0x1c]],
      ["a group start without its end", [0x1b]],
      ["a group end of another number", [0x1b, 0x24]],
      ["a wire type that does not exist", [0x1e]],
      ["a varint of eleven bytes", [0x20, ...Array<number>(10).fill(0xff), 0x01]],
      ["invalid UTF-8", [0x12, 0x02, 0xc3, 0x28]],
      ["an integer beyond the safe ones", [0x20, ...Array<number>(8).fill(0xff), 0x7f]],
    ] as const) {
      it(`refuses ${what}`, async () => {
        await refused(await post(list, "protobuf", withMore(...bytes)), 400, "MALFORMED_REQUEST");
      });
    }

    it("an enum number that is not defined breaks a rule, in every serialization", async () => {
      for (const codec of codecs) {
        const body = encoded("addChatMember", { user_id: 1, role: 77 }, codec);
        const problem = await refused(
          await post(`/v1/chats/${house.chatId}/members`, codec, body),
          422,
          "INVALID_FIELDS",
        );
        expect((problem["violations"] as Plain[])[0]).to.include({ field: "role", rule: "enum.defined_only" });
      }
    });
  });

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

    it("refuses every other coding, and says which is read", async () => {
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

    it("refuses a stream that is corrupt, cut short or no gzip", async () => {
      const good = gzipSync(encoded("sendMessage", { text: "x".repeat(200) }, "json"));
      const broken = Buffer.from(good);
      broken[good.length - 6]! ^= 0xff;
      for (const body of [broken, good.subarray(0, -4), Buffer.from("no gzip"), good.subarray(0, 5)])
        await refused(await post(list, "json", body, [["Content-Encoding", "gzip"]]), 400, "MALFORMED_REQUEST");
    });
  });

  describe("limits", () => {
    const limit = 256 * 1024;

    it("a body of just the limit is read, and one byte more is not", async () => {
      const padded = (length: number): string => '{"text":"x"}'.padEnd(length, " ");
      expect((await post(list, "json", padded(limit))).status).to.equal(201);
      await refused(await post(list, "json", padded(limit + 1)), 413, "BODY_TOO_LARGE");
    });

    it("a method may read more than the others", async () => {
      const text = "я".repeat(5000);
      const many = encoded("batchSendMessages", { messages: Array(100).fill({ text }) }, "json");
      expect(many.length).to.be.greaterThan(limit);
      expect((await post(batch, "json", many)).status).to.equal(201);
    });

    it("the inflated bytes count too", async () => {
      const bomb = gzipSync(Buffer.alloc(limit * 40, " "));
      expect(bomb.length).to.be.lessThan(limit);
      await refused(await post(list, "json", bomb, [["Content-Encoding", "gzip"]]), 413, "BODY_TOO_LARGE");
    });

    it("depth over 100 is refused in every serialization", async () => {
      await refused(await post(list, "json", '{"text":' + "[".repeat(101)), 400, "MALFORMED_REQUEST");
      await refused(await post(list, "json", '{"x":'.repeat(500) + "1" + "}".repeat(500)), 400, "MALFORMED_REQUEST");
      const groups = Buffer.from([...Array<number>(101).fill(0x0b), ...Array<number>(101).fill(0x0c)]);
      await refused(await post(list, "protobuf", groups), 400, "MALFORMED_REQUEST");
    });

    it("at most 100 violations are named", async () => {
      const body = encoded(
        "batchSendMessages",
        { messages: Array(100).fill({ text: "", client_message_id: "" }) },
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
      ["a key of the path, over which the path wins", "?chat_id=999999", 200],
      ["broken percent-encoding", "?query=%zz", 400],
      ["percent-encoding that is not UTF-8", "?query=%ff", 400],
      ["a moment that is none", "?created_after=2026-02-30T00:00:00Z", 400],
      ["a moment before all others", "?created_after=0000-12-31T00:00:00Z", 400],
      ["a number out of bounds", "?limit=101", 422],
      ["snake_case", "?exclude_sender_id=1", 200],
      ["camelCase", "?excludeSenderId=1", 200],
      ["an empty text", "?query=", 200],
      ["plus for a blank", "?query=a+b", 200],
      ["an offset in a moment", "?created_after=2026-01-01T00:00:00%2B03:00", 200],
      ["nothing after the question mark", "?", 200],
    ] as const) {
      it(`a query with ${what} gives ${status}`, async () => {
        expect((await house.send("GET", list + path)).status).to.equal(status);
      });
    }

    it("on a method with a body the query holds alt alone", async () => {
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
        await refused(await house.send("GET", path), status, reason);
      });
    }

    it("an id may be percent-encoded", async () => {
      const spelt = [...String(house.chatId)].map((digit) => `%3${digit}`).join("");
      expect((await house.send("GET", `/v1/chats/${spelt}`)).status).to.equal(200);
    });

    it("a body on GET and DELETE is not looked at", async () => {
      expect((await house.send("GET", list, [["Content-Type", "text/plain"]], "{nonsense")).status).to.equal(200);
      const made = await house.call("sendMessage", { chat_id: house.chatId, text: "soon gone" });
      const answer = await house.send(
        "DELETE",
        `/v1/messages/${made.body["id"] as number}`,
        [["Content-Type", "text/plain"]],
        "{nonsense",
      );
      expect(answer.status).to.equal(204);
    });
  });
});
