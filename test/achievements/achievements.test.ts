// Achievements by many at once: decisions, withdrawals, diplomas, and what ends with an account.
import { expect } from "chai";
import { achievementCounts } from "../../src/achievements/counts-store.js";
import { ApiError } from "../../src/errors.js";
import { upTo } from "../support/numbers.js";
import { outcomes, reasonOf, refusal } from "../support/outcomes.js";
import { AchievementsSchool } from "./school-achievements.js";

describe("achievements", function () {
  this.timeout(60_000);
  let here: AchievementsSchool;
  let there: AchievementsSchool;
  let anna: number;
  let teachers: number[];

  before(async () => {
    here = await AchievementsSchool.open();
    there = await AchievementsSchool.open(here.school.url);
    anna = await here.school.person();
    teachers = await Promise.all(upTo(20).map(() => here.staff()));
  });
  after(async () => {
    await there.school.close();
    await here.school.close();
  });

  const asTeacher = (id: number, at = 0) => (at % 2 ? here : there).school.as(id, { role: "ROLE_TEACHER" });
  const onOne = (at: number) => (at % 2 ? here : there).achievements;
  /** Calls again what a machine under load has not served in time. */
  const served = async <T>(call: () => Promise<T>): Promise<T> => {
    for (;;)
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof ApiError) || error.reason !== "DATABASE_UNAVAILABLE") throw error;
      }
  };
  const auditOf = (id: number): Promise<{ action: string }[]> =>
    here.school.sql(
      "select action from audit_events where target_type = 'achievement' and target_id = $1 order by id",
      [String(id)],
    );
  const ledgerOf = (id: number): Promise<{ amount: number; by_user_id: number }[]> =>
    here.school.sql("select amount, by_user_id from points where source_id = $1 order by id", [id]);
  const differences = async (): Promise<unknown[]> =>
    (await Promise.all(achievementCounts.map(({ sql }) => here.school.sql(sql)))).flat();

  it("are accepted by one of twenty at once, and all others are told by whom", async () => {
    const { id } = await here.handedIn(anna);
    const before = await here.rating(anna);
    const tries = teachers.map((teacher, at) =>
      served(() => onOne(at).acceptAchievement({ achievement_id: id, points: at + 1 }, asTeacher(teacher, at))),
    );
    const { answers, reasons } = await outcomes(tries);
    expect(answers).to.have.length(1);
    expect(reasons).to.deep.equal(Array(19).fill("ACHIEVEMENT_MODERATED"));
    const { moderator_id, points, version } = answers[0]!;
    expect(version).to.equal(2);
    expect(await here.rating(anna)).to.equal(before + points!);
    expect(await ledgerOf(id)).to.deep.equal([{ amount: points, by_user_id: moderator_id }]);
    expect(await auditOf(id)).to.deep.equal([{ action: "achievement.accept" }]);
    const kinds = ["achievement.submitted", "achievement.accepted"];
    expect(await here.updatesOf(id)).to.deep.equal({ staff: kinds, user: kinds });
    const other = teachers.find((teacher) => teacher !== moderator_id)!;
    const late = await refusal(
      here.achievements.rejectAchievement({ achievement_id: id, reason: "Late" }, asTeacher(other)),
    );
    expect(late.detail).to.equal(
      `Achievement with id=${id} is accepted already with ${points} points, by user with id=${moderator_id}`,
    );
  });

  it("are accepted once by one who sends the same twenty times, and who is told that it was them", async () => {
    const { id } = await here.handedIn(anna);
    const before = await here.rating(anna);
    const [teacher] = teachers as [number];
    const accept = (at = 0) =>
      served(() => onOne(at).acceptAchievement({ achievement_id: id, points: 7 }, asTeacher(teacher, at)));
    const { answers, reasons } = await outcomes(upTo(20).map(accept));
    expect(answers).to.have.length(1);
    expect(reasons).to.deep.equal(Array(19).fill("ACHIEVEMENT_MODERATED"));
    expect(await here.rating(anna)).to.equal(before + 7);
    expect((await refusal(accept())).detail).to.equal(
      `Achievement with id=${id} is accepted already with 7 points, by user with id=${teacher}: this was done by you, and is not done again`,
    );
  });

  it("are accepted, rejected, changed or withdrawn by twenty at once: one of these happens, as a whole", async () => {
    const { id } = await here.handedIn(anna);
    const files = await Promise.all(upTo(6).map(() => here.diploma(anna)));
    await here.achievements.updateAchievement({ achievement_id: id, file_id: files[5]! }, here.as(anna));
    const before = await here.rating(anna);
    const own = (at: number) => (at % 2 ? here : there).school.as(anna);
    const tries = upTo(20).map(async (number): Promise<string> => {
      const at = number - 1;
      const [teacher, achievement_id] = [teachers[at]!, id];
      if (at % 4 === 0) {
        await served<unknown>(() => onOne(at).acceptAchievement({ achievement_id, points: 9 }, asTeacher(teacher, at)));
        return "accepted";
      }
      if (at % 4 === 1) {
        await served<unknown>(() =>
          onOne(at).rejectAchievement({ achievement_id, reason: "No" }, asTeacher(teacher, at)),
        );
        return "rejected";
      }
      if (at % 4 === 2) {
        await served<unknown>(() => onOne(at).withdrawAchievement({ achievement_id }, own(at)));
        return "withdrawn";
      }
      await served<unknown>(() =>
        onOne(at).updateAchievement({ achievement_id, file_id: files[(at - 3) / 4]! }, own(at)),
      );
      return "changed";
    });
    const { answers, reasons } = await outcomes(tries);
    const final = answers.filter((answer) => answer !== "changed");
    expect(final).to.have.length(1);
    expect(new Set(reasons)).to.deep.equal(
      new Set([final[0] === "withdrawn" ? "ACHIEVEMENT_NOT_FOUND" : "ACHIEVEMENT_MODERATED"]),
    );
    expect(await here.rating(anna)).to.equal(before + (final[0] === "accepted" ? 9 : 0));
    const { staff, user } = await here.updatesOf(id);
    expect(staff).to.deep.equal([
      "achievement.submitted",
      "achievement.changed",
      ...answers.filter((answer) => answer === "changed").map(() => "achievement.changed"),
      `achievement.${final[0]}`,
    ]);
    expect(user).to.deep.equal(staff);
    // Each diploma is in use exactly where an achievement has it.
    expect(
      await here.school.sql(
        `select f.id from files f left join achievements a on a.file_id = f.id
          where f.owner_id = $1 and (a.id is null) <> (f.claimed_at is null)`,
        [anna],
      ),
    ).to.deep.equal([]);
  });

  it("are revoked by one of twenty at once, and the points are taken back once", async () => {
    const before = await here.rating(anna);
    const { id } = await here.accepted(anna, teachers[0]!);
    const tries = teachers.map((teacher, at) =>
      served(() => onOne(at).revokeAchievement({ achievement_id: id, reason: "Forged" }, asTeacher(teacher, at))),
    );
    const { answers, reasons } = await outcomes(tries);
    expect(answers).to.have.length(1);
    expect(reasons).to.deep.equal(Array(19).fill("ACHIEVEMENT_MODERATED"));
    expect(await here.rating(anna)).to.equal(before);
    expect(await ledgerOf(id)).to.deep.equal([
      { amount: 10, by_user_id: teachers[0] },
      { amount: -10, by_user_id: answers[0]!.revoked_by_id },
    ]);
    expect(await auditOf(id)).to.deep.equal([{ action: "achievement.accept" }, { action: "achievement.revoke" }]);
    const again = here.achievements.acceptAchievement({ achievement_id: id, points: 1 }, asTeacher(teachers[1]!));
    expect(await reasonOf(again)).to.equal("ACHIEVEMENT_MODERATED");
  });

  it("of two teachers are accepted by each other at once, and by neither themselves", async () => {
    for (let round = 0; round < 5; round++) {
      const [first, second] = teachers as [number, number];
      const [own, other] = [await here.handedIn(first), await here.handedIn(second)];
      const accept = (id: number, by: number) =>
        here.achievements.acceptAchievement({ achievement_id: id, points: 1 }, asTeacher(by, 1));
      const { answers, reasons } = await outcomes([
        accept(own.id, second),
        accept(other.id, first),
        accept(own.id, first),
        accept(other.id, second),
      ]);
      expect(answers).to.have.length(2);
      expect(reasons).to.deep.equal(["OWN_ACHIEVEMENT", "OWN_ACHIEVEMENT"]);
    }
  });

  it("of a person who is made a super admin are decided about by somebody else", async () => {
    const admin = await here.staff("ROLE_SUPER_ADMIN");
    const { id } = await here.handedIn(admin);
    const as = here.school.as(admin, { role: "ROLE_SUPER_ADMIN" });
    const { acceptAchievement, rejectAchievement, revokeAchievement } = here.achievements;
    expect(await reasonOf(acceptAchievement({ achievement_id: id, points: 1 }, as))).to.equal("OWN_ACHIEVEMENT");
    expect(await reasonOf(rejectAchievement({ achievement_id: id, reason: "No" }, as))).to.equal("OWN_ACHIEVEMENT");
    await acceptAchievement({ achievement_id: id, points: 1 }, asTeacher(teachers[0]!));
    expect(await reasonOf(revokeAchievement({ achievement_id: id, reason: "No" }, as))).to.equal("OWN_ACHIEVEMENT");
  });

  it("are not decided about by a teacher who is none any more, with a token of before", async () => {
    const former = await here.staff();
    await here.school.sql("update users set role = 'ROLE_STUDENT' where id = $1", [former]);
    const { id } = await here.handedIn(anna);
    const accepting = here.achievements.acceptAchievement({ achievement_id: id, points: 1 }, asTeacher(former));
    expect(await reasonOf(accepting)).to.equal("INVALID_TOKEN");
  });

  it("are handed in once with a diploma, of twenty at once, and with no file for something else", async () => {
    const file_id = await here.diploma(anna);
    const draft = { kind: "ACHIEVEMENT_KIND_EVENT", title: "One", description: "" } as const;
    const { answers, reasons } = await outcomes(
      upTo(20).map((at) => served(() => onOne(at).createAchievement({ ...draft, file_id }, here.school.as(anna)))),
    );
    expect(answers).to.have.length(1);
    expect(reasons).to.deep.equal(Array(19).fill("FILE_NOT_USABLE"));
    const [{ count }] = (await here.school.sql<{ count: number }>(
      "select count(*) as count from achievements where file_id = $1",
      [file_id],
    )) as [{ count: number }];
    expect(count).to.equal(1);
    const boris = await here.school.person();
    const stolen = { ...draft, file_id: await here.diploma(boris) };
    expect(await reasonOf(here.achievements.createAchievement(stolen, here.school.as(anna)))).to.equal(
      "FILE_NOT_USABLE",
    );
  });

  it("end with the account, with their diplomas, whatever has become of them, and while others decide", async () => {
    const dora = await here.school.account();
    const [waiting, accepted, rejected] = [
      await here.handedIn(dora.id),
      await here.accepted(dora.id, teachers[0]!),
      await here.handedIn(dora.id),
    ];
    const reject = { achievement_id: rejected.id, reason: "No" };
    await here.achievements.rejectAchievement(reject, asTeacher(teachers[0]!));
    const ending = here.school.auth.deleteMe({ password: dora.password }, dora.call);
    const { reasons } = await outcomes(
      teachers.map((teacher, at) =>
        served(() => onOne(at).acceptAchievement({ achievement_id: waiting.id, points: 1 }, asTeacher(teacher, at))),
      ),
    );
    await ending;
    expect(new Set(reasons)).to.satisfy((all: Set<string>) =>
      [...all].every((reason) => ["ACHIEVEMENT_MODERATED", "ACHIEVEMENT_NOT_FOUND"].includes(reason)),
    );
    const ids = [waiting.id, accepted.id, rejected.id];
    expect(await here.school.sql("select id from achievements where id = any($1)", [ids])).to.deep.equal([]);
    expect(await here.school.sql("select id from files where owner_id = $1", [dora.id])).to.deep.equal([]);
  });

  it("have each of their points in the ledger, as the checker of counts finds", async () => {
    expect(await differences()).to.deep.equal([]);
    const { id } = await here.accepted(anna, teachers[0]!);
    await here.school.sql("update achievements set points = 11 where id = $1", [id]);
    expect(await differences()).to.deep.equal([{ id, stored: 11, actual: 10 }]);
    await here.school.sql("update achievements set points = 10 where id = $1", [id]);
    await here.school.sql("delete from points where source_id = $1", [id]);
    expect(await differences()).to.deep.equal([{ id, stored: 10, actual: 0 }]);
  });
});
