// Medals are awarded exactly once: by two consumers at once, of updates that come again whole and in part, and by hand at the same time.
import { expect } from "chai";
import { endAccount } from "../../src/accounts/end-account.js";
import { medals } from "../../src/medals/awarding.js";
import { medalCounts } from "../../src/medals/counts-store.js";
import { endMedals } from "../../src/medals/end-medals.js";
import { addToCounter, type Counter } from "../../src/points/counters.js";
import { pointCounts } from "../../src/points/counts-store.js";
import { endPoints } from "../../src/points/end-points.js";
import { addPoints } from "../../src/points/ledger.js";
import type { StoredUpdate } from "../../src/platform/updates/consumer.js";
import { deleteUser, lockUserToDelete } from "../../src/users/people.js";
import { lockUsersToChange } from "../../src/users/standing.js";
import { type Account, openSchool, type School } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";
import { outcomes, reasonOf } from "../support/outcomes.js";

describe("medals", function () {
  this.timeout(30_000);
  let school: School;
  let there: School;
  let admin: Account;
  let teacher: Account;

  before(async () => {
    school = await openSchool();
    there = await openSchool(school.url);
    admin = await school.account("ROLE_SUPER_ADMIN");
    teacher = await school.account("ROLE_TEACHER");
  });
  after(async () => {
    await there.close();
    await school.close();
  });

  const service = (of = school) => of.services["lyceum.v1.MedalService"];
  const award = (user_id: number, medal_id: number, of = school) =>
    service(of).awardMedal({ user_id, medal_id, reason: "Help" }, of.as(teacher.caller));
  const revoke = (user_id: number, medal_id: number, of = school) =>
    service(of).revokeMedal({ user_id, medal_id }, of.as(admin.caller));
  const give = (userId: number, amount: number, sourceId?: number, of = school) =>
    of.database.transaction(async (queries) => {
      await lockUsersToChange(queries, [userId]);
      await addPoints(queries, { userId, amount, reason: "achievement", sourceId });
    });
  const count = (userId: number, counter: Counter, amount: number, of = school) =>
    of.database.transaction((queries) => addToCounter(queries, userId, counter, amount));
  const updates = (of = school, after = 0) =>
    of.sql<StoredUpdate>(
      "select id, topic, pts, kind, subject_id, actor_id, created_at from updates where kind = any($1) and id > $2 order by id",
      [medals.kinds, after],
    );
  const take = async (of = school) => medals.take(of.database, await updates(of));
  let taken = 0;
  /** Takes those since the last call. */
  const takeNew = async () => {
    const found = await updates(school, taken);
    taken = found.at(-1)?.id ?? taken;
    await medals.take(school.database, found);
  };
  const held = async (userId: number, of = school): Promise<number[]> => {
    const { medals: found } = await service(of).listUserMedals({ user_id: userId }, of.as(userId));
    return found.map(({ medal }) => medal!.id).toSorted((one, other) => one - other);
  };
  /** How many updates tell of medals of a person, and how many rows there are. */
  const told = async (userId: number, of = school) => {
    const [found] = await of.sql<{ updates: number; rows: number }>(
      `select (select count(*) from updates where topic = $1 and kind = 'medal.awarded') as updates,
              (select count(*) from user_medals where user_id = $2) as rows`,
      [`user:${userId}`, userId],
    );
    return found!;
  };
  /** What the checker finds when everything that there is counts as taken. */
  const differences = async (of = school): Promise<unknown[]> => {
    await of.sql(
      `insert into update_consumers (name, last_id) select 'medals', max(id) from updates
       on conflict (name) do update set last_id = excluded.last_id`,
    );
    return found(of);
  };
  const found = async (of: School): Promise<unknown[]> =>
    (await Promise.all([...pointCounts, ...medalCounts].map(({ sql }) => of.sql(sql)))).flat();

  /** Twenty writers; meanwhile and afterwards two consumers take what there is, whole, in part, and again. */
  async function storm(one: School, other: School): Promise<number[]> {
    const people = await Promise.all(upTo(10).map(() => one.person()));
    const consume = async (of: School) => {
      for (const _ of upTo(4)) {
        const found = await updates(of);
        await medals.take(of.database, found);
        await medals.take(of.database, found.slice(found.length / 2));
      }
    };
    const write = (at: number) => {
      const [person, next] = [people[at % 10]!, people[(at + 1) % 10]!];
      const of = at % 2 ? one : other;
      return Promise.all([
        give(person, 60, at, of),
        // Twice the same: it counts once.
        give(next, 500, 100 + at, of),
        give(next, 500, 100 + at, of),
        count(person, "tasks_solved", 30, of),
        count(next, "day_challenges", 1, of),
      ]);
    };
    await Promise.all([...upTo(20).map(write), consume(one), consume(other)]);
    await Promise.all([consume(one), consume(other)]);
    return people;
  }

  it("are awarded exactly once by two consumers at once, whatever comes again", async () => {
    const people = await storm(school, there);
    for (const person of people) {
      expect(await held(person)).to.deep.equal([1, 2, 3, 5]);
      expect(await told(person)).to.deep.equal({ updates: 4, rows: 4 });
    }
    const [{ sum } = { sum: 0 }] = await school.sql<{ sum: number }>(
      "select sum(rating)::bigint as sum from users where id = any($1)",
      [people],
    );
    expect(sum).to.equal(20 * 560);
    expect(await differences()).to.deep.equal([]);
  });

  it("are awarded twice, and points counted twice, without the keys that forbid it", async () => {
    const alone = await openSchool();
    const other = await openSchool(alone.url);
    await alone.sql("alter table user_medals drop constraint user_medals_once");
    await alone.sql("drop index points_once");
    const people = await storm(alone, other);
    const all = await Promise.all(people.map((person) => told(person, alone)));
    expect(all.every(({ updates, rows }) => updates > 4 && rows > 4)).to.equal(true);
    const [{ sum } = { sum: 0 }] = await alone.sql<{ sum: number }>("select sum(rating)::bigint as sum from users");
    expect(sum).to.equal(20 * 1060);
    expect(await differences(alone)).to.have.length.greaterThan(0);
    await other.close();
    await alone.close();
  });

  it("are missed by the checker as soon as the updates that are due are taken", async () => {
    const person = await school.person();
    await differences();
    await give(person, 1000);
    expect(await found(school)).to.deep.equal([]);
    expect(await differences()).to.deep.equal([{ id: person, stored: 0, actual: 2 }]);
    await take();
    expect(await differences()).to.deep.equal([]);
  });

  it("have these thresholds, and none before", async () => {
    const person = await school.person();
    const steps: [() => Promise<void>, number[]][] = [
      [() => give(person, 99), []],
      [() => give(person, 1), [1]],
      [() => give(person, 899), [1]],
      [() => give(person, 1), [1, 2]],
      [() => count(person, "tasks_solved", 49), [1, 2]],
      [() => count(person, "tasks_solved", 1), [1, 2, 3]],
      [() => count(person, "tasks_solved", 50), [1, 2, 3, 4]],
      [() => count(person, "day_challenges", 1), [1, 2, 3, 4, 5]],
      [() => count(person, "day_challenges", 49), [1, 2, 3, 4, 5, 6]],
      [() => count(person, "merged_requests", 1), [1, 2, 3, 4, 5, 6, 7]],
      [() => count(person, "merged_requests", 19), [1, 2, 3, 4, 5, 6, 7, 8]],
    ];
    for (const [step, expected] of steps) {
      await step();
      await takeNew();
      expect(await held(person)).to.deep.equal(expected);
    }
  });

  it("are due though a threshold was left again before the consumer came, and stay", async () => {
    const person = await school.person();
    await give(person, 120, 5001);
    await give(person, -120, 5001);
    await count(person, "merged_requests", 1);
    await count(person, "merged_requests", -1);
    await take();
    expect(await held(person)).to.deep.equal([1, 7]);
    await give(person, -50);
    await take();
    expect(await held(person)).to.deep.equal([1, 7]);
    expect(await told(person)).to.deep.equal({ updates: 2, rows: 2 });
  });

  it("are of counters that never go below nothing, of somebody who has none either", async () => {
    const [person, other] = [await school.person(), await school.person()];
    const taken = await Promise.allSettled(
      upTo(20).map((at) => count(person, "tasks_solved", -1, at % 2 ? school : there)),
    );
    expect(taken.filter(({ status }) => status === "fulfilled")).to.deep.equal([]);
    await count(other, "tasks_solved", 2);
    const some = await Promise.allSettled(
      upTo(20).map((at) => count(other, "tasks_solved", -1, at % 2 ? school : there)),
    );
    expect(some.filter(({ status }) => status === "fulfilled")).to.have.length(2);
    const counters = await school.sql("select value, highest from user_counters where user_id = any($1)", [
      [person, other],
    ]);
    expect(counters).to.deep.equal([{ value: 0, highest: 2 }]);
    expect(await school.sql("select from updates where topic = $1", [`user:${person}`])).to.deep.equal([]);
  });

  it("are awarded by hand once, by twenty at once and with the consumer among them", async () => {
    const person = await school.person();
    await give(person, 100);
    const [{ answers, reasons }] = await Promise.all([
      outcomes(upTo(20).map((at) => award(person, 1, at % 2 ? school : there))),
      take(school),
      take(there),
    ]);
    expect(answers.length).to.be.at.most(1);
    expect(reasons).to.deep.equal(Array(20 - answers.length).fill("MEDAL_ALREADY_AWARDED"));
    expect(await told(person)).to.deep.equal({ updates: 1, rows: 1 });
    const other = await school.person();
    const by = await outcomes(upTo(20).map((at) => award(other, 9, at % 2 ? school : there)));
    expect(by.answers).to.have.length(1);
    expect(await told(other)).to.deep.equal({ updates: 1, rows: 1 });
  });

  it("are revoked once by twenty at once, and then do not come back by themselves", async () => {
    const person = await school.person();
    await give(person, 100);
    await take();
    const { answers, reasons } = await outcomes(upTo(20).map((at) => revoke(person, 1, at % 2 ? school : there)));
    expect(answers).to.have.length(1);
    expect(reasons).to.deep.equal(Array(19).fill("MEDAL_NOT_FOUND"));
    await give(person, 100);
    await take();
    expect(await held(person)).to.deep.equal([]);
    expect(await reasonOf(service().getUserMedal({ user_id: person, medal_id: 1 }, school.as(person)))).to.equal(
      "MEDAL_NOT_FOUND",
    );
    const { holders } = await service().listMedalHolders({ medal_id: 1, limit: 100, include: [] }, school.as(person));
    expect(holders.map(({ user_id }) => user_id)).not.to.include(person);
    expect(await differences()).to.deep.equal([]);
    // By hand it does, as the newest of all.
    const again = await award(person, 1);
    expect(again.id).to.be.greaterThan(Math.max(...holders.map(({ id }) => id)));
    expect(await held(person)).to.deep.equal([1]);
  });

  it("come by themselves once, though they were revoked, awarded by hand and revoked again", async () => {
    const person = await school.person();
    await give(person, 100);
    await takeNew();
    await revoke(person, 1);
    await award(person, 1);
    await revoke(person, 1);
    await takeNew();
    expect(await held(person)).to.deep.equal([]);
    expect(await told(person)).to.deep.equal({ updates: 2, rows: 1 });
    expect((await award(person, 1)).awarded_by_id).to.equal(teacher.id);
    expect(await differences()).to.deep.equal([]);
  });

  it("that were awarded by hand and revoked come back by themselves to whom they are due", async () => {
    const person = await school.person();
    await award(person, 1);
    await award(person, 2);
    await give(person, 100);
    await takeNew();
    await revoke(person, 1);
    await revoke(person, 2);
    expect(await held(person)).to.deep.equal([]);
    await takeNew();
    expect(await held(person)).to.deep.equal([1]);
    const { awarded_by_id, reason } = await service().getUserMedal({ user_id: person, medal_id: 1 }, school.as(person));
    expect([awarded_by_id, reason]).to.deep.equal([undefined, ""]);
  });

  it("end with the account, for which a consumer waits that takes its updates at the same time", async () => {
    const person = await school.person();
    await give(person, 1000);
    await count(person, "tasks_solved", 50);
    await takeNew();
    await count(person, "tasks_solved", 50);
    let taking: Promise<void> | undefined;
    let isDone = false;
    const waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    await endAccount(
      school.database,
      { id: person, actorId: person },
      [
        deleteUser,
        endPoints,
        endMedals,
        async () => {
          taking ??= take(there).finally(() => (isDone = true));
          while (!isDone && (await there.sql(waiting)).length === 0);
        },
      ],
      async (queries) => void (await lockUserToDelete(queries, person)),
    );
    await taking;
    await take();
    for (const table of ["user_medals", "user_counters", "points"])
      expect(await school.sql(`select from ${table} where user_id = $1`, [person]), table).to.deep.equal([]);
  });

  it("are recorded in the audit, and points that are given by hand too", async () => {
    const person = await school.person();
    const points = school.services["lyceum.v1.PointService"];
    await points.addPoints({ user_id: person, amount: 5, note: "Help" }, teacher.call);
    await points.addPoints({ user_id: person, amount: 2, take_back: true, note: "Mistake" }, teacher.call);
    await award(person, 9);
    await revoke(person, 9);
    const acts = await school.sql<{ action: string; actor_id: number }>(
      "select action, actor_id, target_type, target_id from audit_events where target_id = any($1) and action ~ '^(points|medal)' order by id",
      [[String(person), `${person}/9`]],
    );
    expect(acts).to.deep.equal([
      { action: "points.give", actor_id: teacher.id, target_type: "user", target_id: String(person) },
      { action: "points.take", actor_id: teacher.id, target_type: "user", target_id: String(person) },
      { action: "medal.award", actor_id: teacher.id, target_type: "user_medal", target_id: `${person}/9` },
      { action: "medal.revoke", actor_id: admin.id, target_type: "user_medal", target_id: `${person}/9` },
    ]);
  });
});
