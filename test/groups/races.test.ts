// What happens at once to groups, their members and their chats, in two processes of one school.
import { expect } from "chai";
import { openSchool, type Account, type School } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";
import { outcomes } from "../support/outcomes.js";

describe("groups, when much happens at once", function () {
  this.timeout(60_000);
  this.slow(5_000);
  let school: School;
  let there: School;
  let teachers: Account[];
  let made = 0;

  before(async () => {
    school = await openSchool();
    there = await openSchool(school.url);
    teachers = [];
    // A call locks its caller: teachers of their own do not wait for each other.
    for (const _ of upTo(5)) teachers.push(await school.account("ROLE_TEACHER"));
  });
  after(async () => {
    await there.close();
    await school.close();
  });

  const groupsOf = (at: number) => (at % 2 ? school : there).groups;
  const by = (at: number) => (at % 2 ? school : there).as(teachers[at % teachers.length]!.caller);
  const group = async (with_chat = true): Promise<number> =>
    (await school.groups.createGroup({ name: `Group ${++made}`, with_chat }, by(1))).id;
  const people = async (count: number): Promise<number[]> =>
    (await Promise.all(upTo(count).map(() => school.person()))).toSorted((a, b) => a - b);
  const add = (at: number, group_id: number, user_ids: number[]) =>
    groupsOf(at).addGroupMembers({ group_id, user_ids }, by(at));
  const chatOf = async (group_id: number) => (await school.groups.getGroup({ group_id }, by(1))).chat_id!;
  const groupIdsOf = async (ids: readonly number[]) =>
    (
      await school.sql<{ group_id?: number }>("select group_id from users where id = any($1::bigint[]) order by id", [
        ids,
      ])
    ).map(({ group_id }) => group_id);

  /** Who of these is in a chat without being in its group, or the other way round; of chats of no group none. */
  const outOfStep = (ids: readonly number[]) =>
    school.sql(
      `select u.id, u.group_id, g.id as other_id from users u join groups g on g.chat_id is not null
        where u.id = any($1::bigint[])
          and (u.group_id is not distinct from g.id)
           <> exists (select from chat_members m where m.chat_id = g.chat_id and m.user_id = u.id)`,
      [ids],
    );

  it("a person whom twenty move at once is in one group, and in its chat alone", async () => {
    const targets = await Promise.all(upTo(5).map(() => group()));
    const [anna] = await people(1);
    const { answers, reasons } = await outcomes(upTo(20).map((at) => add(at, targets[at % 5]!, [anna!])));
    expect({ answers: answers.length, reasons }).to.deep.equal({ answers: 20, reasons: [] });
    expect(targets).to.include((await groupIdsOf([anna!]))[0]);
    expect(await outOfStep([anna!])).to.deep.equal([]);
  });

  it("many who are moved at once, in any order, are each in one group and in its chat", async () => {
    const targets = await Promise.all(upTo(4).map(() => group()));
    const many = await people(12);
    const { reasons } = await outcomes(
      upTo(20).map((at) => add(at, targets[at % 4]!, at % 3 ? many : many.toReversed().slice(at % 5))),
    );
    expect(reasons).to.deep.equal([]);
    expect(await outOfStep(many)).to.deep.equal([]);
  });

  it("nobody is in a group that is deleted while people join it", async () => {
    for (const round of upTo(5)) {
      const id = await group();
      const many = await people(4);
      const [deleted, joined] = await Promise.all([
        outcomes([groupsOf(round).deleteGroup({ group_id: id }, by(round))]),
        outcomes(many.map((user, at) => add(at, id, [user]))),
      ]);
      const isDeleted = deleted.answers.length === 1;
      expect(deleted.reasons).to.deep.equal(isDeleted ? [] : ["GROUP_NOT_EMPTY"]);
      expect(joined.reasons).to.deep.equal(joined.reasons.map(() => "GROUP_NOT_FOUND"));
      if (isDeleted) expect(joined.answers).to.have.length(0);
      expect(await outOfStep(many)).to.deep.equal([]);
    }
  });

  it("whoever is in a group when it is deleted has moved, however late they joined", async () => {
    for (const round of upTo(5)) {
      const [id, target] = [await group(), await group()];
      const many = await people(6);
      await add(1, id, many.slice(0, 3));
      const [deleted, joined] = await Promise.all([
        outcomes([groupsOf(round).deleteGroup({ group_id: id, move_to_group_id: target }, by(round))]),
        outcomes(many.slice(3).map((user, at) => add(at, id, [user]))),
      ]);
      expect(deleted).to.deep.equal({ answers: [{}], reasons: [] });
      expect(joined.reasons).to.deep.equal(joined.reasons.map(() => "GROUP_NOT_FOUND"));
      const now = await groupIdsOf(many);
      expect(now.slice(0, 3)).to.deep.equal([target, target, target]);
      expect(now.filter((at) => at === target)).to.have.length(3 + joined.answers.length);
      expect(await outOfStep(many)).to.deep.equal([]);
    }
  });

  it("who joins or leaves while the chat is made is in it, or is not", async () => {
    for (const round of upTo(5)) {
      const id = await group(false);
      const many = await people(6);
      await add(1, id, many.slice(0, 3));
      const { reasons } = await outcomes<unknown>([
        ...upTo(3).map((at) => groupsOf(at).updateGroup({ group_id: id, with_chat: true }, by(at + round))),
        ...many.slice(3).map((user, at) => add(at, id, [user])),
        groupsOf(round).removeGroupMember({ group_id: id, user_id: many[0]! }, by(round)),
      ]);
      expect(reasons).to.deep.equal([]);
      expect(await chatOf(id)).to.be.a("number");
      expect(await outOfStep(many)).to.deep.equal([]);
    }
  });

  it("whose account ends while they are moved is in no group and in no chat", async () => {
    const [id, other] = [await group(), await group()];
    const leavers = await Promise.all(upTo(4).map(() => school.account()));
    const ids = leavers.map((leaver) => leaver.id);
    const { reasons } = await outcomes<unknown>([
      ...leavers.map(({ password, call }) => school.auth.deleteMe({ password }, call)),
      ...upTo(4).flatMap((at) => [add(at, id, ids), add(at, other, ids.toReversed())]),
    ]);
    expect(reasons).to.deep.equal(reasons.map(() => "USER_NOT_FOUND"));
    expect(await groupIdsOf(ids)).to.deep.equal(ids.map(() => undefined));
    expect(await school.sql("select user_id from chat_members where user_id = any($1::bigint[])", [ids])).to.deep.equal(
      [],
    );
  });

  it("a chat that is deleted while people join the group is gone, and the group has none", async () => {
    for (const round of upTo(5)) {
      const id = await group();
      const chat_id = await chatOf(id);
      const many = await people(4);
      const { reasons } = await outcomes<unknown>([
        school.chats.deleteChat({ chat_id }, by(1)),
        ...many.map((user, at) => add(at + round, id, [user])),
      ]);
      expect(reasons).to.deep.equal([]);
      expect(await school.groups.getGroup({ group_id: id }, by(1))).to.include({ member_count: 4, chat_id: undefined });
      expect(await school.sql("select from chats where id = $1", [chat_id])).to.deep.equal([]);
      expect(await groupIdsOf(many)).to.deep.equal(many.map(() => id));
    }
  });

  it("a name has one group when twenty take it at once, renamed or made", async () => {
    const ids = await Promise.all(upTo(10).map(() => group(false)));
    const { answers, reasons } = await outcomes([
      ...ids.map((group_id, at) => groupsOf(at).updateGroup({ group_id, name: at % 2 ? "Ёжики" : "ёжики" }, by(at))),
      ...upTo(10).map((at) => groupsOf(at).createGroup({ name: "ЁЖИКИ", with_chat: true }, by(at))),
    ]);
    expect(answers).to.have.length(1);
    expect(reasons).to.deep.equal(Array.from({ length: 19 }, () => "GROUP_NAME_TAKEN"));
  });
});
