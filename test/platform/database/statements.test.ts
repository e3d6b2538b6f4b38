// Single statements on a real Postgres that behaves; outage.test.ts has one that does not. The types of values:
// test/platform/protocol/values.test.ts.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { ApiError } from "../../../src/errors.js";
import { isForeignKeyViolation, isUniqueViolation } from "../../../src/platform/database/database.js";
import { searchStatement, statement } from "../../../src/platform/database/statement.js";
import { failure, freshStatement, groups, type OpenedDatabase, openedDatabase } from "./opened-database.js";
import { fairNow } from "../../support/fair-clock.js";

describe("statements of the database", () => {
  let opened: OpenedDatabase;
  let server: OpenedDatabase["server"];
  before(async () => {
    opened = await openedDatabase();
    ({ server } = opened);
  });
  after(() => opened.close());

  describe("read the same rows on every group of connections", () => {
    const everything = `
      select 42::int2 as small, 9007199254740991::int8 as big, true as yes, 1.5::float8 as double, 'Привет, 🌍' as text,
             '{"a": [1, null], "ы": "я"}'::jsonb as jsonb, '2026-11-23'::date as date, 12.50::numeric as numeric,
             '\\x00ff'::bytea as bytes, array[1, -2, null]::int8[] as numbers, array['a', 'b "c"', null]::text[] as words,
             '2026-11-23 15:00:00.1239+03'::timestamptz as moment, null::int8 as gone`;
    const read = {
      small: 42,
      big: 9007199254740991,
      yes: true,
      double: 1.5,
      text: "Привет, 🌍",
      jsonb: { a: [1, null], ы: "я" },
      date: "2026-11-23",
      numeric: "12.50",
      bytes: Buffer.from([0, 255]),
      numbers: [1, -2, null],
      words: ["a", 'b "c"', null],
      moment: "2026-11-23T12:00:00.123Z",
      gone: undefined,
    };

    for (const group of groups) {
      it(`${group}, values of every kind`, async () => {
        expect(await server.database.one(freshStatement(group, everything), [])).to.deep.equal(read);
      });

      it(`${group}, and a value without an exact form is an error`, async () => {
        const big = freshStatement(group, "select $1::int8 as id");
        expect(await failure(server.database.one(big, ["9007199254740992"]))).to.be.instanceOf(RangeError);
        expect(await server.database.one(big, ["17"])).to.deep.equal({ id: 17 });
      });
    }

    it("and in a transaction", async () => {
      const row = await server.database.transaction((queries) => queries.one(freshStatement("read", everything), []));
      expect(row).to.deep.equal(read);
    });
  });

  describe("are isolated from each other", () => {
    it("when some of a thousand fail: each has its own row or its own error", async () => {
      const divide = freshStatement<{ n: number; q: number }>(
        "write",
        "select $1::int8 as n, $2::int8 / $3::int8 as q",
      );
      const results = await Promise.allSettled(
        Array.from({ length: 1_000 }, (_, n) => server.database.one(divide, [n, n * 2, n % 7 === 0 ? 0 : 2])),
      );
      results.forEach((result, n) => {
        if (n % 7 === 0) expect(result).to.have.nested.property("reason.code", "22012");
        else expect(result).to.have.property("value").deep.equal({ n, q: n });
      });
    });

    it("when some violate a unique constraint, which their errors name", async () => {
      const insert = freshStatement<{ id: number }>(
        "write",
        "insert into things (id, name) values ($1, $2) returning id",
      );
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, id) => server.database.one(insert, [id, `unique ${id % 10}`])),
      );
      const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
      expect(reasons).to.have.length(10);
      for (const reason of reasons) {
        expect(isUniqueViolation(reason, "things_name")).to.equal(true);
        expect(isUniqueViolation(reason, "things_pkey")).to.equal(false);
        expect(isForeignKeyViolation(reason, "things_name")).to.equal(false);
      }
    });

    it("when one violates a foreign key, which its error names", async () => {
      const insert = freshStatement("write", "insert into things (id, owner_id) values (1000, 1000)");
      const error = await failure(server.database.one(insert, []));
      expect(isForeignKeyViolation(error, "things_owner")).to.equal(true);
      expect(isUniqueViolation(error, "things_owner")).to.equal(false);
    });

    it("when one cannot be prepared, again and again", async () => {
      const wrong = freshStatement("read", "select * from nowhere");
      expect((await failure(server.database.one(wrong, []))).code).to.equal("42P01");
      expect((await failure(server.database.one(wrong, []))).code).to.equal("42P01");
    });

    it("when two have one name: the second cannot be declared", async () => {
      const one = statement("pool", "test-twice", "select 1 as n");
      expect(() => statement("read", "test-twice", "select 2 as n")).to.throw("Two statements are named test-twice");
      expect(await server.database.one(one, [])).to.deep.equal({ n: 1 });
    });

    it("when Postgres refuses a value, with its code", async () => {
      const number = freshStatement("write", "select $1::int8 as id");
      expect((await failure(server.database.one(number, ["seven"]))).code).to.equal("22P02");
      expect((await failure(server.database.one(number, [1, 2]))).message).to.match(/^1 values are required, 2 were/);
      expect(await server.database.one(number, [7])).to.deep.equal({ id: 7 });
    });
  });

  describe("are retried", () => {
    it("when their table has changed, and read the new column", async () => {
      await server.knex.raw("create table changing (a bigint); insert into changing values (1)");
      const all = freshStatement("read", "select * from changing");
      const both = [server.database.many(all, []), server.database.many(all, [])];
      expect(await Promise.all(both)).to.deep.equal([[{ a: 1 }], [{ a: 1 }]]);
      await server.knex.raw("alter table changing add column b text default 'x'");
      expect(await server.database.many(all, [])).to.deep.equal([{ a: 1, b: "x" }]);
      expect(await server.database.transaction((queries) => queries.many(all, []))).to.deep.equal([{ a: 1, b: "x" }]);
    });

    it("three times and no more after a serialization failure", async () => {
      await server.knex.raw(`
        create sequence tries;
        create function fails(times int) returns int8 language plpgsql as $$
        begin
          if nextval('tries') <= times then raise exception 'again' using errcode = '40001'; end if;
          return currval('tries');
        end $$`);
      const fails = freshStatement<{ n: number }>("write", "select fails($1) as n");
      expect(await server.database.one(fails, [3])).to.deep.equal({ n: 4 });
      const error = await failure(server.database.one(fails, [1_000]));
      expect(error).to.be.instanceOf(ApiError).and.have.property("reason", "DATABASE_UNAVAILABLE");
      expect((error as ApiError).more.cause).to.have.property("code", "40001");
      const tries = freshStatement("read", "select last_value as n from tries");
      expect(await server.database.one(tries, [])).to.deep.equal({ n: 8 });
    });
  });

  describe("end with 503", () => {
    it("on a lane after two seconds", async () => {
      const error = await failure(server.database.one(freshStatement("read", "select pg_sleep(10)"), []));
      expect(error).to.be.instanceOf(ApiError).and.deep.include({ reason: "DATABASE_UNAVAILABLE" });
      expect((error as ApiError).more.retryAfterSeconds).to.equal(1);
      expect((error as ApiError).more.cause).to.have.property("code", "57014");
    });

    it("on the pool after two seconds, and a search as too broad", async () => {
      const [long, search] = ["select pg_sleep(10)", "select pg_sleep(11)"];
      const errors = await Promise.all([
        failure(server.database.one(freshStatement("pool", long), [])),
        failure(server.database.one(searchStatement("test-dear", search), [])),
      ]);
      expect(errors.map((error) => error instanceof ApiError && error.reason)).to.deep.equal([
        "DATABASE_UNAVAILABLE",
        "SEARCH_TOO_BROAD",
      ]);
      for (const error of errors) expect((error as ApiError).more.cause).to.have.property("code", "57014");
    });

    it("when they wait too long for a lock", async () => {
      await server.knex.raw("insert into things (id) values (301)");
      const update = freshStatement("write", "update things set n = n + 1 where id = 301");
      const error = await server.database.transaction(async (queries) => {
        await queries.one(update, []);
        return failure(server.database.one(update, []));
      });
      expect(error).to.be.instanceOf(ApiError);
      expect((error as ApiError).more.cause).to.have.property("code", "55P03");
    });

    it("within two seconds when no connection of the pool is free", async () => {
      const hold = (): Promise<void> => server.database.transaction(() => delay(2_400));
      const holders = [hold(), hold(), hold()];
      await delay(20);
      const start = fairNow();
      const errors = await Promise.all([
        failure(server.database.one(freshStatement("pool", "select 1"), [])),
        failure(server.database.transaction(() => Promise.resolve())),
      ]);
      expect(fairNow() - start).to.be.below(2_000);
      for (const error of errors)
        expect(error).to.be.instanceOf(ApiError).and.have.property("reason", "DATABASE_UNAVAILABLE");
      await Promise.all(holders);
      expect(await server.database.one(freshStatement("pool", "select 1 as n"), [])).to.deep.equal({ n: 1 });
    });
  });
});
