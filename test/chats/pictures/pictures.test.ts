// What a case cannot say of the pictures of chats: races, and what the bytes are.
import { expect } from "chai";
import { imageTypeOf } from "../../../src/chats/pictures/image-type.js";
import { openSchool, type School } from "../../support/call-as.js";
import { outcomes } from "../../support/outcomes.js";

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

describe("pictures of chats", () => {
  let school: School;
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  it("twenty uploads at once leave one picture, whose version counts all of them", async () => {
    const owner = await school.person();
    const chat_id = await school.chat(owner);
    const uploads = Array.from({ length: 20 }, (_, index) => {
      const picture = { content_type: "image/png", data: Buffer.concat([png, Buffer.from([index])]) };
      return school.chats.updateChatPicture({ chat_id, picture }, school.as(owner));
    });
    const { answers, reasons } = await outcomes(uploads);
    expect(reasons).to.deep.equal([]);
    expect(answers.map(({ version }) => version).sort((a, b) => a - b)).to.deep.equal(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    const kept = await school.chats.getChatPicture({ chat_id }, school.as(owner));
    expect(kept).to.have.property("data").with.length(9);
  });

  it("twenty deletions at once delete it once", async () => {
    const owner = await school.person();
    const chat_id = await school.chat(owner);
    await school.chats.updateChatPicture(
      { chat_id, picture: { content_type: "image/png", data: png } },
      school.as(owner),
    );
    const { answers, reasons } = await outcomes(
      Array.from({ length: 20 }, () => school.chats.deleteChatPicture({ chat_id }, school.as(owner))),
    );
    expect(answers).to.have.length(1);
    expect(new Set(reasons)).to.deep.equal(new Set(["PICTURE_NOT_FOUND"]));
  });

  it("goes with its chat", async () => {
    const owner = await school.person();
    const chat_id = await school.chat(owner);
    await school.chats.updateChatPicture(
      { chat_id, picture: { content_type: "image/png", data: png } },
      school.as(owner),
    );
    await school.chats.deleteChat({ chat_id }, school.as(owner));
    expect(await school.sql("select from chat_pictures where chat_id = $1", [chat_id])).to.deep.equal([]);
  });

  const signatures: readonly (readonly [what: string, bytes: Buffer, type: string | undefined])[] = [
    ["PNG", png, "image/png"],
    ["JPEG", Buffer.from([0xff, 0xd8, 0xff, 0xe0]), "image/jpeg"],
    ["WebP", Buffer.from("RIFF\x10\0\0\0WEBPVP8 "), "image/webp"],
    ["nothing", Buffer.alloc(0), undefined],
    ["a PNG that breaks off", png.subarray(0, 7), undefined],
    ["another RIFF file", Buffer.from("RIFF\x10\0\0\0WAVEfmt "), undefined],
    ["a RIFF file that breaks off", Buffer.from("RIFF\x10\0\0\0WEB"), undefined],
    ["a page", Buffer.from("<!doctype html>"), undefined],
    ["an SVG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), undefined],
    ["a GIF", Buffer.from("GIF89a"), undefined],
  ];
  for (const [what, bytes, type] of signatures)
    it(`the bytes of ${what} are ${type ?? "none of them"}`, () => expect(imageTypeOf(bytes)).to.equal(type));
});
