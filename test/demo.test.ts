import { expect } from "chai";
import type { NewAccount } from "../src/accounts/create-account.js";
import { demoLogins, seedDemo } from "../src/demo.js";
import { type Classroom, openClassroom } from "./chats/classroom.js";
import { enrolUser } from "../src/users/people.js";

describe("the demo school", () => {
  let room: Classroom;
  const accounts: NewAccount[] = [];

  before(async () => {
    room = await openClassroom();
  });
  after(() => room.close());

  const seed = (progress?: (step: string) => void) =>
    seedDemo(
      room.database,
      async ({ password, ...person }) => {
        accounts.push({ password, ...person });
        return enrolUser(room.database, person);
      },
      progress,
    );

  it("has a teacher, students, and chats in Russian and English", async () => {
    const steps: string[] = [];
    expect(await seed((step) => steps.push(step))).to.equal(true);
    expect(steps).not.to.deep.equal([]);
    expect(accounts.map(({ email, password, role }) => ({ email, password, role }))).to.deep.equal(
      demoLogins.map(({ email, password, role }) => ({ email, password, role })),
    );
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
    expect(await seed()).to.equal(false);
    expect(await room.sql("select id from messages order by id")).to.deep.equal(before);
    expect(accounts).to.have.length(demoLogins.length);
  });
});
