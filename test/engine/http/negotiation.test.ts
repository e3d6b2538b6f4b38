// The choice of serializations for requests and answers, over a real port (RFC 9110, sections 8.3 and 12.5), beyond the
// vectors of test/vectors/accept.json, which the runner sends to every method.
import { expect } from "chai";
import { codecOf, decode, encode, mediaTypes, type CodecName } from "../../../runner/client/encoding.js";
import { content, type RawAnswer } from "../../../runner/client/exchange.js";
import { openMember, type HeaderList, type Member } from "./member.js";

describe("negotiation, over a real port", function () {
  this.timeout(30_000);
  let member: Member;
  let list: string;
  before(async () => {
    member = await openMember();
    list = `/v1/chats/${member.chatId}/messages`;
    await member.call("sendMessage", { chat_id: member.chatId, text: "первое" });
  });
  after(() => member?.close());

  /** A body in the codec of a media type; JSON for an unsupported one. */
  function bodyFor(contentType: string): Buffer {
    const codec = codecOf(contentType) ?? "json";
    const { registry } = member.client.descriptors;
    return encode(registry, member.client.rpc("sendMessage").request, { text: "второе" }, codec);
  }

  function read(answer: RawAnswer, method: string, codec: CodecName): Promise<Record<string, unknown>> {
    const { registry } = member.client.descriptors;
    return content(answer).then((body) => decode(registry, member.client.rpc(method).response, body, codec));
  }

  for (const [accept, type, status] of [
    ["text/html", undefined, 406],
    ["text/html", "application/json", 406],
    ["text/html", "text/plain", 406],
    [undefined, "text/plain", 415],
    [undefined, "application/json; charset=latin1", 415],
    [undefined, "application/protobuf; version=2", 415],
  ] as const) {
    it(`Accept ${accept ?? "that is not there"}, Content-Type ${type ?? "that is not there"} gives ${status} with what is supported`, async () => {
      const headers: HeaderList = [
        ...(accept === undefined ? [] : [["Accept", accept] as const]),
        ...(type === undefined ? [] : [["Content-Type", type] as const]),
      ];
      const answer = await member.send(type === undefined ? "GET" : "POST", list, headers, type && bodyFor(type));
      expect(answer.status).to.equal(status);
      expect((await member.problem(answer))["supported"]).to.have.members(Object.values(mediaTypes));
    });
  }

  for (const [alt, codec] of [
    ["json", "json"],
    ["proto", "protobuf"],
    ["protojson", "protojson"],
  ] as const) {
    it(`alt=${alt} in the query overrides Accept`, async () => {
      const answer = await member.send("GET", `${list}?alt=${alt}`, [["Accept", "text/html"]]);
      expect(answer.status).to.equal(200);
      expect(codecOf(answer.headers["content-type"])).to.equal(codec);
      await read(answer, "listMessages", codec);
    });
  }

  it("any other alt is malformed", async () => {
    const answer = await member.send("GET", `${list}?alt=xml`);
    expect(answer.status).to.equal(400);
    expect((await member.problem(answer))["reason"]).to.equal("MALFORMED_REQUEST");
  });

  it("an alt without a value is malformed, and one in percent-encoding is read", async () => {
    expect((await member.send("GET", `${list}?alt`)).status).to.equal(400);
    const answer = await member.send("GET", `${list}?%61lt=%70roto`);
    expect(answer.headers["content-type"]).to.equal("application/protobuf");
  });

  it("two alt parameters are malformed", async () => {
    expect((await member.send("GET", `${list}?alt=json&alt=proto`)).status).to.equal(400);
  });

  it("alt has the same effect on a method with a body", async () => {
    const answer = await member.send(
      "POST",
      `${list}?alt=proto`,
      [["Content-Type", "application/json"]],
      '{"text":"x"}',
    );
    expect(answer.status).to.equal(201);
    expect(answer.headers["content-type"]).to.equal("application/protobuf");
  });

  it("a request that is answered 406 sends no message into a chat", async () => {
    const count = async (): Promise<unknown> => {
      const { body } = await member.call("getChat", { chat_id: member.chatId });
      return (body["chat"] as Record<string, unknown>)["last_seq"];
    };
    const before = await count();
    const headers: HeaderList = [
      ["Content-Type", "application/json"],
      ["Accept", "text/html"],
    ];
    expect((await member.send("POST", list, headers, '{"text":"never"}')).status).to.equal(406);
    expect(await count()).to.equal(before);
  });

  it("an Accept of 65 members is malformed", async () => {
    const answer = await member.send("GET", list, [["Accept", Array(65).fill("application/json").join(",")]]);
    expect(answer.status).to.equal(400);
    expect((await member.send("GET", list, [["Accept", Array(64).fill("text/html").join(",")]])).status).to.equal(406);
  });

  it("an Accept of more than 8 KiB is malformed, and headers of more than 16 KiB are answered 431", async () => {
    expect((await member.send("GET", list, [["Accept", `application/json;x="${"a".repeat(8192)}"`]])).status).to.equal(
      400,
    );
    expect((await member.send("GET", list, [["X-Long", "a".repeat(17_000)]])).status).to.equal(431);
  });

  it("two Accept headers are one list", async () => {
    const answer = await member.send("GET", list, [
      ["Accept", "text/html"],
      ["Accept", "application/x-protobuf"],
    ]);
    expect(answer.headers["content-type"]).to.equal("application/x-protobuf");
  });

  describe("names of messages in media types", () => {
    for (const [header, name, status] of [
      ["Accept", "lyceum.v1.ListMessagesResponse", 200],
      ["Accept", "lyceum.v1.Message", 406],
    ] as const) {
      it(`Accept with messageType ${name} gives ${status}`, async () => {
        expect(
          (await member.send("GET", list, [[header, `application/protobuf; messageType="${name}"`]])).status,
        ).to.equal(status);
      });
    }

    it("a body whose media type names the request message is read", async () => {
      const type = 'application/x-protobuf; messageType="lyceum.v1.SendMessageRequest"';
      expect(
        (await member.send("POST", list, [["Content-Type", type]], bodyFor("application/protobuf"))).status,
      ).to.equal(201);
    });

    it("an error has the media type of Accept when it names the response message", async () => {
      const type = "application/protobuf; messageType=lyceum.v1.GetChatResponse";
      const answer = await member.send("GET", "/v1/chats/999999", [["Accept", type]]);
      expect(answer.status).to.equal(404);
      expect(answer.headers["content-type"]).to.equal("application/protobuf");
    });
  });

  describe("the type of an error", () => {
    for (const [accept, type] of [
      [undefined, "application/problem+json; charset=utf-8"],
      ["*/*", "application/problem+json; charset=utf-8"],
      ["application/json", "application/json; charset=utf-8"],
      ["application/json, application/problem+json", "application/problem+json; charset=utf-8"],
      ["application/json, */*;q=0.1", "application/problem+json; charset=utf-8"],
      ["application/protobuf", "application/protobuf"],
      ["application/x-protobuf", "application/x-protobuf"],
      ["application/protobuf+json", "application/protobuf+json; charset=utf-8"],
      ["text/html", "application/problem+json; charset=utf-8"],
    ] as const) {
      it(`is ${type} for Accept ${accept ?? "that is not there"}`, async () => {
        const answer = await member.send("GET", "/v1/nothing/here", accept === undefined ? [] : [["Accept", accept]]);
        expect(answer.status).to.equal(404);
        expect(answer.headers["content-type"]).to.equal(type);
        expect(await member.problem(answer)).to.include({
          status: 404,
          reason: "ROUTE_NOT_FOUND",
          instance: "/v1/nothing/here",
        });
      });
    }

    it("is the type of the request where Accept excludes all", async () => {
      const headers: HeaderList = [
        ["Accept", "text/html"],
        ["Content-Type", "application/x-protobuf"],
      ];
      const answer = await member.send("POST", list, headers, bodyFor("application/x-protobuf"));
      expect(answer.status).to.equal(406);
      expect(answer.headers["content-type"]).to.equal("application/x-protobuf");
      expect(answer.headers["x-protobuf-message"]).to.equal("lyceum.v1.Problem");
    });
  });
});
