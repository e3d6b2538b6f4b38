import { expect } from "chai";
import type { Call } from "../../../src/call.js";
import type { Database } from "../../../src/platform/database/database.js";
import { type CallOptions, openSchool, type School } from "../../support/call-as.js";
import { upTo } from "../../support/numbers.js";
import { outcomes, reasonOf, refusal } from "../../support/outcomes.js";

describe("changing messages", () => {
  let school: School;
  let alice: number;
  let bob: number;
  let carol: number;
  let admin: number;
  let chat_id: number;
  /** Of a message of Bob's. Alice owns the chat. */
  let message_id: number;

  before(async () => {
    school = await openSchool();
    [alice, bob, carol, admin] = [
      await school.person(),
      await school.person(),
      await school.person(),
      await school.person(),
    ];
  });
  after(() => school.close());
  beforeEach(async () => {
    chat_id = await school.chat(alice, bob, carol);
    message_id = (await school.messages.sendMessage({ chat_id, text: "first", file_ids: [] }, school.as(bob))).id;
  });

  const get = (as: number, options?: CallOptions) => school.messages.getMessage({ message_id }, school.as(as, options));
  const edit = (as: number, text?: string, options?: CallOptions) =>
    school.messages.updateMessage({ message_id, ...(text !== undefined && { text }) }, school.as(as, options));
  const remove = (as: number, options?: CallOptions) =>
    school.messages.deleteMessage({ message_id }, school.as(as, options));
  const superAdmin = { role: "ROLE_SUPER_ADMIN" } as const;
  const notFound = async (promise: Promise<unknown>): Promise<void> => {
    const { reason, detail } = await refusal(promise);
    expect([reason, detail]).to.deep.equal(["MESSAGE_NOT_FOUND", `Message with id=${message_id} not found`]);
  };
  const count = async (): Promise<number> =>
    (await school.chats.getChat({ include: [], chat_id }, school.as(alice))).chat!.message_count;

  it("a message is found by members, and by nobody else", async () => {
    expect(await get(carol)).to.include({ id: message_id, text: "first", sender_id: bob });
    await notFound(get(admin));
    await notFound(get(admin, superAdmin));
    message_id = 999;
    await notFound(get(bob));
  });

  it("an edit sets the text, edited_at and the version", async () => {
    const edited = await edit(bob, "second");
    expect(edited).to.include({ text: "second", seq: 1, version: 2 });
    expect(edited.edited_at! >= edited.created_at!).to.equal(true);
    expect(await get(alice)).to.deep.equal(edited);
  });

  it("an edit without a text, or with the same one, changes nothing", async () => {
    const before = await get(bob);
    expect(await edit(bob)).to.deep.equal(before);
    expect(await edit(bob, "first")).to.deep.equal(before);
  });

  it("a change without If-Match succeeds when the caller becomes a member again in the middle of it", async () => {
    /** The first statement finds that the caller is not a member; all later ones find a member. */
    const comingBack = (as: number): Call => {
      const call = school.as(as);
      const database: Database = Object.create(call.database) as Database;
      let asked = 0;
      database.one = async (statement, values) => (asked++ === 0 ? undefined : call.database.one(statement, values));
      return { ...call, database, client: call.client, requestId: call.requestId };
    };
    const edited = await school.messages.updateMessage({ message_id, text: "second" }, comingBack(bob));
    expect(edited).to.include({ text: "second", version: 2 });
    expect(await school.messages.deleteMessage({ message_id }, comingBack(bob))).to.deep.equal({});
  });

  it("only the sender may edit a message, not an owner and not a super admin", async () => {
    expect(await reasonOf(edit(alice, "mine"))).to.equal("PERMISSION_DENIED");
    expect(await reasonOf(edit(carol, "mine", superAdmin))).to.equal("PERMISSION_DENIED");
    await notFound(edit(admin, "mine", superAdmin));
    await school.chats.leaveChat({ chat_id }, school.as(bob));
    await notFound(edit(bob, "still mine"));
  });

  it("one of twenty edits of the same version is made", async () => {
    const edits = upTo(20).map((number) => edit(bob, `edit ${number}`, { ifMatch: [1] }));
    const { answers, reasons } = await outcomes(edits);
    expect(answers).to.have.length(1);
    expect(new Set(reasons)).to.deep.equal(new Set(["PRECONDITION_FAILED"]));
    expect(await get(bob)).to.deep.equal(answers[0]);
  });

  it("a missing permission is reported before a wrong version", async () => {
    expect(await reasonOf(edit(alice, "mine", { ifMatch: [7] }))).to.equal("PERMISSION_DENIED");
    expect(await reasonOf(edit(bob, "mine", { ifMatch: [7, 8] }))).to.equal("PRECONDITION_FAILED");
    expect(await reasonOf(remove(carol, { ifMatch: [1] }))).to.equal("PERMISSION_DENIED");
    for (const [as, options] of [[bob], [alice], [admin, superAdmin]] as const)
      expect(await reasonOf(remove(as, { ...options, ifMatch: [7] }))).to.equal("PRECONDITION_FAILED");
    expect((await edit(bob, "now", { ifMatch: [7, 1] })).text).to.equal("now");
  });

  it("a deleted message keeps its seq and nothing else", async () => {
    await school.messages.sendMessage({ chat_id, text: "next", file_ids: [] }, school.as(bob));
    await remove(bob);
    expect(await count()).to.equal(1);
    const { messages } = await school.chats.getChat({ include: [], chat_id }, school.as(alice));
    const [, tombstone] = messages;
    expect(tombstone).to.include({ id: message_id, seq: 1, text: "", version: 2 });
    expect(tombstone!.deleted_at).to.be.a("string");
    await notFound(get(bob));
    await notFound(edit(bob, "back"));
    await notFound(remove(bob));
    await notFound(remove(admin, superAdmin));
    expect((await school.messages.sendMessage({ chat_id, text: "third", file_ids: [] }, school.as(bob))).seq).to.equal(
      3,
    );
  });

  it("only the sender, an owner of the chat and a super admin may delete a message", async () => {
    expect(await reasonOf(remove(carol))).to.equal("PERMISSION_DENIED");
    await notFound(remove(admin));
    for (const [as, options] of [[bob], [alice], [admin, superAdmin]] as const) {
      message_id = (await school.messages.sendMessage({ chat_id, text: "again", file_ids: [] }, school.as(bob))).id;
      expect(await remove(as, options)).to.deep.equal({});
    }
    expect(await count()).to.equal(1);
  });

  it("a message that is deleted by many concurrent calls reduces the count once", async () => {
    const work = upTo(20).map((number) => (number % 2 ? remove(bob) : edit(bob, `edit ${number}`)));
    const { reasons } = await outcomes<unknown>(work);
    expect(reasons.filter((reason) => reason !== "MESSAGE_NOT_FOUND")).to.deep.equal([]);
    expect(await count()).to.equal(0);
    expect(await school.sql("select text from messages where id = $1", [message_id])).to.deep.equal([{ text: "" }]);
  });
});
