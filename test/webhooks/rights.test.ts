// A webhook hears of the topics that its owner may follow over a socket, and of no others: the two statements that decide it agree.
import { expect } from "chai";
import { statement } from "../../src/platform/database/statement.js";
import { listFollowed } from "../../src/realtime/topics-store.js";
import { mayHear } from "../../src/webhooks/may-see-store.js";
import { openSchool, type School } from "../support/call-as.js";

const heardRows = statement<{ topic: string }>(
  "read",
  "list-heard-topics-of-test",
  `select w.topic from unnest($2::text[]) with ordinality as w (topic, place) join users u on u.id = $1
    where ${mayHear("u", "w.topic")} order by w.place`,
);

describe("the rights of a webhook", () => {
  let school: School;
  before(async () => void (school = await openSchool()));
  after(() => school.close());

  it("are those of its owner, in every kind of topic, and none without the role", async () => {
    const [admin, teacher, student] = [
      await school.account("ROLE_SUPER_ADMIN"),
      await school.account("ROLE_TEACHER"),
      await school.account(),
    ];
    const [own, others] = [await school.chat(admin.id, student.id), await school.chat(teacher.id, student.id)];
    const [group] = await school.sql<{ id: number }>(
      "insert into groups (name, colour) values ('10-A', '#607d8b') returning id::int as id",
    );
    const people = [admin, teacher, student].map(({ id }) => `user:${id}`);
    const topics = ["school", "staff", ...people, `group:${group!.id}`, `chat:${own}`, `chat:${others}`, "chat:999999"];
    const heard = async (id: number): Promise<string[]> =>
      (await school.database.many(heardRows, [id, topics])).map(({ topic }) => topic);
    const followed = (await listFollowed(school.database, admin.id, topics)).map(({ topic }) => topic);
    expect(await heard(admin.id)).to.deep.equal(followed);
    expect(followed).to.deep.equal(["school", "staff", `user:${admin.id}`, `group:${group!.id}`, `chat:${own}`]);
    for (const { id } of [teacher, student]) expect(await heard(id)).to.deep.equal([]);
    await school.sql("update users set suspended_at = now() where id = $1", [admin.id]);
    expect(await heard(admin.id)).to.deep.equal([]);
    expect(await listFollowed(school.database, admin.id, topics)).to.deep.equal([]);
  });
});
