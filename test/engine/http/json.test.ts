// The JSON that is read as a message and the JSON that is refused, in both JSON serializations (ProtoJSON, RFC 8259).
import { expect } from "chai";
import { mediaTypes, type CodecName, type Plain } from "../../../runner/client/encoding.js";
import { openMember, type HeaderList, type Member } from "./member.js";
import type { RawAnswer } from "../../../runner/client/exchange.js";

const jsonCodecs: readonly CodecName[] = ["json", "protojson"];

describe("JSON, over a real port", function () {
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
  async function refused(answer: RawAnswer, status: number, reason: string): Promise<Plain> {
    const problem = await member.problem(answer);
    expect(problem).to.include({ status, reason });
    expect(answer.status).to.equal(status);
    return problem;
  }

  const taken: readonly (readonly [string, string])[] = [
    ["camelCase keys", '{"text":"x","clientMessageId":"camel"}'],
    ["snake_case keys", '{"text":"x","client_message_id":"snake"}'],
    ["null for an absent field", '{"text":"x","reply_to_id":null}'],
    ["white space around", ' \r\n\t{ "text" : "x" } \n'],
    ["escapes", '{"te\\u0078t":"\\ud83d\\ude00"}'],
    ["a byte order mark", '\ufeff{"text":"x"}'],
  ];
  for (const codec of jsonCodecs) {
    for (const [what, body] of taken) {
      it(`takes ${what} (${codec})`, async () => {
        expect((await post(list, codec, body)).status).to.equal(201);
      });
    }

    it(`takes a path field in the body with the same value (${codec})`, async () => {
      expect((await post(list, codec, `{"text":"x","chat_id":"${member.chatId}"}`)).status).to.equal(201);
    });

    it(`takes whole numbers in every notation (${codec})`, async () => {
      const first = await member.call("sendMessage", { chat_id: member.chatId, text: "first" });
      const id = first.body["id"] as number;
      for (const written of [`${id}`, `"${id}"`, `${id}.0`, `${id}e0`, `"${id}.0"`])
        expect((await post(list, codec, `{"text":"x","reply_to_id":${written}}`)).status, written).to.equal(201);
    });

    it(`takes enums by name and by number (${codec})`, async () => {
      for (const role of ['"CHAT_ROLE_OWNER"', "1", '"CHAT_ROLE_MEMBER"', "null"]) {
        const body = `{"user_id":999999,"role":${role}}`;
        await refused(await post(`/v1/chats/${member.chatId}/members`, codec, body), 404, "USER_NOT_FOUND");
      }
    });

    for (const [what, body, pointer] of [
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
      ["one key twice", '{"text":"x","text":"x"}', "/text"],
      ["one key twice, the second time with an escape", '{"text":"x","te\\u0078t":"y"}', "/text"],
      ["two spellings of one key", '{"text":"x","client_message_id":"a","clientMessageId":"b"}', undefined],
      ["a path field with another value", '{"text":"x","chat_id":"999999"}', "/chat_id"],
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

    it(`refuses an undefined enum name, and names its field (${codec})`, async () => {
      const answer = await post(`/v1/chats/${member.chatId}/members`, codec, '{"user_id":1,"role":"CHAT_ROLE_KING"}');
      const problem = await refused(answer, 400, "MALFORMED_REQUEST");
      expect((problem["violations"] as Plain[])[0]).to.include({ field: "role", pointer: "/role" });
    });

    it(`refuses bytes that are not UTF-8 (${codec})`, async () => {
      const bytes = Buffer.from('{"text":"x\xff"}', "latin1");
      await refused(await post(list, codec, bytes), 400, "MALFORMED_REQUEST");
    });

    it(`names the position of a fault inside a list (${codec})`, async () => {
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

    it(`never repeats values of the client in a Problem (${codec})`, async () => {
      const answer = await post("/v1/auth/login", codec, '{"email":"a@example.org","password":918273645}');
      await refused(answer, 400, "MALFORMED_REQUEST");
      expect(answer.body.toString()).not.to.contain("918273645");
    });
  }
});
