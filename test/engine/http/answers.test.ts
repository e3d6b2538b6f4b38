// The parts of every answer, on all routes: caching, tags, codings, HEAD and OPTIONS, request ids (RFC 9110, 9111).
import { Socket } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect } from "chai";
import { codecNames, mediaTypes } from "../../../runner/client/encoding.js";
import { openMember, type HeaderList, type Member } from "./member.js";

const accepting = (codec: keyof typeof mediaTypes, more: HeaderList = []): HeaderList => [
  ["Accept", mediaTypes[codec]],
  ...more,
];

const sorted = (value: string | undefined): string[] => (value ?? "").split(", ").sort();

describe("every answer, over a real port", function () {
  this.timeout(30_000);
  let member: Member;
  let chat: string;
  let long: string;
  before(async () => {
    member = await openMember();
    chat = `/v1/chats/${member.chatId}`;
    long = `${chat}/messages`;
    const messages = Array.from({ length: 20 }, (_, at) => ({ text: `Сообщение номер ${at}` }));
    await member.call("batchSendMessages", { chat_id: member.chatId, messages });
  });
  after(() => member?.close());

  describe("headers", () => {
    for (const [what, verb, path, status] of [
      ["a resource", "GET", () => chat, 200],
      ["a list", "GET", () => long, 200],
      ["a missing resource", "GET", () => "/v1/chats/999999", 404],
      ["a missing route", "GET", () => "/nothing", 404],
      ["a wrong verb", "PUT", () => chat, 405],
      ["OPTIONS", "OPTIONS", () => chat, 204],
    ] as const) {
      it(`of ${what} have Vary, the media type and nosniff`, async () => {
        const answer = await member.send(verb, path());
        expect(answer.status).to.equal(status);
        expect(answer.headers["vary"]).to.equal("Accept, Accept-Encoding");
        expect(answer.headers["x-content-type-options"]).to.equal("nosniff");
        expect(answer.headers["x-request-id"]).to.match(/^[\w.:-]{1,64}$/);
      });
    }

    it("forbid to cache an error or the state of the process, and allow only private caches for what has a tag", async () => {
      for (const path of ["/v1/chats/999999", "/health"])
        expect((await member.send("GET", path)).headers["cache-control"], path).to.equal("no-store");
      for (const path of [long, chat])
        expect((await member.send("GET", path)).headers["cache-control"], path).to.equal("private, no-cache");
    });

    it("return a valid request id, and a new one in place of an invalid one", async () => {
      expect((await member.send("GET", chat, [["X-Request-Id", "trace-1:a.b_c"]])).headers["x-request-id"]).to.equal(
        "trace-1:a.b_c",
      );
      for (const id of ["", "a b", "x".repeat(200), "<script>"]) {
        const given = (await member.send("GET", chat, [["X-Request-Id", id]])).headers["x-request-id"];
        expect(given)
          .to.match(/^[\w.:-]{8,64}$/)
          .and.not.equal(id);
      }
    });

    it("have the request id that the Problem has", async () => {
      const answer = await member.send("GET", "/v1/chats/999999", [["X-Request-Id", "find-me"]]);
      expect((await member.problem(answer))["request_id"]).to.equal("find-me");
    });

    it("name the message of a protobuf body, and of no other body", async () => {
      for (const [codec, path, name] of [
        ["protobuf", chat, "lyceum.v1.GetChatResponse"],
        ["protobuf", "/v1/chats/999999", "lyceum.v1.Problem"],
        ["json", chat, undefined],
        ["protojson", chat, undefined],
      ] as const) {
        const { headers } = await member.send("GET", path, accepting(codec));
        expect(headers["x-protobuf-message"]).to.equal(name);
      }
    });

    it("have the Location of a new resource, where GET finds it", async () => {
      for (const codec of codecNames) {
        const made = await member.call("createChat", { title: "New" }, codec);
        expect(made.status).to.equal(201);
        const found = await member.send("GET", made.headers["location"]!);
        expect(found.status).to.equal(200);
      }
    });
  });

  it("leaves in one write of one part when it is short, in each serialization", async () => {
    type Parts = (this: Socket, chunks: unknown[], done: (error?: Error) => void) => void;
    const prototype = Socket.prototype as unknown as { _writev: Parts };
    const writev = prototype._writev;
    let inParts = 0;
    prototype._writev = function (chunks, done) {
      if (this.localPort === member.server.port) inParts++;
      writev.call(this, chunks, done);
    };
    try {
      for (const codec of codecNames) expect((await member.send("GET", chat, accepting(codec))).status).to.equal(200);
    } finally {
      prototype._writev = writev;
    }
    expect(inParts).to.equal(0);
  });

  describe("HEAD, OPTIONS and wrong verbs", () => {
    for (const codec of codecNames) {
      it(`HEAD has the headers of GET, without the body (${codec})`, async () => {
        for (const path of [chat, long, "/v1/chats/999999", "/nothing"]) {
          for (const coding of ["identity", "gzip"]) {
            const headers = accepting(codec, [
              ["Accept-Encoding", coding],
              ["X-Request-Id", "same"],
            ]);
            const [get, head] = [await member.send("GET", path, headers), await member.send("HEAD", path, headers)];
            expect(head.body.length).to.equal(0);
            expect(head.status).to.equal(get.status);
            expect(head.headers).to.deep.equal({ ...get.headers, date: head.headers["date"] });
          }
        }
      });
    }

    it("OPTIONS and 405 name the verbs of the path", async () => {
      for (const [path, allow] of [
        [chat, "GET, HEAD, PATCH, DELETE, OPTIONS"],
        [long, "GET, HEAD, POST, OPTIONS"],
        ["/v1/auth/login", "POST, OPTIONS"],
        ["/livez", "GET, HEAD, OPTIONS"],
        ["/openapi.json", "GET, HEAD, OPTIONS"],
      ] as const) {
        const refused = await member.sendBare({ verb: "PUT", path });
        expect(refused.status).to.equal(405);
        expect(sorted(refused.headers["allow"])).to.deep.equal(sorted(allow));
        expect((await member.problem(refused))["reason"]).to.equal("METHOD_NOT_ALLOWED");
        const options = await member.sendBare({ verb: "OPTIONS", path });
        expect(options.status).to.equal(204);
        expect(sorted(options.headers["allow"])).to.deep.equal(sorted(allow));
      }
    });

    it("a path with a trailing slash is the same route, and one with two is not a route", async () => {
      expect((await member.send("GET", `${chat}/`)).status).to.equal(200);
      expect((await member.send("GET", `${long}/?limit=1`)).status).to.equal(200);
      expect((await member.send("GET", `${chat}//`)).status).to.equal(404);
    });

    it("an unknown verb is refused", async () => {
      expect((await member.send("PROPFIND", chat)).status).to.equal(405);
    });
  });

  describe("entity tags", () => {
    it("differ by serialization and coding, and each is answered with 304 and no body", async () => {
      const tags = new Set<string>();
      const big = await member.call("createChat", { title: "я".repeat(200) });
      await member.call("batchSendMessages", {
        chat_id: big.body["id"],
        messages: Array.from({ length: 20 }, () => ({ text: "да ".repeat(50) })),
      });
      const path = `/v1/chats/${big.body["id"] as number}`;
      for (const codec of codecNames) {
        for (const coding of ["identity", "gzip", "br"]) {
          const headers = accepting(codec, [["Accept-Encoding", coding]]);
          const first = await member.send("GET", path, headers);
          expect(first.headers["content-encoding"]).to.equal(coding === "identity" ? undefined : coding);
          const tag = first.headers["etag"]!;
          expect(tag).to.match(new RegExp(`^"1\\.[\\w-]+-${codec}${coding === "identity" ? "" : `-${coding}`}"$`));
          tags.add(tag);
          for (const known of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
            const second = await member.send("GET", path, [...headers, ["If-None-Match", known]]);
            expect(second.status, known).to.equal(304);
            expect(second.body.length).to.equal(0);
            expect(second.headers).to.include({
              etag: tag,
              vary: "Accept, Accept-Encoding",
              "cache-control": "private, no-cache",
            });
          }
          expect((await member.send("GET", path, [...headers, ["If-None-Match", '"other"']])).status).to.equal(200);
        }
      }
      expect(tags.size).to.equal(9);
    });

    it("from one serialization are valid for If-Match in another", async () => {
      const made = await member.call("createChat", { title: "Tags" });
      const chatId = made.body["id"] as number;
      for (const [got, used] of [
        ["json", "protobuf"],
        ["protobuf", "protojson"],
        ["protojson", "json"],
      ] as const) {
        const { headers } = await member.call("getChat", { chat_id: chatId }, got);
        const changed = await member.call("updateChat", { chat_id: chatId, title: `By ${used}` }, used, {
          "if-match": headers["etag"]!,
        });
        expect(changed.status).to.equal(200);
        const late = await member.call("updateChat", { chat_id: chatId, title: "Late" }, used, {
          "if-match": headers["etag"]!,
        });
        expect(late.body).to.include({ status: 412, reason: "PRECONDITION_FAILED" });
      }
      const { headers } = await member.call("getChat", { chat_id: chatId }, "protobuf");
      expect(
        (await member.call("deleteChat", { chat_id: chatId }, "json", { "if-match": `W/${headers["etag"]!}` })).status,
      ).to.equal(204);
    });

    it("of another form match no version", async () => {
      for (const tag of ['"abc"', '""', '"-1.x-json"']) {
        const answer = await member.call("updateChat", { chat_id: member.chatId, title: "Tea" }, "json", {
          "if-match": tag,
        });
        expect(answer.status, tag).to.equal(412);
      }
    });

    it("of documents outside the contract are compared alike, and their refusals are Problems", async () => {
      const { headers } = await member.send("GET", "/openapi.json");
      for (const [name, value, status] of [
        ["If-Match", `"other", ${headers["etag"]!}`, 200],
        ["If-Match", '"other"', 412],
        ["If-Match", "other", 400],
        ["If-None-Match", "other", 400],
        ["If-None-Match", `"other", ${headers["etag"]!}`, 304],
      ] as const) {
        const answer = await member.send("GET", "/openapi.json", [[name, value]]);
        expect(answer.status, `${name}: ${value}`).to.equal(status);
        if (status < 400) continue;
        expect(answer.headers["content-type"]).to.equal("application/problem+json; charset=utf-8");
        expect(answer.headers).not.to.have.property("etag");
        expect(JSON.parse(answer.body.toString())).to.include({ status, instance: "/openapi.json" });
      }
    });

    it("are not on errors nor on the state of the process", async () => {
      expect((await member.send("GET", "/v1/chats/999999")).headers["etag"]).to.equal(undefined);
      expect((await member.send("GET", "/health")).headers["etag"]).to.equal(undefined);
    });

    it("of a list change with an edit, with a deletion and with a name that it shows", async () => {
      const tagOf = async (path: string) => (await member.send("GET", path)).headers["etag"];
      const tags = [await tagOf(long)];
      const { body } = await member.call("sendMessage", { chat_id: member.chatId, text: "to be changed" });
      tags.push(await tagOf(long));
      await member.call("updateMessage", { message_id: body["id"], text: "changed" });
      tags.push(await tagOf(long));
      expect(await tagOf(long)).to.equal(tags.at(-1));
      await member.call("deleteMessage", { message_id: body["id"] });
      tags.push(await tagOf(long));
      expect(new Set(tags).size).to.equal(4);
      const before = await tagOf("/v1/chats");
      await member.call("updateChat", { chat_id: member.chatId, title: "Another name" });
      expect(await tagOf("/v1/chats")).not.to.equal(before);
    });
  });

  describe("content codings", () => {
    for (const [accepted, coding] of [
      [undefined, undefined],
      ["", undefined],
      ["identity", undefined],
      ["gzip", "gzip"],
      ["x-gzip", "gzip"],
      ["GZIP", "gzip"],
      ["br", "br"],
      ["gzip, deflate, br", "br"],
      ["gzip;q=1, br;q=0.5", "gzip"],
      ["gzip;q=0", undefined],
      ["br;q=0, gzip", "gzip"],
      ["*", "br"],
      ["*;q=0", undefined],
      ["br;q=0, *", "gzip"],
      ["identity;q=1, gzip;q=0.5", undefined],
      ["deflate", undefined],
      ["gzip;q=abc", "gzip"],
      ["gzip;q=-1", undefined],
      ["gzip;q=7, br;q=0", "gzip"],
    ] as const) {
      it(`Accept-Encoding ${JSON.stringify(accepted)} gives ${coding ?? "the plain body"}`, async () => {
        for (const codec of codecNames) {
          const plain = await member.send("GET", long, accepting(codec));
          expect(plain.body.length).to.be.greaterThan(1023);
          const answer = await member.send(
            "GET",
            long,
            accepting(codec, accepted === undefined ? [] : [["Accept-Encoding", accepted]]),
          );
          expect(answer.headers["content-encoding"]).to.equal(coding);
          expect(answer.headers["content-length"]).to.equal(String(answer.body.length));
          const body =
            coding === "gzip"
              ? gunzipSync(answer.body)
              : coding === "br"
                ? brotliDecompressSync(answer.body)
                : answer.body;
          expect(body.equals(plain.body)).to.equal(true);
        }
      });
    }

    it("are not used for short answers", async () => {
      const answer = await member.send("GET", "/v1/auth/me", [["Accept-Encoding", "gzip, br"]]);
      expect(answer.headers["content-encoding"]).to.equal(undefined);
    });
  });
});
