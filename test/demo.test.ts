import { expect } from "chai";
import { demoLogins, seedDemo } from "../src/accounts/demo.js";
import type { Database, Queries } from "../src/platform/database/database.js";
import { demoSteps } from "../src/services.js";
import { deleteUser } from "../src/users/people.js";
import { openSchool, type School } from "./support/call-as.js";
import { upTo } from "./support/numbers.js";

describe("the demo school", () => {
  let school: School;
  const hashed: string[] = [];
  const passwords = {
    async hash(password: string): Promise<string> {
      hashed.push(password);
      return "a hash";
    },
  };

  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  /** The database, which fails at the n-th statement of this name. */
  function failing(name: string, place: number): Database {
    let asked = 0;
    const over = (queries: Queries): Queries => ({
      one: async (statement, values) => {
        if (statement.name === name && ++asked === place) throw new Error("the power went out");
        return queries.one(statement, values);
      },
      many: (statement, values) => queries.many(statement, values),
    });
    const database: Database = {
      ...over(school.database),
      transaction: (work, options) => school.database.transaction((queries) => work(over(queries)), options),
      afterCommit: (work) => school.database.afterCommit(work),
      with: () => database,
    };
    return database;
  }

  it("is made as a whole or not at all", async () => {
    let fault: unknown;
    await seedDemo(failing("insert-message", 7), passwords, demoSteps(school)).catch(
      (error: unknown) => (fault = error),
    );
    expect(String(fault)).to.contain("the power went out");
    expect(await school.sql("select id from users")).to.deep.equal([]);
    expect(await school.sql("select id from chats")).to.deep.equal([]);
    expect(await school.sql("select id from groups")).to.deep.equal([]);
  });

  it("is made once when twenty processes make it at once", async () => {
    const there = await openSchool(school.url);
    const made = await Promise.all(
      upTo(20).map((number) => seedDemo((number % 2 ? school : there).database, passwords, demoSteps(school))),
    );
    await there.close();
    expect(made.filter(Boolean)).to.have.length(1);
    const people = await school.sql<{ email: string }>("select email from users order by id");
    expect(people.map(({ email }) => email)).to.deep.equal(demoLogins.map(({ email }) => email));
    const counts = await school.sql(
      `select (select count(*) from chats) as chats, (select count(*) from messages) as messages,
              (select count(*) from messages where seq = 1) as begun`,
    );
    expect(counts).to.deep.equal([{ chats: 5, messages: 26, begun: 4 }]);
    await school.sql("truncate users, chats, groups cascade");
    hashed.length = 0;
  });

  it("has a teacher, students, and chats in Russian and English", async () => {
    const steps: string[] = [];
    expect(await seedDemo(school.database, passwords, demoSteps(school), (step) => steps.push(step))).to.equal(true);
    expect(steps).not.to.deep.equal([]);
    expect(new Set(hashed)).to.deep.equal(new Set(demoLogins.map(({ password }) => password)));
    const made = await school.sql(
      `select u.email, u.role, u.first_name || ' ' || u.last_name as name, c.password_hash as hash
         from users u join credentials c on c.user_id = u.id order by u.id`,
    );
    expect(made).to.deep.equal(demoLogins.map(({ email, role, name }) => ({ email, role, name, hash: "a hash" })));
    expect(demoLogins[0]).to.include({ role: "ROLE_TEACHER" });

    const [teacher] = await school.sql<{ id: number }>("select id from users where email = $1", [demoLogins[0]!.email]);
    const profiles = await school.sql<{ nick: string; tech_stack: string[] }>("select nick, tech_stack from users");
    for (const { nick, tech_stack } of profiles) {
      expect(nick).to.match(/^[A-Za-z][A-Za-z0-9_.-]{2,31}$/);
      expect(tech_stack).not.to.deep.equal([]);
    }
    const { chats } = await school.chats.listChats({ include: [] }, school.as(teacher!.id));
    expect(chats.map(({ kind }) => kind)).to.include.members(["CHAT_KIND_GROUP", "CHAT_KIND_DIRECT"]);
    const groups = await school.sql(
      `select name, array(select first_name from users where group_id = g.id order by id) as members,
              array(select u.first_name from chat_members m join users u on u.id = m.user_id
                     where m.chat_id = g.chat_id order by u.id) as in_chat
         from groups g order by id`,
    );
    expect(groups).to.deep.equal([
      { name: "10-А", members: ["Пётр", "Алёна"], in_chat: ["Мария", "Пётр", "Алёна"] },
      { name: "10-Б", members: ["Grace"], in_chat: [] },
      { name: "Робототехника", members: [], in_chat: [] },
    ]);
    const texts = (await school.sql<{ text: string }>("select text from messages")).map(({ text }) => text);
    expect(texts.some((text) => /[а-яё]/.test(text))).to.equal(true);
    expect(texts.some((text) => /^[\x20-\x7e]+$/.test(text))).to.equal(true);
  });

  it("is not made where there are users", async () => {
    const before = await school.sql("select id from messages order by id");
    expect(await seedDemo(school.database, passwords, demoSteps(school))).to.equal(false);
    expect(await school.sql("select id from messages order by id")).to.deep.equal(before);
  });

  it("is made again after all users are deleted", async () => {
    for (const { id } of await school.sql<{ id: number }>("select id from users"))
      await deleteUser(school.database, { id, actorId: id });
    expect(await seedDemo(school.database, passwords, demoSteps(school))).to.equal(true);
    const [teacher] = await school.sql<{ id: number }>("select id from users where email = $1", [demoLogins[0]!.email]);
    expect(teacher!.id).to.be.greaterThan(demoLogins.length);
  });
});
