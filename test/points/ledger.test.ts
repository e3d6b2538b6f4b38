// The ledger of points: every row counts once, and the rating is their sum, whatever twenty do at once.
import { expect } from "chai";
import { addPoints, type NewPoints } from "../../src/points/ledger.js";
import { pointCounts } from "../../src/points/counts-store.js";
import { lockUsersToChange } from "../../src/users/standing.js";
import { type Account, openSchool, type School } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";

describe("the ledger of points", function () {
  this.timeout(30_000);
  let school: School;
  let there: School;
  let admin: Account;

  before(async () => {
    school = await openSchool();
    there = await openSchool(school.url);
    admin = await school.account("ROLE_SUPER_ADMIN");
  });
  after(async () => {
    await there.close();
    await school.close();
  });

  const add = (entry: NewPoints, by = school) =>
    by.database.transaction(async (queries) => {
      await lockUsersToChange(queries, [entry.userId]);
      return addPoints(queries, entry);
    });
  const ratingOf = async (id: number): Promise<number> =>
    (await school.sql<{ rating: number }>("select rating from users where id = $1", [id]))[0]!.rating;
  const rowsOf = (id: number) =>
    school.sql<{ amount: number; total: number }>("select amount, total from points where user_id = $1 order by id", [
      id,
    ]);
  const differences = async (): Promise<string[]> => {
    const found = await Promise.all(
      pointCounts.map(async ({ name, sql }) => (await school.sql(sql)).map((row) => `${name} ${JSON.stringify(row)}`)),
    );
    return found.flat();
  };

  it("counts each row of twenty at once, in two processes, for people who are locked together", async () => {
    const [one, other] = [await school.person(), await school.person()];
    await Promise.all(
      upTo(20).map((at) =>
        (at % 2 ? school : there).database.transaction(async (queries) => {
          await lockUsersToChange(queries, at % 3 ? [one, other] : [other, one]);
          await addPoints(queries, { userId: one, amount: at, reason: "achievement", sourceId: at });
          await addPoints(queries, { userId: other, amount: -1, reason: "by_hand", byUserId: admin.id });
        }),
      ),
    );
    expect([await ratingOf(one), await ratingOf(other)]).to.deep.equal([210, -20]);
    expect((await rowsOf(one)).at(-1)!.total).to.equal(210);
    const told = await school.sql<{ subject_id: number }>(
      "select u.subject_id from updates u join points p on p.id = u.subject_id where topic = $1 and kind = 'points.changed' order by pts",
      [`user:${one}`],
    );
    expect(told).to.have.length(20);
    expect(await differences()).to.deep.equal([]);
  });

  it("counts a thing once and takes it back once, however many try at once", async () => {
    const userId = await school.person();
    const gift: NewPoints = { userId, amount: 70, reason: "achievement", sourceId: 1001, byUserId: admin.id };
    const given = await Promise.all(upTo(20).map((at) => add(gift, at % 2 ? school : there)));
    expect(given.filter((id) => id !== undefined)).to.have.length(1);
    expect(await ratingOf(userId)).to.equal(70);
    const taken = await Promise.all(upTo(20).map((at) => add({ ...gift, amount: -70 }, at % 2 ? school : there)));
    expect(taken.filter((id) => id !== undefined)).to.have.length(1);
    expect(await rowsOf(userId)).to.deep.equal([
      { amount: 70, total: 70 },
      { amount: -70, total: 0 },
    ]);
    const kinds = await school.sql("select kind from updates where topic = $1", [`user:${userId}`]);
    expect(kinds).to.have.length(2);
    expect(await differences()).to.deep.equal([]);
  });

  it("is right even when a transaction has not locked the person", async () => {
    const userId = await school.person();
    await Promise.all(
      upTo(20).map(() =>
        school.database.transaction((queries) => addPoints(queries, { userId, amount: 3, reason: "by_hand" })),
      ),
    );
    expect(await ratingOf(userId)).to.equal(60);
    expect(await differences()).to.deep.equal([]);
  });

  it("records what else the act did, though its points count already", async () => {
    const userId = await school.person();
    const act = () =>
      school.database.transaction((queries) =>
        addPoints(queries, { userId, amount: 5, reason: "achievement", sourceId: 1002 }, [
          { topic: "staff", kind: "test.act", subjectId: userId },
        ]),
      );
    await act();
    await act();
    const told = await school.sql<{ kind: string }>(
      "select kind from updates where subject_id = $1 and kind = 'test.act' or topic = $2 order by id",
      [userId, `user:${userId}`],
    );
    expect(told.map(({ kind }) => kind).toSorted()).to.deep.equal(["points.changed", "test.act", "test.act"]);
  });

  it("has a row of the difference where a rating is set, by twenty at once too", async () => {
    const userId = await school.person();
    await add({ userId, amount: 40, reason: "achievement", sourceId: 1003 });
    const set = (rating: number) => school.administration.updateUser({ user_id: userId, rating }, admin.call);
    expect((await set(25)).rating).to.equal(25);
    expect((await set(25)).rating).to.equal(25);
    expect((await rowsOf(userId)).map(({ amount }) => amount)).to.deep.equal([40, -15]);
    await Promise.all(upTo(20).map((at) => (at % 2 ? set(at) : add({ userId, amount: 1, reason: "by_hand" }))));
    expect(await differences()).to.deep.equal([]);
  });

  it("ends with the account, and gives nothing to who is gone", async () => {
    const userId = await school.person();
    await add({ userId, amount: 5, reason: "by_hand" });
    await school.administration.deleteUser({ user_id: userId }, admin.call);
    expect(await add({ userId, amount: 5, reason: "by_hand" })).to.equal(undefined);
    expect(await rowsOf(userId)).to.deep.equal([]);
    expect(await differences()).to.deep.equal([]);
  });

  it("is found to differ by the checker", async () => {
    const [one, other] = [await school.person(), await school.person()];
    await add({ userId: one, amount: 5, reason: "by_hand" });
    await add({ userId: other, amount: 5, reason: "by_hand" });
    await school.sql("update users set rating = 6 where id = $1", [one]);
    await school.sql("update points set total = 6 where user_id = $1", [other]);
    expect((await differences()).map((text) => text.split(" ")[0])).to.deep.equal(["users.rating", "points.total"]);
  });
});
