import { expect } from "chai";
import type { GetLeaderboardRequest, GetLeaderboardResponse, LeaderboardRow } from "../../src/gen/lyceum/v1/user.js";
import { statement } from "../../src/platform/database/statement.js";
import { deleteUser } from "../../src/users/people.js";
import { openSchool, type School } from "../support/call-as.js";
import { refusal } from "../support/outcomes.js";

describe("the leaderboard", () => {
  let school: School;
  beforeEach(async () => (school = await openSchool()));
  afterEach(() => school.close());

  const board = (request: GetLeaderboardRequest = {}, as = 0): Promise<GetLeaderboardResponse> =>
    school.users.getLeaderboard(request, school.as(as));
  const person = async (name: string, rating: number, more: Record<string, unknown> = {}): Promise<number> => {
    const id = await school.person(name, "Student");
    for (const [column, value] of Object.entries({ rating, ...more }))
      await school.sql(`update users set ${column} = $2 where id = $1`, [id, value]);
    return id;
  };
  const brief = ({ rows }: GetLeaderboardResponse) => rows.map(({ rank, user }) => `${rank} ${user.first_name}`);
  /** All pages of a size; `between` runs after each. */
  const walk = async (request: GetLeaderboardRequest, size: number, between = async () => {}) => {
    const rows: LeaderboardRow[] = [];
    for (let page_token: string | undefined; ;) {
      const page = await board({ ...request, limit: size, ...(page_token ? { page_token } : {}) });
      rows.push(...page.rows);
      if (!page.next_page_token) return rows;
      page_token = page.next_page_token;
      await between();
    }
  };
  const places = (rows: readonly LeaderboardRow[]) => rows.map(({ rank, rating, user }) => [rank, rating, user.id]);

  it("gives those with one rating one rank, and orders them by name", async () => {
    const ids = [await person("Dora", 5), await person("Carl", 9), await person("Bea", 7), await person("Alan", 7)];
    const whole = await board({}, ids[0]);
    expect(brief(whole)).to.deep.equal(["1 Carl", "2 Alan", "2 Bea", "4 Dora"]);
    expect(whole.own_place).to.deep.equal({ rank: 4, rating: 5 });
    expect((await board({}, ids[2])).own_place).to.deep.equal({ rank: 2, rating: 7 });
    for (const size of [1, 2, 3])
      expect(places(await walk({}, size)), `pages of ${size}`).to.deep.equal(places(whole.rows));
    for (const skip of [1, 2, 3])
      expect(places((await board({ skip })).rows), `without ${skip}`).to.deep.equal(places(whole.rows).slice(skip));
    const beyond = await board({ skip: 4 }, ids[0]);
    expect(beyond).to.deep.equal({ rows: [], next_page_token: "", own_place: { rank: 4, rating: 5 } });
  });

  it("has students whose accounts are in use, and no one else", async () => {
    const teacher = await person("Tom", 100, { role: "ROLE_TEACHER" });
    await person("Ida", 90, { invited_at: new Date() });
    const suspended = await person("Sue", 80, { suspended_at: new Date() });
    await deleteUser(school.database, { id: await person("Gus", 70), actorId: teacher });
    const vera = await person("Vera", 1);
    expect(brief(await board())).to.deep.equal(["1 Vera"]);
    for (const other of [teacher, suspended]) expect((await board({}, other)).own_place).to.equal(undefined);
    expect((await board({}, vera)).own_place).to.deep.equal({ rank: 1, rating: 1 });
  });

  it("has ranks of their own for a group, for a class, and for both", async () => {
    const groups = await school.sql<{ id: number }>(
      "insert into groups (name, colour) values ('A', '#000000'), ('B', '#ffffff') returning id",
    );
    const [a, b] = groups.map(({ id }) => id) as [number, number];
    const ids: number[] = [];
    for (let at = 0; at < 8; at++)
      ids.push(await person(`P${at}`, at, { group_id: at % 2 ? a : b, school_class: at < 4 ? 5 : 6 }));
    const of = async (request: GetLeaderboardRequest) => {
      const page = await board(request, ids[1]);
      return [brief(page), page.own_place?.rank];
    };
    expect(await of({ group_id: a })).to.deep.equal([["1 P7", "2 P5", "3 P3", "4 P1"], 4]);
    expect(await of({ school_class: 5 })).to.deep.equal([["1 P3", "2 P2", "3 P1", "4 P0"], 3]);
    expect(await of({ school_class: 5, group_id: a })).to.deep.equal([["1 P3", "2 P1"], 2]);
    expect(await of({ school_class: 5, group_id: b })).to.deep.equal([["1 P2", "2 P0"], undefined]);
    expect(await of({ group_id: 12345 })).to.deep.equal([[], undefined]);
  });

  it("is of one moment on all pages, whatever changes ratings and names between them", async () => {
    await school.sql(
      `insert into users (email, first_name, last_name, rating)
       select n || '@example.org', 'P' || n % 7, 'Q', n % 9 from generate_series(1, 60) n`,
    );
    const [{ id: caller }] = (await school.sql<{ id: number }>("select min(id) as id from users")) as [{ id: number }];
    for (const size of [3, 7, 20]) {
      const before = await board({ limit: 100 }, caller);
      let turn = 0;
      const rows = await walk({}, size, async () => {
        turn += 1;
        // Every statement is kept, whoever writes it: this one is of nobody.
        await school.sql(
          `update users set rating = (rating * 7 + id * $1) % 11, first_name = 'P' || (id * $1) % 7 where id % 3 = $1 % 3`,
          [turn],
        );
      });
      expect(places(rows), `pages of ${size}`).to.deep.equal(places(before.rows));
    }
    const first = await board({ limit: 5 }, caller);
    await school.sql("update users set rating = rating + 1000 where id <> $1", [caller]);
    const second = await board({ limit: 5, page_token: first.next_page_token }, caller);
    expect(second.own_place, "is of the moment too").to.deep.equal(first.own_place);
  });

  it("has nothing on later pages of what was not committed at the first", async () => {
    for (let at = 0; at < 6; at++) await person(`P${at}`, at);
    const whole = places((await board()).rows);
    const last = whole.at(-1)![2]!;
    let page: GetLeaderboardResponse | undefined;
    await school.database.transaction(async (queries) => {
      const up = statement("pool", "test-up", "update users set rating = 100 where id = $1");
      await queries.many(up, [last]);
      page = await board({ limit: 3 });
    });
    const rest = await board({ page_token: page!.next_page_token });
    expect(places([...page!.rows, ...rest.rows])).to.deep.equal(whole);
    expect(rest.rows.at(-1)).to.nested.include({ rating: 0, "user.rating": 100 });
    expect(brief(await board())[0]).to.equal("1 P0");
  });

  it("loses and repeats nobody while twenty change ratings at once", async () => {
    await school.sql(
      `insert into users (email, first_name, last_name, rating)
       select n || '@example.org', 'P' || n % 7, 'Q', n % 9 from generate_series(1, 60) n`,
    );
    let isWalking = true;
    const changes = Array.from({ length: 20 }, async (_, at) => {
      for (let turn = 0; isWalking && turn < 200; turn++)
        await school.sql("update users set rating = (rating + $2) % 50 where id % 20 = $1", [at, turn + 1]);
    });
    for (let round = 0; round < 3; round++) {
      const rows = await walk({}, 7);
      expect(new Set(rows.map(({ user }) => user.id)).size).to.equal(60);
      expect(rows).to.have.length(60);
      const ratings = rows.map(({ rating }) => rating);
      expect(ratings).to.deep.equal(ratings.toSorted((one, other) => other - one));
      for (const { rank, rating } of rows)
        expect(rank).to.equal(1 + ratings.filter((higher) => higher > rating).length);
    }
    isWalking = false;
    await Promise.all(changes);
  });

  it("keeps a hundred former ratings of a person at most, and none of who is gone", async () => {
    const id = await person("Vera", 0);
    for (let turn = 1; turn <= 130; turn++) await school.sql("update users set rating = $2 where id = $1", [id, turn]);
    await school.sql("update users set rating = rating, version = version + 1 where id = $1", [id]);
    const count = async () =>
      (await school.sql<{ count: number }>("select count(*) from user_former_names where user_id = $1", [id]))[0]!
        .count;
    expect(await count()).to.equal(100);
    await deleteUser(school.database, { id, actorId: id });
    expect(await count()).to.equal(0);
  });

  it("refuses a page token of another caller, of another filter, and a changed one", async () => {
    const ids = [await person("A", 1, { school_class: 5 }), await person("B", 2, { school_class: 5 })];
    const { next_page_token: page_token } = await board({ limit: 1, school_class: 5 }, ids[0]);
    const reasonOf = async (request: GetLeaderboardRequest, as: number) =>
      (await refusal(board({ limit: 1, page_token, ...request }, as))).reason;
    expect(await reasonOf({ school_class: 5 }, ids[1]!)).to.equal("INVALID_PAGE_TOKEN");
    expect(await reasonOf({}, ids[0]!)).to.equal("INVALID_PAGE_TOKEN");
    expect(await reasonOf({ school_class: 5, page_token: `${page_token}A` }, ids[0]!)).to.equal("INVALID_PAGE_TOKEN");
    expect((await board({ limit: 1, page_token, school_class: 5 }, ids[0])).rows).to.have.length(1);
  });
});
