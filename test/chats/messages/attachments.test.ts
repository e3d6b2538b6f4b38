import { createHash } from "node:crypto";
import { expect } from "chai";
import { callWithoutRequest } from "../../../src/call.js";
import { requestHash } from "../../../src/chats/messages/sending.js";
import { sweepChats } from "../../../src/chats/sweep.js";
import type { BatchMessage, Message } from "../../../src/gen/lyceum/v1/message.js";
import type { Database } from "../../../src/platform/database/database.js";
import { log, openSchool, type School } from "../../support/call-as.js";
import { seeded, upTo } from "../../support/numbers.js";
import { outcomes, reasonOf } from "../../support/outcomes.js";
import { uploaded } from "./uploads.js";

describe("attachments of messages", () => {
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

  type Sent = Partial<Omit<BatchMessage, "file_ids">>;
  const upload = (owner: number, name?: string) => uploaded(school, owner, name);
  const send = (as: number, file_ids: number[], more: Sent = {}) =>
    school.messages.sendMessage({ chat_id, text: "", file_ids, ...more }, school.as(as));
  const batch = async (as: number, ...items: (Sent & { file_ids: number[] })[]) => {
    const messages = items.map((item) => Object.assign({ text: "" }, item));
    return (await school.messages.batchSendMessages({ chat_id, messages }, school.as(as))).messages;
  };
  /** Without what only a send tells of a message. */
  const shown = ({ id, seq, text, attachments }: Message) => ({ id, seq, text, attachments });
  const idsOf = (message: Message) => (message.attachments ?? []).map(({ id }) => id);
  const list = async (as = alice) =>
    (
      await school.messages.listMessages(
        { chat_id, include: [], created_after: undefined, created_before: undefined },
        school.as(as),
      )
    ).messages;
  /** What is left of files: their ids, whether something uses them, and the message that does. */
  const kept = (...ids: number[]) =>
    school.sql<{ id: number; is_claimed: boolean; message_id?: number }>(
      `select f.id, f.claimed_at is not null as is_claimed, a.message_id
         from files f left join message_attachments a on a.file_id = f.id where f.id = any($1::bigint[]) order by f.id`,
      [ids],
    );
  const unused = (id: number) => ({ id, is_claimed: false, message_id: undefined });

  it("are the files of the sender, in the order of the send, wherever the message is answered", async () => {
    const files = [await upload(alice, "one.png"), await upload(alice, "two.png"), await upload(alice, "three.png")];
    const order = [files[2]!, files[0]!, files[1]!];
    const sent = await send(alice, order, { text: "look" });
    expect(idsOf(sent)).to.deep.equal(order);
    const [row] = await school.sql<{ created_at: string; claimed_at: string; sha256: string }>(
      `select created_at, claimed_at, encode(sha256, 'hex') as sha256
         from files join file_contents on file_id = id where id = $1`,
      [order[0]],
    );
    expect(sent.attachments[0]).to.deep.equal({
      id: order[0],
      name: "three.png",
      media_type: "image/png",
      size: 70,
      purpose: "FILE_PURPOSE_ATTACHMENT",
      ...row,
    });
    const message_id = sent.id;
    const edited = await school.messages.updateMessage({ message_id, text: "look at this" }, school.as(alice));
    expect(edited).to.deep.include({ text: "look at this", version: 2, attachments: sent.attachments });
    const { chat, messages } = await school.chats.getChat({ chat_id, limit: 5, include: [] }, school.as(bob));
    const query = { include: [], created_after: undefined, created_before: undefined };
    const found = await school.messages.listMessages({ chat_id, query: "look", ...query }, school.as(bob));
    const { chats } = await school.chats.listChats({ include: [] }, school.as(bob));
    for (const answer of [
      await school.messages.getMessage({ message_id }, school.as(bob)),
      (await list(bob))[0]!,
      found.messages[0]!,
      messages[0]!,
      chat!.last_message!,
      chats.find(({ id }) => id === chat_id)!.last_message!,
    ])
      expect(answer.attachments).to.deep.equal(sent.attachments);
  });

  it("make a text unnecessary, which an edit can then take away and bring back", async () => {
    const { id: message_id } = await send(bob, [await upload(bob)], { text: "caption" });
    const edit = (id: number, text: string) => school.messages.updateMessage({ message_id: id, text }, school.as(bob));
    expect(await edit(message_id, "")).to.include({ text: "", version: 2 });
    expect(await edit(message_id, "new")).to.include({ text: "new", version: 3 });
    const plain = await school.messages.sendMessage({ chat_id, text: "hi", file_ids: [] }, school.as(bob));
    expect(await reasonOf(edit(plain.id, ""))).to.equal("INVALID_FIELDS");
    expect(await reasonOf(send(bob, []))).to.equal("INVALID_FIELDS");
  });

  it("a message is not sent with a file that is another's, of another purpose, used, missing or named twice", async () => {
    const mine = await upload(alice);
    const used = await upload(alice);
    await send(alice, [used]);
    const avatar = await uploaded(school, alice, "me.png", "FILE_PURPOSE_AVATAR");
    const before = await list();
    for (const other of [await upload(bob), avatar, used, 2 ** 50, mine]) {
      expect(await reasonOf(send(alice, [mine, other]))).to.equal("FILE_NOT_USABLE");
      expect(
        await reasonOf(batch(alice, { text: "first", file_ids: [] }, { file_ids: [mine] }, { file_ids: [other] })),
      ).to.equal("FILE_NOT_USABLE");
    }
    expect(await list()).to.deep.equal(before);
    expect(await kept(mine)).to.deep.equal([unused(mine)]);
    const [sequence] = await school.sql("select last_seq, message_count from chat_sequences where chat_id = $1", [
      chat_id,
    ]);
    expect(sequence).to.deep.equal({ last_seq: 1, message_count: 1 });
  });

  it("nobody outside of a chat learns there which files exist", async () => {
    const mine = await upload(mallory);
    for (const id of [mine, await upload(alice), 2 ** 50])
      expect(await reasonOf(send(mallory, [id]))).to.equal("CHAT_NOT_FOUND");
    expect(await kept(mine)).to.deep.equal([unused(mine)]);
  });

  it("a retry returns the message with its files, and one with other files or another order is refused", async () => {
    const [one, two] = [await upload(alice, "1"), await upload(alice, "2")];
    const key = { client_message_id: "key" };
    const first = await send(alice, [one, two], key);
    expect(shown(await send(alice, [one, two], key))).to.deep.equal(shown(first));
    const [again] = await batch(alice, { file_ids: [one, two], ...key });
    expect(shown(again!)).to.deep.equal(shown(first));
    for (const others of [[one], [two, one], [one, two, await upload(alice)]])
      expect(await reasonOf(send(alice, others, key))).to.equal("CLIENT_MESSAGE_ID_REUSED");
    expect(await reasonOf(send(alice, [], { text: "text", ...key }))).to.equal("CLIENT_MESSAGE_ID_REUSED");

    const three = await upload(alice, "3");
    const mixed = await batch(
      alice,
      { file_ids: [three], client_message_id: "b" },
      { file_ids: [one, two], ...key },
      { text: "plain", file_ids: [] },
      { file_ids: [three], client_message_id: "b" },
    );
    expect(mixed.map(idsOf)).to.deep.equal([[three], [one, two], [], [three]]);
    expect(mixed.map(({ id }) => id === first.id)).to.deep.equal([false, true, false, false]);
  });

  it("a retry without files is that of a message which a version without files has stored", () => {
    const stored = createHash("sha256").update("5 hi").digest();
    expect(requestHash({ text: "hi", client_message_id: "key", reply_to_id: 5, file_ids: [] })).to.deep.equal(stored);
  });

  it("twenty concurrent calls of one send with files make one message, which has them", async () => {
    const file_ids = [await upload(alice), await upload(alice)];
    const { answers, reasons } = await outcomes(
      upTo(20).map(() => send(alice, file_ids, { client_message_id: "key" })),
    );
    expect(reasons).to.deep.equal([]);
    expect(new Set(answers.map(({ id }) => id)).size).to.equal(1);
    for (const answer of answers) expect(idsOf(answer)).to.deep.equal(file_ids);
    expect(await list()).to.have.length(1);
  });

  it("one of twenty messages, in one chat and in others, gets a file that all are sent with", async () => {
    const file = await upload(alice);
    const others = [await upload(alice), await upload(alice)];
    const chats = [chat_id, await school.chat(alice), await school.chat(alice)];
    const { answers, reasons } = await outcomes(
      upTo(20).map((number) => {
        const file_ids = number % 2 === 0 ? [others[0]!, file, others[1]!] : [others[1]!, file, others[0]!];
        return school.messages.sendMessage({ chat_id: chats[number % 3]!, text: "", file_ids }, school.as(alice));
      }),
    );
    expect(answers).to.have.length(1);
    expect(new Set(reasons)).to.deep.equal(new Set(["FILE_NOT_USABLE"]));
    expect(await kept(file)).to.deep.equal([{ id: file, is_claimed: true, message_id: answers[0]!.id }]);
    const [sequences] = await school.sql<{ total: number }>(
      "select sum(last_seq)::bigint as total from chat_sequences where chat_id = any($1::bigint[])",
      [chats],
    );
    expect(sequences!.total).to.equal(1);
  });

  it("go with their message, which keeps its place", async () => {
    const [file, other] = [await upload(bob), await upload(bob)];
    const { id: message_id } = await send(bob, [file], { text: "caption", client_message_id: "key" });
    await send(bob, [other]);
    expect(await reasonOf(school.messages.deleteMessage({ message_id }, school.as(mallory)))).to.equal(
      "MESSAGE_NOT_FOUND",
    );
    await school.messages.deleteMessage({ message_id }, school.as(alice));
    expect(await kept(file)).to.deep.equal([]);
    expect(await kept(other)).to.have.length(1);
    const [, deleted] = await list();
    expect(deleted).to.include({ id: message_id, text: "", seq: 1 });
    expect(idsOf(deleted!)).to.deep.equal([]);
    // The retry of the send finds what is left of it.
    expect(await send(bob, [file], { text: "caption", client_message_id: "key" })).to.include({
      id: message_id,
      text: "",
    });
    expect(await reasonOf(send(bob, [file]))).to.equal("FILE_NOT_USABLE");
  });

  it("are not gone when the message may not be deleted, by whom or in this version", async () => {
    const file = await upload(alice);
    const { id: message_id } = await send(alice, [file]);
    expect(await reasonOf(school.messages.deleteMessage({ message_id }, school.as(bob)))).to.equal("PERMISSION_DENIED");
    const stale = school.as(alice, { ifMatch: [7] });
    expect(await reasonOf(school.messages.deleteMessage({ message_id }, stale))).to.equal("PRECONDITION_FAILED");
    expect(await kept(file)).to.have.length(1);
    await school.messages.deleteMessage({ message_id }, school.as(mallory, { role: "ROLE_SUPER_ADMIN" }));
    expect(await kept(file)).to.deep.equal([]);
    const records = await school.sql("select from audit_events where action = 'message.delete' and target_id = $1", [
      String(message_id),
    ]);
    expect(records).to.have.length(1);
  });

  it("go with their chat, however it goes", async () => {
    const ways: Record<string, () => Promise<unknown>> = {
      "its owner deletes it": () => school.chats.deleteChat({ chat_id }, school.as(alice)),
      "its last member leaves it": async () => {
        await school.chats.leaveChat({ chat_id }, school.as(bob));
        await school.chats.leaveChat({ chat_id }, school.as(alice));
      },
      "a sweep finds it without members": async () => {
        await school.sql("delete from chat_members where chat_id = $1", [chat_id]);
        await sweepChats.run(school.database, new AbortController().signal);
      },
    };
    for (const [way, end] of Object.entries(ways)) {
      chat_id = await school.chat(alice, bob);
      const files = await Promise.all(upTo(12).map(() => upload(alice)));
      await send(alice, files.slice(0, 10));
      await batch(alice, ...files.slice(10).map((id) => ({ file_ids: [id] })), { text: "plain", file_ids: [] });
      const other = await upload(alice);
      await end();
      expect(await school.sql("select from chats where id = $1", [chat_id]), way).to.deep.equal([]);
      expect(await kept(...files, other), way).to.deep.equal([unused(other)]);
    }
  });

  it("stay for the members when their sender's account ends, and go with the chats that it ends", async () => {
    const carol = await school.account();
    const [shared, own] = [await upload(carol.id), await upload(carol.id)];
    const alone = await school.chats.createChat({ title: "own", member_ids: [] }, carol.call);
    await school.messages.sendMessage({ chat_id: alone.id, text: "", file_ids: [own] }, carol.call);
    chat_id = await school.chat(alice, carol.id);
    const sent = await school.messages.sendMessage({ chat_id, text: "", file_ids: [shared] }, carol.call);
    await school.auth.deleteMe({ password: carol.password }, carol.call);
    expect((await list())[0]!.attachments).to.deep.equal(sent.attachments);
    expect((await kept(shared, own)).map(({ id }) => id)).to.deep.equal([shared]);
  });

  it("no file is lost or left over while twenty send, delete, and drop files at once", async () => {
    const random = seeded(11);
    const chats = [chat_id, await school.chat(alice, bob)];
    const files = await Promise.all(upTo(40).map((number) => upload(alice, `content ${number % 3}`)));
    const work = async (): Promise<void> => {
      for (let turn = 0; turn < 6; turn++) {
        const some = [...new Set(upTo(3).map(() => files[random(files.length)]!))];
        const into = chats[random(2)]!;
        // As DeleteFile does.
        if (random(4) === 0)
          await school.sql("delete from files where id = $1 and claimed_at is null", [files[random(files.length)]]);
        const { answers, reasons } = await outcomes([
          school.messages.sendMessage({ chat_id: into, text: "", file_ids: some }, school.as(alice)),
        ]);
        expect(reasons.filter((reason) => reason !== "FILE_NOT_USABLE")).to.deep.equal([]);
        if (answers[0] && random(2) === 0)
          await school.messages.deleteMessage({ message_id: answers[0].id }, school.as(alice));
      }
    };
    await Promise.all(upTo(20).map(work));
    const odd = await school.sql(
      `select f.id from files f left join message_attachments a on a.file_id = f.id left join messages m on m.id = a.message_id
        where f.id = any($1::bigint[])
          and (f.claimed_at is not null) <> coalesce(m.deleted_at is null and m.attachments @> jsonb_build_array(jsonb_build_object('id', f.id)), false)`,
      [files],
    );
    expect(odd).to.deep.equal([]);
    const attached = await school.sql<{ id: number }>(
      `select (file ->> 'id')::bigint as id from messages, jsonb_array_elements(attachments) file where chat_id = any($1::bigint[])
        order by 1`,
      [chats],
    );
    const claimed = (await kept(...files)).filter(({ is_claimed }) => is_claimed).map(({ id }) => id);
    expect(attached.map(({ id }) => id)).to.deep.equal(claimed);
  });

  it("cost what has none nothing: a send, a deletion, a message and a page with files are one statement each", async () => {
    await send(alice, [await upload(alice)]);
    const asked: string[] = [];
    const { database } = school;
    const counting: Database = {
      one: (query, values) => (asked.push(query.name), database.one(query, values)),
      many: (query, values) => (asked.push(query.name), database.many(query, values)),
      transaction: (work) => (asked.push("a transaction"), database.transaction(work)),
      afterCommit: (work) => database.afterCommit(work),
      with: () => counting,
    };
    const call = callWithoutRequest(school.as(alice).user, { log, database: counting });
    const { id: message_id } = await school.messages.sendMessage({ chat_id, text: "plain", file_ids: [] }, call);
    const request = { chat_id, include: [], created_after: undefined, created_before: undefined };
    expect((await school.messages.listMessages(request, call)).messages.map(({ seq }) => seq)).to.deep.equal([2, 1]);
    await school.messages.getMessage({ message_id }, call);
    await school.messages.deleteMessage({ message_id }, call);
    expect(asked).to.deep.equal(["insert-message", "list-messages", "find-message", "delete-message"]);
  });
});
