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
  const say = (as: number) => school.messages.sendMessage({ chat_id, text: "text" }, school.as(as));

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
      const { chat } = await school.chats.getChat({ chat_id, limit: 1 }, school.as(who));
      const { chats } = await school.chats.listChats({ limit: 1 }, school.as(who));
      expect(chat).to.include({ unread_count: unread, last_read_seq: lastRead.get(who), last_seq: log.length });
      expect(chats[0]).to.include({ id: chat_id, unread_count: unread });
      expect(chat!.message_count).to.equal(log.filter(({ isDeleted }) => !isDeleted).length);
    }
  });
});
