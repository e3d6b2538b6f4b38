// What is told of each act: to whom it concerns, once, and nothing of what changes nothing.
import { expect } from "chai";
import { type Account, openSchool, type School } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";

describe("the updates of an act", function () {
  this.timeout(30_000);
  let school: School;
  let [alice, bob]: [Account, Account] = [undefined!, undefined!];
  let teacher: Account;
  let seen = 0;

  before(async () => {
    school = await openSchool();
    [alice, bob] = [await school.account(), await school.account()];
    teacher = await school.account("ROLE_TEACHER");
  });
  after(() => school.close());
  beforeEach(async () => void (await told()));

  /** The updates since the last call as "topic kind subject by actor", in the order of ids. */
  async function told(): Promise<string[]> {
    const rows = await school.sql<{ id: number; text: string }>(
      `select id, concat_ws(' ', topic, kind, subject_id, 'by ' || actor_id) as text from updates where id > $1 order by id`,
      [seen],
    );
    seen = rows.at(-1)?.id ?? seen;
    return rows.map(({ text }) => text);
  }
  const draft = (chat_id: number, text = "hello", client_message_id?: string) => ({
    chat_id,
    text,
    client_message_id,
    reply_to_id: undefined,
    file_ids: [],
  });
  async function chat(): Promise<number> {
    const id = await school.chat(alice.id, bob.id);
    await told();
    return id;
  }

  it("on messages: sent, edited, deleted; not of an edit that changes nothing, nor of what is refused", async () => {
    const id = await chat();
    const { id: message } = await school.messages.sendMessage(draft(id), alice.call);
    const edit = (text?: string) => school.messages.updateMessage({ message_id: message, text }, alice.call);
    await edit("hello");
    await edit();
    await edit("bye");
    await school.messages.sendMessage(draft(id), teacher.call).catch(() => undefined);
    await school.messages.deleteMessage({ message_id: message }, alice.call);
    await school.messages.deleteMessage({ message_id: message }, alice.call).catch(() => undefined);
    expect(await told()).to.deep.equal(
      ["sent", "edited", "deleted"].map((act) => `chat:${id} message.${act} ${message} by ${alice.id}`),
    );
  });

  it("on a retry of a send and of a batch is none", async () => {
    const id = await chat();
    const request = draft(id, "hello", "once");
    await Promise.all(upTo(20).map(() => school.messages.sendMessage(request, alice.call)));
    const batch = { chat_id: id, messages: ["a", "b", "c"].map((key) => draft(id, "hello", key)) };
    const { messages } = await school.messages.batchSendMessages(batch, bob.call);
    await school.messages.batchSendMessages(batch, bob.call);
    expect((await told()).slice(1)).to.deep.equal(
      messages.map((message) => `chat:${id} message.sent ${message.id} by ${bob.id}`),
    );
  });

  it("on a read mark goes to the reader alone, and only when it moves", async () => {
    const id = await chat();
    await school.messages.sendMessage(draft(id), alice.call);
    await told();
    await Promise.all(upTo(20).map(() => school.chats.readChat({ chat_id: id, seq: 1 }, bob.call)));
    const all = await told();
    expect(new Set(all)).to.deep.equal(new Set([`user:${bob.id} chat.read ${id} by ${bob.id}`]));
    await school.chats.readChat({ chat_id: id, seq: 1 }, bob.call);
    expect(await told()).to.deep.equal([]);
  });

  it("on chats and members goes to the members, and to whom a chat appears or is gone", async () => {
    const carol = await school.account();
    await told();
    const { id } = await school.chats.createChat({ title: "Tea", member_ids: [bob.id] }, alice.call);
    expect((await told()).toSorted()).to.deep.equal(
      [alice.id, bob.id]
        .flatMap((user) => [
          `chat:${id} member.added ${user} by ${alice.id}`,
          `user:${user} chat.added ${id} by ${alice.id}`,
        ])
        .toSorted(),
    );
    const member = { chat_id: id, user_id: carol.id };
    await school.chats.addChatMember({ ...member, role: "CHAT_ROLE_MEMBER" }, alice.call);
    await school.chats.updateChatMember({ ...member, role: "CHAT_ROLE_OWNER" }, alice.call);
    await school.chats.updateChatMember({ ...member, role: "CHAT_ROLE_OWNER" }, alice.call);
    await school.chats.updateChat({ chat_id: id, title: "Coffee" }, alice.call);
    await school.chats.updateChat({ chat_id: id, title: "Coffee" }, alice.call);
    await school.chats.removeChatMember(member, alice.call);
    await school.chats.leaveChat({ chat_id: id, new_owner_id: undefined }, bob.call);
    await school.chats.deleteChat({ chat_id: id }, alice.call);
    const [c, by] = [`chat:${id}`, `by ${alice.id}`];
    expect(await told()).to.deep.equal([
      `${c} member.added ${carol.id} ${by}`,
      `user:${carol.id} chat.added ${id} ${by}`,
      `${c} member.changed ${carol.id} ${by}`,
      `${c} chat.changed ${id} ${by}`,
      `${c} member.removed ${carol.id} ${by}`,
      `user:${carol.id} chat.removed ${id} ${by}`,
      `${c} member.removed ${bob.id} by ${bob.id}`,
      `user:${bob.id} chat.removed ${id} by ${bob.id}`,
      `${c} chat.deleted ${id} ${by}`,
      `user:${alice.id} chat.removed ${id} ${by}`,
    ]);
  });

  it("on people and groups goes to the school, and of a suspension to its staff", async () => {
    const by = `by ${teacher.id}`;
    const group = await school.groups.createGroup({ name: "10-A", colour: undefined, with_chat: false }, teacher.call);
    await school.groups.addGroupMembers({ group_id: group.id, user_ids: [alice.id, bob.id] }, teacher.call);
    await school.groups.removeGroupMember({ group_id: group.id, user_id: bob.id }, teacher.call);
    await school.administration.suspendUser({ user_id: bob.id, reason: undefined }, teacher.call);
    await school.administration.restoreUser({ user_id: bob.id }, teacher.call);
    expect(await told()).to.deep.equal([
      `school group.created ${group.id} ${by}`,
      `school user.changed ${alice.id} ${by}`,
      `school user.changed ${bob.id} ${by}`,
      `school user.changed ${bob.id} ${by}`,
      `staff user.suspended ${bob.id} ${by}`,
      `staff user.restored ${bob.id} ${by}`,
    ]);
  });

  it("on an account: it is new, it is gone, and gone from its chats", async () => {
    const { id, call, password } = await school.account();
    const tea = await school.chat(alice.id, id);
    expect((await told())[0]).to.equal(`school user.created ${id} by ${id}`);
    await school.auth.deleteMe({ password }, call);
    expect(await told()).to.deep.equal([
      `chat:${tea} member.removed ${id} by ${id}`,
      `school user.deleted ${id} by ${id}`,
      `user:${id} chat.removed ${tea} by ${id}`,
    ]);
  });

  it("is gone with it when it is rolled back, also alone in a longer transaction", async () => {
    const id = await chat();
    await school.chats.leaveChat({ chat_id: id, new_owner_id: 999_999_999 }, alice.call).catch(() => undefined);
    expect(await told()).to.deep.equal([]);
  });
});
