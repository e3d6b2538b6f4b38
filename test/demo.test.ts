import { expect } from "chai";
import { demoLogins, seedDemo } from "../src/demo.js";
import type { Database, Queries } from "../src/platform/database/database.js";
import { forgetPerson } from "../src/users/people.js";
import { type Classroom, openClassroom } from "./chats/classroom.js";

describe("the demo school", () => {
  let room: Classroom;
  const hashed: string[] = [];
  const passwords = {
    async hash(password: string): Promise<string> {
      hashed.push(password);
      return "a hash";
    },
  };

  before(async () => {
    room = await openClassroom();
  });
  after(() => room.close());

  /** The database, until it fails at the n-th statement of this name. */
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
      ...over(room.database),
      transaction: (work, options) => room.database.transaction((queries) => work(over(queries)), options),
      with: () => database,
    };
    return database;
  }

  it("is not begun when it cannot be finished", async () => {
    let fault: unknown;
    await seedDemo(failing("insert-message", 7), passwords).catch((error: unknown) => (fault = error));
    expect(String(fault)).to.contain("the power went out");
    expect(await room.sql("select id from users")).to.deep.equal([]);
    expect(await room.sql("select id from chats")).to.deep.equal([]);
  });

  it("has a teacher, students, and chats in Russian and English", async () => {
    const steps: string[] = [];
    expect(await seedDemo(room.database, passwords, (step) => steps.push(step))).to.equal(true);
    expect(steps).not.to.deep.equal([]);
    expect(new Set(hashed)).to.deep.equal(new Set(demoLogins.map(({ password }) => password)));
    const made = await room.sql(
      `select u.email, u.role, u.first_name || ' ' || u.last_name as name, c.password_hash as hash
         from users u join credentials c on c.user_id = u.id order by u.id`,
    );
    expect(made).to.deep.equal(demoLogins.map(({ email, role, name }) => ({ email, role, name, hash: "a hash" })));
    expect(demoLogins[0]).to.include({ role: "ROLE_TEACHER" });

    const [teacher] = await room.sql<{ id: number }>("select id from users where email = $1", [demoLogins[0]!.email]);
    const { chats } = await room.chats.listChats({}, room.as(teacher!.id));
    expect(chats.map(({ kind }) => kind)).to.include.members(["CHAT_KIND_GROUP", "CHAT_KIND_DIRECT"]);
    const texts = (await room.sql<{ text: string }>("select text from messages")).map(({ text }) => text);
    expect(texts.some((text) => /[а-яё]/.test(text))).to.equal(true);
    expect(texts.some((text) => /^[\x20-\x7e]+$/.test(text))).to.equal(true);
  });

  it("is made once, and never where there are users", async () => {
    const before = await room.sql("select id from messages order by id");
    expect(await seedDemo(room.database, passwords)).to.equal(false);
    expect(await room.sql("select id from messages order by id")).to.deep.equal(before);
  });

  it("is made anew where all users are gone", async () => {
    for (const { id } of await room.sql<{ id: number }>("select id from users")) await forgetPerson(room.database, id);
    expect(await seedDemo(room.database, passwords)).to.equal(true);
    const [teacher] = await room.sql<{ id: number }>("select id from users where email = $1", [demoLogins[0]!.email]);
    expect(teacher!.id).to.be.greaterThan(demoLogins.length);
  });
});
