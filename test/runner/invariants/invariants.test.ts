// The invariants against the real server, with good and bad requests in all serializations: they find no fault.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { codecNames, encode, mediaTypes, type CodecName, type Plain } from "../../../runner/client/encoding.js";
import type { RawRequest } from "../../../runner/client/exchange.js";
import { expectedType } from "../../../runner/invariants/negotiation.js";
import { createInvariants, type Invariants } from "../../../runner/invariants/invariants.js";
import { openMember, type HeaderList, type Member } from "../../engine/http/member.js";

describe("the invariants of a correct server", function () {
  this.timeout(30_000);
  const origin = "https://school.example";
  let member: Member;
  let invariants: Invariants;
  let chat: string;

  before(async () => {
    member = await openMember({ CORS_ORIGINS: origin });
    const document = await member.sendBare({ verb: "GET", path: "/openapi.json?serialization=all" });
    invariants = createInvariants(member.client.descriptors, JSON.parse(document.body.toString("utf8")));
    chat = `/v1/chats/${member.chatId}`;
    const messages = Array.from({ length: 20 }, (_, at) => ({ text: `Сообщение номер ${at}` }));
    await member.call("batchSendMessages", { chat_id: member.chatId, messages });
  });
  after(() => member?.close());

  /** Sends a request; the response must have this status and no faults. */
  async function passes(status: number, verb: string, path: string, headers: HeaderList, body?: Buffer | string) {
    const request: RawRequest = { verb, path, headers, ...(body === undefined ? {} : { body }) };
    const answer = await member.sendBare(request);
    const what = `${verb} ${path} ${headers.map((header) => header.join(": ")).join(", ")}`;
    expect(answer.status, what).to.equal(status);
    expect(await invariants.faultsOf({ request, answer }), what).to.deep.equal([]);
    return answer;
  }
  const signed = (...headers: HeaderList): HeaderList => [["Authorization", `Bearer ${member.token}`], ...headers];
  const inCodec = (codec: CodecName, ...headers: HeaderList): HeaderList =>
    signed(["Accept", mediaTypes[codec]], ["Content-Type", mediaTypes[codec]], ...headers);
  const encoded = (method: string, value: Plain, codec: CodecName): Buffer =>
    encode(member.client.descriptors.registry, member.client.rpc(method).request, value, codec);

  for (const codec of codecNames) {
    describe(`have no faults in ${codec}`, () => {
      const accept: HeaderList = [["Accept", mediaTypes[codec]]];

      it("with GET and HEAD, with and without compression", async () => {
        for (const verb of ["GET", "HEAD"]) {
          for (const coding of ["identity", "gzip", "br", "gzip;q=0.5, br;q=0.1", "*", "identity, gzip;q=0.5"]) {
            const headers = signed(...accept, ["Accept-Encoding", coding]);
            for (const path of [chat, `${chat}/messages`, "/v1/auth/me", `/v1/users/${member.userId}/`, "/health"])
              await passes(200, verb, path, headers);
            await passes(404, verb, "/v1/chats/999999", headers);
          }
        }
      });

      it("with If-None-Match", async () => {
        for (const coding of ["identity", "br"]) {
          const headers = signed(...accept, ["Accept-Encoding", coding]);
          const { headers: first } = await passes(200, "GET", chat, headers);
          for (const known of [first["etag"]!, `"other", W/${first["etag"]}`, "*"]) {
            await passes(304, "GET", chat, [...headers, ["If-None-Match", known]]);
            await passes(304, "HEAD", chat, [...headers, ["If-None-Match", known]]);
          }
          await passes(200, "GET", chat, [...headers, ["If-None-Match", '"other"']]);
        }
      });

      it("when things are created, changed and deleted", async () => {
        const headers = inCodec(codec, ["X-Request-Id", `test.${codec}`]);
        const made = await passes(201, "POST", "/v1/chats", headers, encoded("createChat", { title: "New" }, codec));
        const { location } = made.headers;
        const message = encoded("sendMessage", { text: "hi" }, codec);
        await passes(201, "POST", `${location}/messages`, headers, message);
        await passes(
          201,
          "POST",
          `${location}/messages`,
          [...headers, ["Content-Encoding", "gzip"]],
          gzipSync(message),
        );
        const batch = encoded("batchSendMessages", { messages: [{ text: "a" }, { text: "b" }] }, codec);
        await passes(201, "POST", `${location}/messages/batch`, headers, batch);
        const title = encoded("updateChat", { title: "Newer" }, codec);
        await passes(412, "PATCH", location!, [...headers, ["If-Match", '"0.x-json"']], title);
        await passes(200, "PATCH", location!, [...headers, ["If-Match", "*"]], title);
        await passes(204, "DELETE", location!, signed(...accept));
      });

      it("in refusals of every kind", async () => {
        const headers = inCodec(codec);
        const list = `${chat}/messages`;
        await passes(400, "GET", `${chat}?alt=xml`, signed(...accept));
        await passes(400, "GET", `${list}?limti=1`, signed(...accept));
        await passes(400, "GET", "/v1/users/%ff", signed(...accept));
        await passes(400, "POST", list, headers, Buffer.from([0x22, 0xff]));
        await passes(401, "GET", chat, accept);
        await passes(401, "HEAD", chat, [...accept, ["Authorization", "Bearer nonsense"]]);
        await passes(404, "POST", "/v1/nothing", headers, "{}");
        await passes(404, "HEAD", "/nothing", accept);
        await passes(405, "PUT", chat, headers, "{}");
        await passes(405, "HEAD", "/v1/auth/login", accept);
        await passes(
          406,
          "POST",
          list,
          [...signed(["Accept", "text/html"]), ["Content-Type", mediaTypes[codec]]],
          "{}",
        );
        await passes(413, "POST", list, headers, Buffer.alloc(256 * 1024 + 1, " "));
        await passes(415, "POST", list, signed(...accept, ["Content-Type", "text/plain"]), "x");
        await passes(415, "POST", list, [...headers, ["Content-Encoding", "br"]], "x");
        await passes(422, "POST", list, headers, encoded("sendMessage", { text: "" }, codec));
        const many = { messages: Array.from({ length: 100 }, () => ({ text: "", client_message_id: "" })) };
        const zipped: HeaderList = [...headers, ["Accept-Encoding", "gzip"]];
        await passes(422, "POST", `${list}/batch`, zipped, encoded("batchSendMessages", many, codec));
        await passes(431, "GET", chat, signed(...accept, ["Cookie", "x".repeat(17_000)]));
      });

      it("in 429", async () => {
        const wrong = encoded("login", { email: `${codec}@example.org`, password: "not the password" }, codec);
        for (let turn = 1; turn <= 20; turn++) await passes(401, "POST", "/v1/auth/login", inCodec(codec), wrong);
        await passes(429, "POST", "/v1/auth/login", inCodec(codec), wrong);
      });
    });
  }

  it("have no faults with Accept and alt of any kind", async () => {
    const types = [
      "*/*",
      "application/*;q=0.5, application/json;q=0",
      "application/json, */*;q=0.1",
      "application/json",
    ];
    const aliases = ["application/x-protobuf", "application/vnd.google.protobuf", "application/x-protobuf+json"];
    for (const accept of [
      ...types,
      ...aliases,
      ",",
      "*;q=.2",
      'application/json; x="a,b"',
      "x/y, application/proto;q=0.1",
    ]) {
      await passes(200, "GET", chat, signed(["Accept", accept]));
      await passes(404, "GET", "/v1/users/999999", signed(["Accept", accept]));
      await passes(200, "GET", `${chat}?alt=proto`, signed(["Accept", accept]));
      await passes(404, "GET", "/v1/users/999999?alt=json", signed(["Accept", accept]));
      await passes(
        422,
        "POST",
        "/v1/auth/login",
        [
          ["Accept", accept],
          ["Content-Type", "application/proto"],
        ],
        "",
      );
    }
    await passes(422, "POST", "/v1/auth/login", [["Content-Type", "application/x-protobuffer"]], "");
    await passes(406, "GET", chat, signed(["Accept", "text/html, application/problem+json"]));
  });

  it("have no faults with OPTIONS, preflights and resources outside the contract", async () => {
    await passes(204, "OPTIONS", chat, []);
    await passes(204, "OPTIONS", "/v1/auth/login", []);
    await passes(204, "OPTIONS", "/openapi.json", []);
    await passes(204, "OPTIONS", chat, [
      ["Origin", origin],
      ["Access-Control-Request-Method", "PATCH"],
    ]);
    for (const path of ["/openapi.json", "/docs", "/descriptor.binpb", "/problems", "/livez"]) {
      const { headers } = await passes(200, "GET", path, [["Accept-Encoding", "gzip"]]);
      await passes(200, "HEAD", path, []);
      if (headers["etag"]) await passes(304, "GET", path, [["If-None-Match", "*"]]);
      await passes(405, "POST", path, []);
    }
    await passes(200, "GET", "/", []);
    await passes(302, "GET", "/", [["Accept", "application/json"]]);
  });

  it("take a body that has been decoded, and do not decode it again", async () => {
    const request: RawRequest = { verb: "GET", path: chat, headers: signed() };
    const answer = await member.sendBare(request);
    const { body: message } = await member.call("getChat", { chat_id: member.chatId });
    expect(await invariants.faultsOf({ request, answer, read: { content: answer.body, message } })).to.deep.equal([]);
    const other = { ...message, chat: { ...(message["chat"] as Plain), version: 77 } };
    const faults = await invariants.faultsOf({ request, answer, read: { content: answer.body, message: other } });
    expect(faults.join("\n")).to.contain("chat.version is 77");
  });

  it("expect the result of each test vector, unless it is ambiguous", () => {
    interface Vector {
      readonly method: string;
      readonly content_type?: string | null;
      readonly accept: string | null;
      readonly expect: string | number;
    }
    const file = new URL("../../vectors/accept.json", import.meta.url);
    const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: readonly Vector[] };
    let decided = 0;
    for (const { method, content_type: type, accept, expect: expected } of cases) {
      if (expected === 415) continue;
      const sent = { ...(type == null ? {} : { "content-type": type }), ...(accept === null ? {} : { accept }) };
      const rpc = member.client.rpc(method === "GET" ? "getChat" : "sendMessage");
      const result = expectedType({ sent, verb: method, query: "", rpc });
      if (!result) continue;
      decided += 1;
      const read = result.isUnacceptable ? 406 : result.success.replace("; charset=utf-8", "");
      expect(read, JSON.stringify(sent)).to.equal(expected);
    }
    expect(decided).to.be.greaterThan(cases.length / 2);
  });
});
