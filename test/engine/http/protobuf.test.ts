// The bytes that are read as a message and the bytes that are refused (the Protocol Buffers wire format).
import { expect } from "chai";
import { encode, mediaTypes, type CodecName, type Plain } from "../../../runner/client/encoding.js";
import { openMember, type HeaderList, type Member } from "./member.js";
import type { RawAnswer } from "../../../runner/client/exchange.js";

const codecs: readonly CodecName[] = ["json", "protojson", "protobuf"];

describe("protobuf, over a real port", function () {
  this.timeout(30_000);
  let member: Member;
  let list: string;
  before(async () => {
    member = await openMember();
    list = `/v1/chats/${member.chatId}/messages`;
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

  const valid = (): Buffer => encoded("sendMessage", { text: "x" }, "protobuf");
  const withMore = (...bytes: number[]): Buffer => Buffer.concat([valid(), Buffer.from(bytes)]);

  it("skips unknown fields of every wire type", async () => {
    const unknown = [
      0xf8, 0x07, 0x01, 0xf9, 0x07, 1, 2, 3, 4, 5, 6, 7, 8, 0xfa, 0x07, 0x01, 0x41, 0xfd, 0x07, 1, 2, 3, 4,
    ];
    expect((await post(list, "protobuf", withMore(...unknown))).status).to.equal(201);
    expect((await post(list, "protobuf", withMore(0xfb, 0x07, 0xfc, 0x07))).status).to.equal(201);
  });

  it("reads a known field with another wire type as an unknown one", async () => {
    expect((await post(list, "protobuf", withMore(0x10, 0x01))).status).to.equal(201);
  });

  it("takes the last value of a field that comes twice, and the default of an absent field", async () => {
    const twice = Buffer.concat([
      encoded("sendMessage", { text: "first" }, "protobuf"),
      encoded("sendMessage", { text: "last" }, "protobuf"),
    ]);
    await post(list, "protobuf", twice);
    const { body } = await member.call("listMessages", { chat_id: member.chatId, limit: 1 });
    expect((body["messages"] as Plain[])[0]).to.include({ text: "last" });
    const problem = await refused(await post(list, "protobuf", ""), 422, "INVALID_FIELDS");
    expect((problem["violations"] as Plain[])[0]).to.include({ field: "text", rule: "string.min_len" });
  });

  it("reads an absent body without a Content-Type as an empty message", async () => {
    const made = await member.call("createChat", { title: "To leave" });
    const answer = await member.send("POST", `/v1/chats/${made.body["id"] as number}/leave`);
    expect(answer.status).to.equal(204);
    expect(answer.body.length).to.equal(0);
    expect(answer.headers["content-type"]).to.equal(undefined);
  });

  for (const [what, bytes] of [
    ["a truncated tag", [0x80]],
    ["a value shorter than its length", [0x1a, 0x05, 0x41]],
    ["a length beyond the end of the body", [0x1a, 0xff, 0xff, 0xff, 0xff, 0x07]],
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

  it("leaves an undefined enum number to validation, in every serialization", async () => {
    for (const codec of codecs) {
      const body = encoded("addChatMember", { user_id: 1, role: 77 }, codec);
      const problem = await refused(
        await post(`/v1/chats/${member.chatId}/members`, codec, body),
        422,
        "INVALID_FIELDS",
      );
      expect((problem["violations"] as Plain[])[0]).to.include({ field: "role", rule: "enum.defined_only" });
    }
  });
});
