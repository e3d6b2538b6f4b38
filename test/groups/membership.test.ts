// Moving people from group to group: what it costs, what it records; and how lists of groups are read.
import { expect } from "chai";
import { type Account, openSchool, type School } from "../support/call-as.js";
import { reasonOf } from "../support/outcomes.js";
import { moveToGroup } from "../../src/groups/membership.js";
import type { Call } from "../../src/call.js";
import type { Database, Queries } from "../../src/platform/database/database.js";
import type { Statement } from "../../src/platform/database/statement.js";
import { lockUsersToChange } from "../../src/users/standing.js";

describe("the members of groups", function () {
  this.timeout(60_000);
  this.slow(5_000);
  let school: School;
  let teacher: Account;
  let made = 0;

  before(async () => {
    school = await openSchool();
    teacher = await school.account("ROLE_TEACHER");
  });
  after(() => school.close());

  const group = async (with_chat = true): Promise<number> =>
    (await school.groups.createGroup({ name: `Group ${++made}`, with_chat }, teacher.call)).id;

  interface Asked {
    readonly statement: Statement<unknown>;
    readonly values: readonly unknown[];
  }

  /** A call whose statements are noted. */
  function noted(call: Call): { call: Call; asked: Asked[] } {
    const asked: Asked[] = [];
    const over = (queries: Queries): Queries => ({
      one: (statement, values) => (asked.push({ statement, values }), queries.one(statement, values)),
      many: (statement, values) => (asked.push({ statement, values }), queries.many(statement, values)),
    });
    const database: Database = {
      ...over(school.database),
      transaction: (work, options) => school.database.transaction((queries) => work(over(queries)), options),
      afterCommit: (work) => school.database.afterCommit(work),
      with: () => database,
    };
    return { call: { ...call, user: call.user, now: call.now, database } as Call, asked };
  }

  /** Moves users as other domains do. */
  const move = (ids: readonly number[], groupId: number | undefined, call: Call = teacher.call): Promise<void> =>
    call.database.transaction(async (queries) => {
      await lockUsersToChange(queries, ids);
      await moveToGroup(queries, school.as(teacher.caller), ids, groupId);
    });

  it("are moved by as many statements as one is, with chats and records of each", async () => {
    const groups = [await group(), await group(), await group()];
    const rows = await school.sql<{ id: number }>(
      `insert into users (email, first_name, last_name) select 'm' || n || '@example.org', 'M', 'M'
         from generate_series(1, 400) n returning id`,
    );
    const ids = rows.map(({ id }) => id);
    await move(ids.slice(0, 150), groups[0]);
    await move(ids.slice(150, 300), groups[1]);
    const [one, many] = [noted(teacher.call), noted(teacher.call)];
    await move(ids.slice(0, 1), groups[2], one.call);
    await move(ids, groups[2], many.call);
    expect(many.asked).to.have.length(one.asked.length);
    const [counts] = await school.sql(
      `select (select count(*)::int from users where group_id = $1) as in_group,
              (select count(*)::int from chat_members m join groups g on g.chat_id = m.chat_id where g.id = $1) as in_chat,
              (select count(*)::int from chat_members m join groups g on g.chat_id = m.chat_id where g.id = any($2)) as left_over,
              (select count(*)::int from audit_events where action = 'group_member.add'
                  and target_id = any(select $1 || '/' || id from unnest($3::bigint[]) id)) as recorded,
              (select count(*)::int from audit_events where action = 'group_member.remove' and target_id like $4) as removed`,
      [groups[2], groups.slice(0, 2), ids, `${groups[1]}/%`],
    );
    // The teacher owns each chat.
    expect(counts).to.deep.equal({ in_group: 400, in_chat: 401, left_over: 2, recorded: 400, removed: 150 });
    await move(ids, groups[2]);
    expect((await school.sql("select from audit_events where action = 'group_member.add'")).length).to.equal(700);
    await move(ids, undefined);
    expect(await school.sql("select id from users where group_id is not null")).to.deep.equal([]);
  });

  it("are not moved to a group that does not exist", async () => {
    const id = await group(false);
    const anna = await school.person();
    await move([anna], id);
    expect(await reasonOf(move([anna], 999_999_999))).to.equal("GROUP_NOT_FOUND");
    expect(await reasonOf(move([], 999_999_999))).to.equal("GROUP_NOT_FOUND");
    expect((await school.users.getUser({ user_id: anna }, teacher.call)).group_id).to.equal(id);
  });

  it("do not come into a chat that is being deleted, and the group gets another one", async () => {
    const id = await group();
    const { chat_id } = await school.groups.getGroup({ group_id: id }, teacher.call);
    // As the first transaction of a deletion leaves it.
    await school.sql("delete from chat_members where chat_id = $1", [chat_id]);
    const anna = await school.person();
    const added = await school.groups.addGroupMembers({ group_id: id, user_ids: [anna] }, teacher.call);
    expect(added).to.include({ member_count: 1, chat_id: undefined });
    await school.groups.updateGroup({ group_id: id, name: "Without a chat" }, teacher.call);
    expect(await school.sql("select from chat_members where chat_id = $1", [chat_id])).to.deep.equal([]);
    const again = await school.groups.updateGroup({ group_id: id, with_chat: true }, teacher.call);
    expect(again.chat_id).to.be.greaterThan(chat_id!);
    const { members } = await school.chats.listChatMembers({ chat_id: again.chat_id!, include: [] }, school.as(anna));
    expect(members.map(({ user_id }) => user_id)).to.deep.equal([teacher.id, anna]);
  });

  it("of a caller who has another role by now are not moved, and no group is made", async () => {
    const demoted = await school.account("ROLE_TEACHER");
    const anna = await school.person();
    const id = await group(false);
    await school.sql("update users set role = 'ROLE_STUDENT' where id = $1", [demoted.id]);
    const { groups } = school;
    for (const act of [
      () => groups.createGroup({ name: "Mine", with_chat: true }, demoted.call),
      () => groups.updateGroup({ group_id: id, name: "Mine" }, demoted.call),
      () => groups.addGroupMembers({ group_id: id, user_ids: [anna] }, demoted.call),
      () => groups.removeGroupMember({ group_id: id, user_id: anna }, demoted.call),
      () => groups.deleteGroup({ group_id: id }, demoted.call),
      () => groups.deleteGroup({ group_id: id, move_to_group_id: id }, demoted.call),
    ])
      expect(await reasonOf(act())).to.equal("INVALID_TOKEN");
    expect(await groups.getGroup({ group_id: id }, teacher.call)).to.include({ member_count: 0, version: 1 });
  });

  it("each act is recorded once, and what changes nothing is not", async () => {
    const recorded = async (since: number) =>
      (
        await school.sql<{ text: string }>(
          `select action || ' ' || target_type || ' ' || target_id as text from audit_events
            where id > $1 and actor_id = $2 order by id`,
          [since, teacher.id],
        )
      ).map(({ text }) => text);
    const [{ last }] = (await school.sql<{ last: number }>("select max(id) as last from audit_events")) as [
      { last: number },
    ];
    const { groups } = school;
    const [first, second] = [await group(), await group(false)];
    const anna = await school.person();
    await groups.updateGroup({ group_id: first, name: "Renamed" }, teacher.call);
    await groups.updateGroup({ group_id: first, name: "Renamed" }, teacher.call);
    await groups.addGroupMembers({ group_id: first, user_ids: [anna] }, teacher.call);
    await groups.addGroupMembers({ group_id: first, user_ids: [anna] }, teacher.call);
    await groups.deleteGroup({ group_id: first, move_to_group_id: second }, teacher.call);
    await groups.removeGroupMember({ group_id: second, user_id: anna }, teacher.call);
    expect(await recorded(last)).to.deep.equal([
      `group.create group ${first}`,
      `group.create group ${second}`,
      `group.update group ${first}`,
      `group_member.add group_member ${first}/${anna}`,
      `group_member.remove group_member ${first}/${anna}`,
      `group_member.add group_member ${second}/${anna}`,
      `group.delete group ${first}`,
      `group_member.remove group_member ${second}/${anna}`,
    ]);
  });

  it("and groups are listed without reading all of them, by one statement for a page", async () => {
    await school.sql(
      `insert into groups (name, colour) select 'Course ' || n || ' of ' || md5(n::text), '#607d8b' from generate_series(1, 20000) n`,
    );
    await school.sql(
      `insert into users (email, first_name, last_name, group_id)
       select 'u' || g.id || '@example.org', md5(g.id::text), md5((g.id * 7)::text), g.id from groups g`,
    );
    await school.sql("analyze groups");
    await school.sql("analyze users");
    const [{ id }] = (await school.sql<{ id: number }>("select max(id) as id from groups")) as [{ id: number }];
    const lists: ((call: Call, page_token?: string) => Promise<{ next_page_token: string }>)[] = [
      (call, page_token) => school.groups.listGroups({ limit: 50, ...(page_token && { page_token }) }, call),
      (call, page_token) =>
        school.groups.listGroups({ limit: 2, query: "co 1999", ...(page_token && { page_token }) }, call),
      (call) => school.groups.listGroupMembers({ group_id: id }, call),
      (call) => school.groups.getGroup({ group_id: id }, call) as never,
    ];
    for (const list of lists) {
      const { call, asked } = noted(teacher.call);
      const { next_page_token } = await list(call);
      expect(asked).to.have.length(1);
      if (next_page_token) await list(call, next_page_token);
      for (const { statement, values } of asked) {
        const plan = JSON.stringify(await school.sql(`explain ${statement.text}`, values));
        expect(plan, statement.name).not.to.match(/Seq Scan on (?:groups|users)\b/);
      }
    }
  });

  it("are also those who move them: a super admin moves themselves in and out", async () => {
    const admin = await school.account("ROLE_SUPER_ADMIN");
    const group_id = await group();
    const { member_count } = await school.groups.addGroupMembers({ group_id, user_ids: [admin.id] }, admin.call);
    expect(member_count).to.equal(1);
    await school.groups.removeGroupMember({ group_id, user_id: admin.id }, admin.call);
    const left = school.groups.removeGroupMember({ group_id, user_id: admin.id }, admin.call);
    expect(await reasonOf(left)).to.equal("MEMBER_NOT_FOUND");
  });
});
