import { expect } from "chai";
import type { Message } from "../../../src/gen/lyceum/v1/message.js";
import { openSchool, type School } from "../../support/call-as.js";
import { seeded, upTo } from "../../support/numbers.js";
import { outcomes, refusal } from "../../support/outcomes.js";

/** Six items of a batch, with the keys `from` + 1 to `from` + 6. */
const keys = (from: number) =>
  upTo(6).map((number) => ({ text: `text ${from + number}`, client_message_id: `${from + number}` }));

describe("sending messages", () => {
  let school: School;
  let alice: number;
  let bob: number;
  let mallory: number;
  let chat_id: number;

  before(async () => {
    school = await openSchool();
    [alice, bob, mallory] = [await school.person(), await school.person(), await school.person()];
  });
  after(() => school.close());
  beforeEach(async () => {
    chat_id = await school.chat(alice, bob);
  });

  const send = (as: number, text: string, more: { client_message_id?: string; reply_to_id?: number } = {}) =>
    school.messages.sendMessage({ chat_id, text, ...more, file_ids: [] }, school.as(as));
  const batch = (as: number, ...messages: { text: string; client_message_id?: string; reply_to_id?: number }[]) =>
    school.messages.batchSendMessages(
      { chat_id, messages: messages.map((message) => Object.assign({ file_ids: [] }, message)) },
      school.as(as),
    );
  const sequence = async () =>
    (
      await school.sql<{ last_seq: number; message_count: number; rows: number; undeleted: number }>(
        `select s.last_seq, s.message_count, count(m.id) as rows, count(m.id) filter (where m.deleted_at is null) as undeleted
           from chat_sequences s left join messages m on m.chat_id = s.chat_id
          where s.chat_id = $1 group by s.chat_id`,
        [chat_id],
      )
    )[0]!;

  it("a message gets an id, the next seq and a time", async () => {
    const first = await send(alice, "привет");
    const second = await send(bob, "hi", { reply_to_id: first.id });
    expect(first).to.include({ chat_id, seq: 1, sender_id: alice, text: "привет", version: 1 });
    expect(first.edited_at).to.equal(undefined);
    expect(second).to.include({ seq: 2, sender_id: bob, reply_to_id: first.id });
    expect(second.created_at! >= first.created_at!).to.equal(true);
  });

  it("seqs have no gap and no duplicate while twenty send, send in batches, retry and delete at once", async () => {
    const random = seeded(7);
    const sent: Message[] = [];
    const deleted = new Set<number>();
    const work = async (worker: number): Promise<void> => {
      for (let turn = 0; turn < 6; turn++) {
        const as = random(2) === 0 ? alice : bob;
        const kind = random(4);
        if (kind === 0) {
          const texts = upTo(1 + random(5)).map((number) => ({ text: `${worker}.${turn}.${number}` }));
          const { messages } = await batch(as, ...texts);
          messages.forEach((message, index) => expect(message.seq).to.equal(messages[0]!.seq + index));
          sent.push(...messages);
        } else if (kind === 1) {
          const key = { client_message_id: `${worker}.${turn}` };
          const { answers } = await outcomes([send(as, "twice", key), send(as, "twice", key)]);
          expect(answers.map(({ id }) => id)).to.deep.equal([answers[0]!.id, answers[0]!.id]);
          sent.push(answers[0]!);
        } else {
          const message = await send(as, `${worker}.${turn}`);
          sent.push(message);
          if (kind === 2) {
            await outcomes([1, 2].map(() => school.messages.deleteMessage({ message_id: message.id }, school.as(as))));
            deleted.add(message.id);
          }
        }
      }
    };
    await Promise.all(upTo(20).map(work));

    const seqs = sent.map(({ seq }) => seq).sort((a, b) => a - b);
    expect(seqs).to.deep.equal(upTo(sent.length));
    expect(await sequence()).to.deep.equal({
      last_seq: sent.length,
      message_count: sent.length - deleted.size,
      rows: sent.length,
      undeleted: sent.length - deleted.size,
    });
    const backwards = await school.sql(
      `select from (select created_at, lag(created_at) over (order by seq) as before from messages where chat_id = $1) m
        where created_at < before`,
      [chat_id],
    );
    expect(backwards, "created_at decreases while seq grows").to.deep.equal([]);
  });

  it("twenty concurrent calls of the same send make one message", async () => {
    const sends = upTo(20).map(() => send(alice, "once", { client_message_id: "key" }));
    const { answers, reasons } = await outcomes(sends);
    expect(reasons).to.deep.equal([]);
    expect(new Set(answers.map(({ id }) => id)).size).to.equal(1);
    expect(await sequence()).to.include({ last_seq: 1, rows: 1 });
  });

  it("one of twenty texts with the same client_message_id is sent, and the others are refused", async () => {
    const sends = upTo(20).map((number) => send(alice, `text ${number}`, { client_message_id: "key" }));
    const { answers, reasons } = await outcomes(sends);
    expect(answers).to.have.length(1);
    expect(new Set(reasons)).to.deep.equal(new Set(["CLIENT_MESSAGE_ID_REUSED"]));
    expect(await sequence()).to.include({ last_seq: 1, rows: 1 });
  });

  it("a client_message_id belongs to one sender in one chat", async () => {
    const key = { client_message_id: "key" };
    const first = await send(alice, "one", key);
    expect((await send(bob, "two", key)).seq).to.equal(2);
    chat_id = await school.chat(alice);
    expect((await send(alice, "three", key)).id).not.to.equal(first.id);
  });

  it("a retry returns the first message in its present state, edited or deleted", async () => {
    const key = { client_message_id: "key" };
    const { id } = await send(alice, "first", key);
    await school.messages.updateMessage({ message_id: id, text: "edited" }, school.as(alice));
    expect(await send(alice, "first", key)).to.include({ id, text: "edited", seq: 1 });
    expect((await refusal(send(alice, "edited", key))).reason).to.equal("CLIENT_MESSAGE_ID_REUSED");
    await school.messages.deleteMessage({ message_id: id }, school.as(alice));
    const replayed = await send(alice, "first", key);
    expect(replayed).to.include({ id, text: "" });
    expect(replayed.deleted_at).to.be.a("string");
  });

  it("a retry returns the first message when the message that it replies to is deleted, and nothing once its sender has left", async () => {
    const { id: reply_to_id } = await send(bob, "question");
    const answer = { client_message_id: "key", reply_to_id };
    const { id } = await send(alice, "answer", answer);
    await school.messages.deleteMessage({ message_id: reply_to_id }, school.as(bob));
    expect(await send(alice, "answer", answer)).to.include({ id, seq: 2, reply_to_id });
    expect((await refusal(send(alice, "answer", { ...answer, client_message_id: "other" }))).reason).to.equal(
      "MESSAGE_NOT_FOUND",
    );
    expect(await sequence()).to.include({ last_seq: 2, rows: 2 });
    await school.sql("delete from chat_members where chat_id = $1 and user_id = $2", [chat_id, alice]);
    expect((await refusal(send(alice, "answer", answer))).reason).to.equal("CHAT_NOT_FOUND");
  });

  it("the same text with another reply_to_id is other content", async () => {
    const { id } = await send(bob, "question");
    await send(alice, "yes", { client_message_id: "key" });
    const again = send(alice, "yes", { client_message_id: "key", reply_to_id: id });
    expect((await refusal(again)).reason).to.equal("CLIENT_MESSAGE_ID_REUSED");
  });

  it("outsiders and former members are refused with CHAT_NOT_FOUND, even for a retry", async () => {
    const key = { client_message_id: "key" };
    await send(bob, "before", key);
    await school.chats.leaveChat({ chat_id }, school.as(bob));
    const { answers, reasons } = await outcomes<unknown>([
      send(mallory, "hi"),
      send(mallory, "hi", key),
      send(bob, "before", key),
      send(bob, "after"),
      batch(bob, { text: "before", ...key }),
      batch(mallory, { text: "hi" }),
    ]);
    expect(answers).to.deep.equal([]);
    expect(reasons).to.deep.equal(Array(6).fill("CHAT_NOT_FOUND"));
    expect((await refusal(send(mallory, "hi"))).detail).to.equal(`Chat with id=${chat_id} not found`);
    expect(await sequence()).to.include({ last_seq: 1 });
  });

  it("a reply needs an undeleted message of the same chat", async () => {
    const elsewhere = await school.messages.sendMessage(
      { chat_id: await school.chat(alice), text: "elsewhere", file_ids: [] },
      school.as(alice),
    );
    const deleted = await send(alice, "gone");
    await school.messages.deleteMessage({ message_id: deleted.id }, school.as(alice));
    for (const reply_to_id of [elsewhere.id, deleted.id, 999999]) {
      const { reason, detail } = await refusal(send(alice, "re", { reply_to_id }));
      expect([reason, detail]).to.deep.equal(["MESSAGE_NOT_FOUND", `Message with id=${reply_to_id} not found`]);
      const inBatch = await refusal(batch(alice, { text: "one" }, { text: "re", reply_to_id }));
      expect(inBatch.detail).to.equal(`Message with id=${reply_to_id} not found`);
    }
    expect(await sequence()).to.include({ last_seq: 1 });
  });

  it("a batch gets consecutive seqs in its order", async () => {
    const { id } = await send(bob, "question");
    const { messages } = await batch(alice, { text: '{a}, "b\\' }, { text: "b", reply_to_id: id }, { text: "c" });
    expect(messages.map(({ seq, text }) => [seq, text])).to.deep.equal([
      [2, '{a}, "b\\'],
      [3, "b"],
      [4, "c"],
    ]);
    expect(messages[1]!.reply_to_id).to.equal(id);
    expect(await sequence()).to.include({ last_seq: 4, message_count: 4 });
  });

  it("each item of a batch is sent once per client_message_id, also within the batch", async () => {
    const first = await send(alice, "one", { client_message_id: "1" });
    const { messages } = await batch(
      alice,
      { text: "new" },
      { text: "one", client_message_id: "1" },
      { text: "two", client_message_id: "2" },
      { text: "two", client_message_id: "2" },
      { text: "last" },
    );
    expect(messages.map(({ seq }) => seq)).to.deep.equal([2, 1, 3, 3, 4]);
    expect(messages[1]!.id).to.equal(first.id);
    const again = await batch(alice, { text: "two", client_message_id: "2" }, { text: "one", client_message_id: "1" });
    expect(again.messages.map(({ seq }) => seq)).to.deep.equal([3, 1]);
    expect(await sequence()).to.include({ last_seq: 4 });
  });

  it("a batch is sent as a whole or not at all", async () => {
    await send(alice, "one", { client_message_id: "1" });
    const other = batch(alice, { text: "new" }, { text: "other", client_message_id: "1" });
    expect((await refusal(other)).reason).to.equal("CLIENT_MESSAGE_ID_REUSED");
    const contradiction = batch(alice, { text: "a", client_message_id: "2" }, { text: "b", client_message_id: "2" });
    expect((await refusal(contradiction)).reason).to.equal("CLIENT_MESSAGE_ID_REUSED");
    expect(await sequence()).to.include({ last_seq: 1, rows: 1 });
  });

  it("twenty concurrent calls of the same batch send it once", async () => {
    const items = upTo(10).map((number) => ({ text: `text ${number}`, client_message_id: `key ${number}` }));
    const { answers } = await outcomes(upTo(20).map(() => batch(alice, ...items)));
    expect(answers).to.have.length(20);
    for (const { messages } of answers) expect(messages.map(({ seq }) => seq)).to.deep.equal(upTo(10));
    expect(await sequence()).to.include({ last_seq: 10, rows: 10 });
  });

  it("batches that share some client_message_ids send each of them once", async () => {
    const { answers, reasons } = await outcomes(upTo(20).map((worker) => batch(alice, ...keys(worker % 5))));
    expect(reasons).to.deep.equal([]);
    expect(answers).to.have.length(20);
    expect(await sequence()).to.include({ last_seq: 10, rows: 10 });
  });
});
