import { expect } from "chai";
import { openSchool, type School } from "../support/call-as.js";
import { seeded, upTo } from "../support/numbers.js";
import { refusal } from "../support/outcomes.js";

describe("the unread count", () => {
  let school: School;
  let alice: number;
  let bob: number;
  let carol: number;
  let chat_id: number;

  before(async () => {
    school = await openSchool();
    [alice, bob, carol] = [await school.person(), await school.person(), await school.person()];
  });
  after(() => school.close());
  beforeEach(async () => {
    chat_id = await school.chat(alice, bob);
  });

  const read = (as: number, seq: number) => school.chats.readChat({ chat_id, seq }, school.as(as));
  const say = (as: number) => school.messages.sendMessage({ chat_id, text: "text", file_ids: [] }, school.as(as));

  it("counts the messages after last_read_seq, which never decreases and never passes the last message", async () => {
    for (const _ of upTo(5)) await say(alice);
    expect(await read(bob, 3)).to.deep.equal({ chat_id, last_read_seq: 3, unread_count: 2 });
    expect(await read(bob, 1)).to.deep.equal({ chat_id, last_read_seq: 3, unread_count: 2 });
    expect(await read(bob, 1_000)).to.deep.equal({ chat_id, last_read_seq: 5, unread_count: 0 });
    await say(alice);
    expect(await read(bob, 0)).to.deep.equal({ chat_id, last_read_seq: 5, unread_count: 1 });
  });

  it("does not count the reader's own messages, and is 0 in an empty chat", async () => {
    expect(await read(alice, 7)).to.deep.equal({ chat_id, last_read_seq: 0, unread_count: 0 });
    await say(alice);
    expect(await read(alice, 0)).to.deep.equal({ chat_id, last_read_seq: 0, unread_count: 0 });
  });

  it("is refused to outsiders with CHAT_NOT_FOUND", async () => {
    expect((await refusal(read(carol, 1))).detail).to.equal(`Chat with id=${chat_id} not found`);
  });

  it("is right after twenty concurrent reads", async () => {
    for (const _ of upTo(20)) await say(alice);
    await Promise.all(upTo(20).map((seq) => read(bob, seq)));
    expect(await read(bob, 0)).to.deep.equal({ chat_id, last_read_seq: 20, unread_count: 0 });
  });

  it("equals a plain count over all messages after any history", async () => {
    const random = seeded(5);
    const members = [alice, bob, carol];
    chat_id = await school.chat(alice, bob, carol);
    const log: { id: number; sender: number; isDeleted: boolean }[] = [];
    const lastRead = new Map(members.map((member) => [member, 0]));
    for (let turn = 0; turn < 150; turn++) {
      const who = members[random(3)]!;
      const kind = random(6);
      if (kind < 3) {
        log.push({ id: (await say(who)).id, sender: who, isDeleted: false });
      } else if (kind === 3 && log.length > 0) {
        const message = log[random(log.length)]!;
        if (!message.isDeleted) {
          await school.messages.deleteMessage({ message_id: message.id }, school.as(message.sender));
          message.isDeleted = true;
        }
      } else {
        const seq = random(log.length + 3);
        lastRead.set(who, Math.max(lastRead.get(who)!, Math.min(seq, log.length)));
        await read(who, seq);
      }
      const unread = log.filter(
        ({ sender, isDeleted }, index) => sender !== who && !isDeleted && index + 1 > lastRead.get(who)!,
      ).length;
      expect(await read(who, 0)).to.deep.equal({ chat_id, last_read_seq: lastRead.get(who), unread_count: unread });
      const { chat } = await school.chats.getChat({ include: [], chat_id, limit: 1 }, school.as(who));
      const { chats } = await school.chats.listChats({ include: [], limit: 1 }, school.as(who));
      expect(chat).to.include({ unread_count: unread, last_read_seq: lastRead.get(who), last_seq: log.length });
      expect(chats[0]).to.include({ id: chat_id, unread_count: unread });
      expect(chat!.message_count).to.equal(log.filter(({ isDeleted }) => !isDeleted).length);
    }
  });

  const add = (user_id: number) =>
    school.chats.addChatMember({ chat_id, user_id, role: "CHAT_ROLE_MEMBER" }, school.as(alice));
  const remove = (user_id: number) => school.chats.removeChatMember({ chat_id, user_id }, school.as(alice));
  const leave = (as: number) => school.chats.leaveChat({ chat_id }, school.as(as));

  it("equals a plain count after any history of joining, leaving and coming back", async () => {
    const random = seeded(8);
    const read_by = new Map<number, number>([[bob, 0]]);
    const inside = new Set([bob]);
    const log: { id: number; sender: number; isDeleted: boolean }[] = [];
    const others = [bob, carol, await school.person()];
    const turns: Record<string, number> = {};
    for (let turn = 0; turn < 200; turn++) {
      const who = others[random(3)]!;
      const isInside = inside.has(who);
      const act = ["send", "send", "delete", "read", "move"][random(5)]!;
      if (act === "send") {
        const sender = isInside && random(2) === 0 ? who : alice;
        log.push({ id: (await say(sender)).id, sender, isDeleted: false });
      } else if (act === "delete" && log.length > 0) {
        const message = log[random(log.length)]!;
        if (!message.isDeleted)
          await school.messages.deleteMessage({ message_id: message.id }, school.as(alice, { role: "ROLE_STUDENT" }));
        message.isDeleted = true;
      } else if (act === "read" && isInside) {
        const seq = random(log.length + 3);
        read_by.set(who, Math.max(read_by.get(who)!, Math.min(seq, log.length)));
        await read(who, seq);
      } else if (act === "move" && isInside) {
        await (random(2) === 0 ? leave(who) : remove(who));
        inside.delete(who);
        expect((await refusal(read(who, 1_000))).reason).to.equal("CHAT_NOT_FOUND");
      } else if (act === "move") {
        if (!read_by.has(who)) read_by.set(who, log.length);
        const { last_read_seq } = await add(who);
        expect(last_read_seq).to.equal(read_by.get(who));
        inside.add(who);
      }
      turns[`${act} ${isInside}`] = (turns[`${act} ${isInside}`] ?? 0) + 1;
      if (!inside.has(who)) continue;
      const last_read_seq = read_by.get(who)!;
      const unread_count = log.filter(
        ({ sender, isDeleted }, index) => sender !== who && !isDeleted && index + 1 > last_read_seq,
      ).length;
      const { chat } = await school.chats.getChat({ include: [], chat_id }, school.as(who));
      expect(chat).to.include({ last_read_seq, unread_count });
    }
    expect(turns["move true"]).to.be.greaterThan(5);
  });

  it("is of what was read, whoever removes the reader and adds them again in twenty concurrent calls", async () => {
    for (const _ of upTo(20)) await say(alice);
    let acknowledged = 0;
    const reading = upTo(20).map(async (seq) => {
      const state = await read(bob, seq).catch(() => undefined);
      acknowledged = Math.max(acknowledged, state?.last_read_seq ?? 0);
    });
    const moving = upTo(20).map((number) => (number % 2 ? remove(bob) : add(bob)).catch(() => undefined));
    await Promise.all([...reading, ...moving]);
    await add(bob).catch(() => undefined);
    expect(await read(bob, 0)).to.include({ last_read_seq: acknowledged, unread_count: 20 - acknowledged });
  });

  it("begins at the end for a newcomer, who has every message after that unread while twenty are being sent", async () => {
    for (const _ of upTo(3)) await say(alice);
    const sending = upTo(20).map(() => say(alice));
    const { last_read_seq } = await add(carol);
    await Promise.all(sending);
    expect(last_read_seq).to.be.at.least(3);
    expect(await read(carol, 0)).to.include({ last_read_seq, unread_count: 23 - last_read_seq });
    expect(await school.sql("select user_id from chat_read_marks where chat_id = $1", [chat_id])).to.deep.equal([]);
  });
});
