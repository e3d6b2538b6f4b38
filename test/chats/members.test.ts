import { expect } from "chai";
import type { ChatRole } from "../../src/gen/lyceum/v1/chat.js";
import { type CallOptions, openSchool, type School } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";
import { outcomes, reasonOf } from "../support/outcomes.js";

describe("members of a chat", () => {
  let school: School;
  let alice: number;
  let bob: number;
  let carol: number;
  let admin: number;
  let chat_id: number;

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
    chat_id = await school.chat(alice, bob);
  });

  const superAdmin = { role: "ROLE_SUPER_ADMIN" } as const;
  const add = (as: number, user_id: number, role: ChatRole = "CHAT_ROLE_MEMBER", options?: CallOptions) =>
    school.chats.addChatMember({ chat_id, user_id, role }, school.as(as, options));
  const change = (as: number, user_id: number, role?: ChatRole, options?: CallOptions) =>
    school.chats.updateChatMember({ chat_id, user_id, ...(role && { role }) }, school.as(as, options));
  const remove = (as: number, user_id: number, options?: CallOptions) =>
    school.chats.removeChatMember({ chat_id, user_id }, school.as(as, options));
  const leave = (as: number, new_owner_id?: number, options?: CallOptions) =>
    school.chats.leaveChat({ chat_id, ...(new_owner_id !== undefined && { new_owner_id }) }, school.as(as, options));
  const roles = async (): Promise<Record<number, ChatRole>> =>
    Object.fromEntries(
      (
        await school.sql<{ user_id: number; role: ChatRole }>(
          "select user_id, role from chat_members where chat_id = $1",
          [chat_id],
        )
      ).map(({ user_id, role }) => [user_id, role]),
    );

  it("who are added together have joined at one moment", async () => {
    const together = await Promise.all(upTo(50).map(() => school.person()));
    const chat = await school.chat(alice, ...together);
    const moments = await school.sql<{ count: number }>(
      "select count(distinct joined_at)::integer as count from chat_members where chat_id = $1 and role = 'CHAT_ROLE_MEMBER'",
      [chat],
    );
    expect(moments).to.deep.equal([{ count: 1 }]);
  });

  it("are listed page by page, owners first, then in the order of joining", async () => {
    const added: number[] = [];
    for (const _ of upTo(4)) added.push(await school.person());
    for (const user_id of added) await add(alice, user_id);
    await change(alice, added[2]!, "CHAT_ROLE_OWNER");
    const walked: number[] = [];
    for (let page_token = ""; ;) {
      const request = { chat_id, include: [], limit: 2, ...(page_token && { page_token }) };
      const page = await school.chats.listChatMembers(request, school.as(bob));
      walked.push(...page.members.map(({ user_id }) => user_id));
      page_token = page.next_page_token;
      if (!page_token) break;
    }
    expect(walked).to.deep.equal([alice, added[2], bob, added[0], added[1], added[3]]);
    const { members } = await school.chats.listChatMembers({ include: [], chat_id, skip: 2, limit: 1 }, school.as(bob));
    expect(members[0]).to.include({ chat_id, user_id: bob, first_name: "Anna", last_name: "Smith", last_read_seq: 0 });
    const outside = { chat_id, include: [] };
    expect(await reasonOf(school.chats.listChatMembers(outside, school.as(carol)))).to.equal("CHAT_NOT_FOUND");
    expect(await reasonOf(school.chats.listChatMembers(outside, school.as(admin, superAdmin)))).to.equal(
      "CHAT_NOT_FOUND",
    );
  });

  it("are added by owners and super admins", async () => {
    expect(await reasonOf(add(bob, carol))).to.equal("PERMISSION_DENIED");
    expect(await reasonOf(add(carol, carol))).to.equal("CHAT_NOT_FOUND");
    expect(await reasonOf(add(alice, 999999))).to.equal("USER_NOT_FOUND");
    expect(await add(alice, carol)).to.include({ user_id: carol, role: "CHAT_ROLE_MEMBER", first_name: "Anna" });
    expect(await reasonOf(add(alice, carol))).to.equal("ALREADY_MEMBER");
    expect(await add(admin, admin, "CHAT_ROLE_OWNER", superAdmin)).to.include({ role: "CHAT_ROLE_OWNER" });
  });

  it("are added once in twenty concurrent calls for the same user", async () => {
    const { answers, reasons } = await outcomes(upTo(20).map(() => add(alice, carol)));
    expect(answers).to.have.length(1);
    expect(new Set(reasons)).to.deep.equal(new Set(["ALREADY_MEMBER"]));
  });

  it("may become owners, and members again while one owner is left", async () => {
    expect(await reasonOf(change(bob, bob, "CHAT_ROLE_OWNER"))).to.equal("PERMISSION_DENIED");
    expect(await reasonOf(change(alice, carol, "CHAT_ROLE_OWNER"))).to.equal("MEMBER_NOT_FOUND");
    expect(await reasonOf(change(alice, alice, "CHAT_ROLE_MEMBER"))).to.equal("LAST_OWNER");
    expect(await reasonOf(change(admin, alice, "CHAT_ROLE_MEMBER", superAdmin))).to.equal("LAST_OWNER");
    expect(await change(alice, bob)).to.include({ role: "CHAT_ROLE_MEMBER" });
    expect(await change(alice, bob, "CHAT_ROLE_OWNER")).to.include({ user_id: bob, role: "CHAT_ROLE_OWNER" });
    expect(await change(bob, alice, "CHAT_ROLE_MEMBER")).to.include({ role: "CHAT_ROLE_MEMBER" });
    expect(await roles()).to.deep.equal({ [alice]: "CHAT_ROLE_MEMBER", [bob]: "CHAT_ROLE_OWNER" });
  });

  it("may be removed by owners and super admins, except the last owner", async () => {
    expect(await reasonOf(remove(bob, alice))).to.equal("PERMISSION_DENIED");
    expect(await reasonOf(remove(carol, bob))).to.equal("CHAT_NOT_FOUND");
    expect(await reasonOf(remove(admin, alice, superAdmin))).to.equal("LAST_OWNER");
    expect(await reasonOf(remove(alice, carol))).to.equal("MEMBER_NOT_FOUND");
    await remove(alice, bob);
    expect(await reasonOf(school.chats.getChat({ include: [], chat_id }, school.as(bob)))).to.equal("CHAT_NOT_FOUND");
    await add(alice, bob);
    await remove(admin, bob, superAdmin);
    expect(await roles()).to.deep.equal({ [alice]: "CHAT_ROLE_OWNER" });
  });

  it("may leave, the last owner only by naming another", async () => {
    await add(alice, carol);
    expect(await reasonOf(leave(alice))).to.equal("LAST_OWNER");
    expect(await reasonOf(leave(alice, admin))).to.equal("MEMBER_NOT_FOUND");
    expect(await reasonOf(leave(alice, alice))).to.equal("MEMBER_NOT_FOUND");
    expect(await reasonOf(leave(admin, undefined, superAdmin))).to.equal("CHAT_NOT_FOUND");
    await leave(alice, bob);
    expect(await roles()).to.deep.equal({ [bob]: "CHAT_ROLE_OWNER", [carol]: "CHAT_ROLE_MEMBER" });
  });

  it("cannot name an owner when they leave without being one", async () => {
    await add(alice, carol);
    await leave(bob, carol);
    expect(await roles()).to.deep.equal({ [alice]: "CHAT_ROLE_OWNER", [carol]: "CHAT_ROLE_MEMBER" });
  });

  it("leave no chat behind when the last one leaves", async () => {
    await school.messages.sendMessage({ chat_id, text: "words", file_ids: [] }, school.as(bob));
    await leave(bob);
    await leave(alice);
    expect(await school.sql("select id from chats where id = $1", [chat_id])).to.deep.equal([]);
  });

  it("keep one of two owners who leave in twenty concurrent calls", async () => {
    await change(alice, bob, "CHAT_ROLE_OWNER");
    await add(alice, carol);
    const { reasons } = await outcomes(upTo(20).map((number) => leave(number % 2 ? alice : bob)));
    expect(reasons.filter((reason) => reason === "LAST_OWNER")).not.to.deep.equal([]);
    expect(Object.values(await roles()).sort()).to.deep.equal(["CHAT_ROLE_MEMBER", "CHAT_ROLE_OWNER"]);
  });

  it("keep one of two owners who demote and remove each other in twenty concurrent calls", async () => {
    await change(alice, bob, "CHAT_ROLE_OWNER");
    await outcomes<unknown>(
      upTo(20).map((number) => {
        const [one, other] = number % 2 ? [alice, bob] : [bob, alice];
        return number % 4 < 2 ? remove(one, other) : change(one, other, "CHAT_ROLE_MEMBER");
      }),
    );
    expect(Object.values(await roles())).to.include("CHAT_ROLE_OWNER");
  });

  it("leave no chat behind when all leave at once", async () => {
    await add(alice, carol, "CHAT_ROLE_OWNER");
    await change(alice, bob, "CHAT_ROLE_OWNER");
    const all = [alice, bob, carol];
    for (let turn = 0; turn < 3; turn++) await outcomes(all.map((user) => leave(user)));
    expect(await school.sql("select id from chats where id = $1", [chat_id])).to.deep.equal([]);
  });

  it("cannot be added to a direct chat or leave it", async () => {
    chat_id = (await school.chats.openDirectChat({ user_id: bob }, school.as(alice))).id;
    const attempts = [
      () => add(alice, carol),
      () => change(alice, bob, "CHAT_ROLE_OWNER"),
      () => remove(alice, bob),
      () => leave(alice),
      () => add(admin, carol, "CHAT_ROLE_MEMBER", superAdmin),
    ];
    for (const attempt of attempts) expect(await reasonOf(attempt())).to.equal("DIRECT_CHAT");
    expect(await reasonOf(add(carol, carol))).to.equal("CHAT_NOT_FOUND");
  });
});
