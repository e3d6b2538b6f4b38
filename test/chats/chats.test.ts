import { expect } from "chai";
import type { Chat, ListChatsRequest } from "../../src/gen/lyceum/v1/chat.js";
import { statement } from "../../src/platform/database/statement.js";
import { type CallOptions, openSchool, type School } from "../support/call-as.js";
import { seeded, upTo } from "../support/numbers.js";
import { outcomes, reasonOf, refusal } from "../support/outcomes.js";

describe("chats", () => {
  let school: School;
  let alice: number;
  let bob: number;
  let carol: number;
  let admin: number;

  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());
  beforeEach(async () => {
    alice = await school.person("Алёна", "Ёлкина");
    bob = await school.person("Bob", "Baker");
    carol = await school.person("Carol", "100%_Cook");
    admin = await school.person();
  });

  const superAdmin = { role: "ROLE_SUPER_ADMIN" } as const;
  const make = (as: number, title: string, ...member_ids: number[]): Promise<Chat> =>
    school.chats.createChat({ title, member_ids }, school.as(as));
  const list = (as: number, wanted: Partial<ListChatsRequest> = {}) =>
    school.chats.listChats({ include: [], ...wanted }, school.as(as));
  const say = (as: number, chat_id: number, text = "text") =>
    school.messages.sendMessage({ chat_id, text, file_ids: [] }, school.as(as));

  it("a new chat is owned by its creator", async () => {
    const chat = await make(alice, "Tea", bob, alice);
    expect(chat).to.include({
      title: "Tea",
      kind: "CHAT_KIND_GROUP",
      member_count: 2,
      message_count: 0,
      last_seq: 0,
      last_read_seq: 0,
      unread_count: 0,
      role: "CHAT_ROLE_OWNER",
      version: 1,
    });
    expect(chat.last_message).to.equal(undefined);
    const { chat: seen, messages } = await school.chats.getChat({ include: [], chat_id: chat.id }, school.as(bob));
    expect(seen).to.deep.equal({ ...chat, role: "CHAT_ROLE_MEMBER" });
    expect(messages).to.deep.equal([]);
  });

  it("a member who does not exist is named in the error, and no chat is made", async () => {
    const { reason, detail } = await refusal(make(alice, "Ghosts", bob, 999999));
    expect([reason, detail]).to.deep.equal(["USER_NOT_FOUND", "User with id=999999 not found"]);
    expect((await list(alice)).chats).to.deep.equal([]);
  });

  it("twenty concurrent calls of two users open the same direct chat", async () => {
    const opened = await Promise.all(
      upTo(20).map((number) =>
        number % 2
          ? school.chats.openDirectChat({ user_id: bob }, school.as(alice))
          : school.chats.openDirectChat({ user_id: alice }, school.as(bob)),
      ),
    );
    expect(new Set(opened.map(({ id }) => id)).size).to.equal(1);
    expect(opened[0]).to.include({
      title: "Bob Baker",
      direct_user_id: bob,
      kind: "CHAT_KIND_DIRECT",
      member_count: 2,
    });
    expect(opened[1]).to.include({ title: "Алёна Ёлкина", direct_user_id: alice, role: "CHAT_ROLE_MEMBER" });
    expect(await reasonOf(school.chats.getChat({ include: [], chat_id: opened[0]!.id }, school.as(carol)))).to.equal(
      "CHAT_NOT_FOUND",
    );
  });

  it("a chat with oneself has one member", async () => {
    const chat = await school.chats.openDirectChat({ user_id: alice }, school.as(alice));
    expect(chat).to.include({ title: "Алёна Ёлкина", direct_user_id: alice, member_count: 1 });
    expect((await school.chats.openDirectChat({ user_id: alice }, school.as(alice))).id).to.equal(chat.id);
    expect(await reasonOf(school.chats.openDirectChat({ user_id: 999999 }, school.as(alice)))).to.equal(
      "USER_NOT_FOUND",
    );
  });

  it("the list shows the newest message that is not deleted", async () => {
    const { id } = await make(alice, "Tea", bob);
    const first = await say(alice, id, "first");
    const second = await say(alice, id, 'second "quoted" \\ \n');
    const shown = async () => (await list(bob)).chats[0]!.last_message;
    // JSON drops the properties that are undefined.
    const whole = async ({ id }: { id: number }) =>
      JSON.parse(JSON.stringify(await school.messages.getMessage({ message_id: id }, school.as(bob)))) as unknown;
    expect(await shown()).to.deep.equal(await whole(second));
    await school.messages.deleteMessage({ message_id: second.id }, school.as(alice));
    await school.messages.updateMessage({ message_id: first.id, text: "edited" }, school.as(alice));
    expect(await shown()).to.deep.equal(await whole(first));
    await school.messages.deleteMessage({ message_id: first.id }, school.as(alice));
    expect(await shown()).to.equal(undefined);
  });

  it("every order lists each chat once over all pages", async () => {
    const titles = ["чай", "Ёж", "ежи", "Zebra", "apple", "ЯК", "чай", "еда"];
    const made: Chat[] = [];
    for (const title of titles) made.push(await make(alice, title));
    made.push(await school.chats.openDirectChat({ user_id: bob }, school.as(alice)));
    for (const index of [3, 0, 8, 5]) {
      await say(alice, made[index]!.id);
      // Chats that are active in the same millisecond are ordered by id.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const active = [3, 0, 8, 5];
    const quiet = [1, 2, 4, 6, 7];
    const orders: Record<string, number[]> = {
      active_at: [...quiet, ...active],
      created_at: upTo(9).map((number) => number - 1),
      title: [4, 8, 3, 7, 1, 2, 0, 6, 5],
    };
    for (const [sort, order] of Object.entries(orders)) {
      for (const [direction, expected] of [
        ["", order],
        ["-", order.toReversed()],
      ] as const) {
        const walked: number[] = [];
        for (let page_token = ""; ;) {
          const page = await list(alice, { sort: direction + sort, limit: 2, ...(page_token && { page_token }) });
          walked.push(...page.chats.map(({ id }) => made.findIndex((chat) => chat.id === id)));
          page_token = page.next_page_token;
          if (!page_token) break;
        }
        expect(walked, direction + sort).to.deep.equal(expected);
        const skipped = await list(alice, { sort: direction + sort, skip: 3, limit: 3 });
        expect(skipped.chats.map(({ id }) => made.findIndex((chat) => chat.id === id))).to.deep.equal(
          expected.slice(3, 6),
        );
      }
    }
    const byDefault = (await list(alice)).chats.map(({ id }) => made.findIndex((chat) => chat.id === id));
    expect(byDefault).to.deep.equal(orders["active_at"]!.toReversed());
  });

  it("a query finds parts of titles in any order, and direct chats by the other user's name", async () => {
    await make(alice, "Вечернее чаепитие у Ёлки");
    await make(alice, "100% tea_time");
    await school.chats.openDirectChat({ user_id: carol }, school.as(alice));
    await make(bob, "чужое чаепитие");
    const find = async (query: string) => (await list(alice, { query, sort: "title" })).chats.map(({ title }) => title);
    expect(await find("ЧАЕП ечер")).to.deep.equal(["Вечернее чаепитие у Ёлки"]);
    expect(await find("елк")).to.deep.equal(["Вечернее чаепитие у Ёлки"]);
    expect(await find("100%")).to.deep.equal(["100% tea_time", "Carol 100%_Cook"]);
    expect(await find("a_t")).to.deep.equal(["100% tea_time"]);
    expect(await find("%")).to.have.length(2);
    expect(await find("cook")).to.deep.equal(["Carol 100%_Cook"]);
    expect(await find("чаепитие tea")).to.deep.equal([]);
    expect(await find("")).to.have.length(3);
    const wanted = { query: "0%", sort: "title", limit: 1 };
    const first = await list(alice, wanted);
    const rest = await list(alice, { ...wanted, page_token: first.next_page_token });
    expect([...first.chats, ...rest.chats].map(({ title }) => title)).to.deep.equal(await find("0%"));
    expect(rest.next_page_token).to.equal("");
  });

  it("owners and super admins may change the title, members and outsiders may not", async () => {
    const { id: chat_id } = await make(alice, "Tea", bob);
    await say(alice, chat_id);
    const rename = (as: number, title?: string, options?: CallOptions) =>
      school.chats.updateChat({ chat_id, ...(title !== undefined && { title }) }, school.as(as, options));
    expect(await rename(alice, "Coffee")).to.include({ title: "Coffee", version: 2, role: "CHAT_ROLE_OWNER" });
    expect(await rename(alice)).to.include({ title: "Coffee", version: 2 });
    expect(await rename(alice, "Coffee")).to.include({ version: 2 });
    const byAdmin = await rename(admin, "Cocoa", superAdmin);
    expect(byAdmin).to.include({ title: "Cocoa", version: 3, role: "CHAT_ROLE_MEMBER", unread_count: 0 });
    expect(byAdmin.last_message, "of a chat that the admin may not read").to.equal(undefined);
    expect(await reasonOf(rename(bob, "Mine"))).to.equal("PERMISSION_DENIED");
    expect(await reasonOf(rename(carol, "Mine"))).to.equal("CHAT_NOT_FOUND");
    expect(await reasonOf(rename(alice, "Late", { ifMatch: [1, 2] }))).to.equal("PRECONDITION_FAILED");
    expect(await rename(alice, "In time", { ifMatch: [3] })).to.include({ version: 4 });
    const direct = await school.chats.openDirectChat({ user_id: bob }, school.as(alice));
    const change = school.chats.updateChat({ chat_id: direct.id, title: "Us" }, school.as(alice));
    expect(await reasonOf(change)).to.equal("DIRECT_CHAT");
  });

  it("a chat is deleted with its members and messages", async () => {
    const { id: chat_id } = await make(alice, "Tea", bob);
    const { id: message_id } = await say(bob, chat_id);
    const remove = (as: number, options?: CallOptions) => school.chats.deleteChat({ chat_id }, school.as(as, options));
    expect(await reasonOf(remove(bob))).to.equal("PERMISSION_DENIED");
    expect(await reasonOf(remove(carol))).to.equal("CHAT_NOT_FOUND");
    expect(await reasonOf(remove(alice, { ifMatch: [7] }))).to.equal("PRECONDITION_FAILED");
    expect(await remove(alice)).to.deep.equal({});
    expect(await reasonOf(remove(alice))).to.equal("CHAT_NOT_FOUND");
    expect(await reasonOf(remove(admin, superAdmin))).to.equal("CHAT_NOT_FOUND");
    expect(await reasonOf(school.messages.getMessage({ message_id }, school.as(bob)))).to.equal("MESSAGE_NOT_FOUND");
    const left = await school.sql(
      "select chat_id from messages where chat_id = $1 union all select id from chats where id = $1",
      [chat_id],
    );
    expect(left).to.deep.equal([]);
  });

  it("no other call waits for a deletion that takes long", async () => {
    const [{ id: long }, { id: short }] = [await make(alice, "Long"), await make(bob, "Short")];
    // The state while its messages are being deleted: it has no members, and its row is locked.
    await school.sql("delete from chat_members where chat_id = $1", [long]);
    await school.database.transaction(async (queries) => {
      await queries.many(statement("pool", "test-hold-chat", "select id from chats where id = $1 for update"), [long]);
      expect(await school.chats.deleteChat({ chat_id: short }, school.as(bob))).to.deep.equal({});
      expect(await reasonOf(school.chats.deleteChat({ chat_id: long }, school.as(alice)))).to.equal("CHAT_NOT_FOUND");
    });
    expect(await school.sql("select id from chats where id = $1", [short])).to.deep.equal([]);
  });

  it("an outsider's call neither locks a chat nor waits for its lock", async () => {
    const { id: chat_id } = await make(alice, "Tea");
    await school.database.transaction(async (queries) => {
      await queries.many(statement("pool", "test-hold-chat", "select id from chats where id = $1 for update"), [
        chat_id,
      ]);
      expect(await reasonOf(school.chats.updateChat({ chat_id, title: "Mine" }, school.as(carol)))).to.equal(
        "CHAT_NOT_FOUND",
      );
    });
  });

  it("a direct chat that a super admin has deleted can be opened anew", async () => {
    const { id: chat_id } = await school.chats.openDirectChat({ user_id: bob }, school.as(alice));
    expect(await reasonOf(school.chats.deleteChat({ chat_id }, school.as(alice)))).to.equal("PERMISSION_DENIED");
    await say(alice, chat_id);
    await Promise.all([
      school.chats.deleteChat({ chat_id }, school.as(admin, superAdmin)),
      ...upTo(5).map(() => school.chats.openDirectChat({ user_id: bob }, school.as(alice))),
    ]);
    const again = await school.chats.openDirectChat({ user_id: alice }, school.as(bob));
    expect(again.id).not.to.equal(chat_id);
    expect(again).to.include({ message_count: 0, member_count: 2 });
  });

  it("every send into a chat that is being deleted either succeeds or is refused with CHAT_NOT_FOUND", async () => {
    const random = seeded(11);
    for (const _ of upTo(5)) {
      const { id: chat_id } = await make(alice, "Tea", bob);
      const { id: message_id } = await say(bob, chat_id);
      const later = <T>(act: () => Promise<T>): Promise<T> =>
        new Promise<T>((resolve, reject) => setTimeout(() => act().then(resolve, reject), random(8)));
      const { reasons } = await outcomes<unknown>([
        ...upTo(20).map((number) => later(() => say(number % 2 ? alice : bob, chat_id))),
        ...upTo(5).map(() =>
          later(() =>
            school.messages.batchSendMessages(
              { chat_id, messages: ["a", "b"].map((text) => ({ text, file_ids: [] })) },
              school.as(bob),
            ),
          ),
        ),
        later(() => school.messages.deleteMessage({ message_id }, school.as(bob))),
        later(() => school.chats.readChat({ chat_id, seq: 3 }, school.as(alice))),
        later(() => school.chats.leaveChat({ chat_id }, school.as(bob))),
        later(() => school.chats.deleteChat({ chat_id }, school.as(alice))),
      ]);
      expect(reasons.filter((reason) => !/^(CHAT|MESSAGE)_NOT_FOUND$/.test(reason))).to.deep.equal([]);
      expect(await school.sql("select id from messages where chat_id = $1", [chat_id])).to.deep.equal([]);
    }
  });
});
