// Statements, lanes and transactions on a real Postgres that behaves. outage.test.ts has one that does not.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { pino } from "pino";
import { ApiError } from "../../../src/errors.js";
import {
  type DatabaseServer,
  isForeignKeyViolation,
  isUniqueViolation,
  openDatabase,
} from "../../../src/platform/database/database.js";
import { type ConnectionGroup, statement } from "../../../src/platform/database/statement.js";
import { type TestDatabase, testDatabase } from "../../support/database.js";

const lanes: readonly ConnectionGroup[] = ["read", "write", "pool"];
let serial = 0;

/** A statement for one test alone. */
function ask<Row>(lane: ConnectionGroup, text: string): ReturnType<typeof statement<Row>> {
  return statement<Row>(lane, `test-${(serial += 1)}`, text);
}

async function failure(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  return promise.then(
    () => {
      throw new Error("it succeeded");
    },
    (error: unknown) => error as Error,
  );
}

describe("the database", () => {
  let home: TestDatabase;
  let server: DatabaseServer;
  const observed: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { level: "debug" },
    { write: (line: string) => void lines.push(JSON.parse(line) as object as never) },
  );

  before(async () => {
    home = await testDatabase();
    server = await openDatabase({ url: home.url, pool: 3, log, slowMs: 50, observe: (name) => observed.push(name) });
    await server.knex.raw(`
      create table owners (id bigint constraint owners_pkey primary key);
      create table things (
        id bigint constraint things_pkey primary key, name text constraint things_name unique, n bigint not null default 0,
        owner_id bigint constraint things_owner references owners
      )`);
  });

  after(async () => {
    await server.close();
    await home.drop();
  });

  describe("reads values", () => {
    const everything = `
      select 42::int2 as small, -7::int4 as int, 9007199254740991::int8 as big, -9007199254740991::int8 as low, true as yes, false as no,
             1.5::float8 as double, 0.25::float4 as real, 'Привет, 🌍' as text, ''::text as empty, 'v'::varchar as varchar,
             '{"a": [1, null], "ы": "я"}'::jsonb as jsonb, '[1]'::json as json, '2026-11-23'::date as date, 12.50::numeric as numeric,
             '\\x00ff'::bytea as bytes, '0193a1b2-0000-7000-8000-000000000001'::uuid as uuid,
             array[1, -2, null]::int8[] as numbers, array['a', 'b "c"', null, '{}']::text[] as words, array[]::int4[] as none,
             array[true, false] as flags, array['2026-11-23 12:00Z']::timestamptz[] as times, null::int8 as gone, null::timestamptz as never`;
    const read = {
      small: 42,
      int: -7,
      big: 9007199254740991,
      low: -9007199254740991,
      yes: true,
      no: false,
      double: 1.5,
      real: 0.25,
      text: "Привет, 🌍",
      empty: "",
      varchar: "v",
      jsonb: { a: [1, null], ы: "я" },
      json: [1],
      date: "2026-11-23",
      numeric: "12.50",
      bytes: Buffer.from([0, 255]),
      uuid: "0193a1b2-0000-7000-8000-000000000001",
      numbers: [1, -2, null],
      words: ["a", 'b "c"', null, "{}"],
      none: [],
      flags: [true, false],
      times: ["2026-11-23T12:00:00.000Z"],
      gone: undefined,
      never: undefined,
    };

    for (const lane of lanes) {
      it(`of every type the same way in the ${lane} lane`, async () => {
        expect(await server.database.one(ask(lane, everything), [])).to.deep.equal(read);
      });
    }

    it("of every type the same way in a transaction", async () => {
      const row = await server.database.transaction((queries) => queries.one(ask("read", everything), []));
      expect(row).to.deep.equal(read);
    });

    it("as moments in UTC, cut to milliseconds, from the year 1 to 9999", async () => {
      const moments: [string, string][] = [
        ["2026-11-23 12:00:00Z", "2026-11-23T12:00:00.000Z"],
        ["2026-11-23 12:00:00.1Z", "2026-11-23T12:00:00.100Z"],
        ["2026-11-23 12:00:00.123999Z", "2026-11-23T12:00:00.123Z"],
        ["2026-11-23 23:59:59.999+03", "2026-11-23T20:59:59.999Z"],
        ["2024-02-29 00:00:00Z", "2024-02-29T00:00:00.000Z"],
        ["1969-12-31 23:59:59.999999Z", "1969-12-31T23:59:59.999Z"],
        ["0001-01-01 00:00:00Z", "0001-01-01T00:00:00.000Z"],
        ["9999-12-31 23:59:59.999999Z", "9999-12-31T23:59:59.999Z"],
      ];
      const asked = ask<{ at: string }>("read", "select $1::timestamptz as at");
      const rows = await Promise.all(moments.map(([moment]) => server.database.one(asked, [moment])));
      expect(rows.map((row) => row?.at)).to.deep.equal(moments.map(([, moment]) => moment));
    });

    it("as what they are or not at all: a bigint beyond 2^53 - 1 and a moment out of range are errors", async () => {
      const big = ask("read", "select $1::int8 as id");
      const moment = ask("read", "select $1::timestamptz as at");
      for (const value of ["9007199254740992", "-9007199254740992", "9223372036854775807"]) {
        expect(await failure(server.database.one(big, [value]))).to.be.instanceOf(RangeError);
      }
      for (const value of ["infinity", "-infinity", "0044-03-15 12:00Z BC", "10000-01-01 00:00Z"]) {
        expect(await failure(server.database.one(moment, [value]))).to.be.instanceOf(RangeError);
      }
      expect(await server.database.one(big, ["17"])).to.deep.equal({ id: 17 });
    });

    it("of one query with equal columns into objects of one shape, nulls or not", async () => {
      const rows = await server.database.many(
        ask("read", "select n as id, nullif(n, 2) as other from generate_series(1, 3) as n"),
        [],
      );
      expect(rows).to.deep.equal([
        { id: 1, other: 1 },
        { id: 2, other: undefined },
        { id: 3, other: 3 },
      ]);
      expect(rows.map((row) => Object.keys(row as object))).to.deep.equal(Array(3).fill(["id", "other"]));
    });

    it("from columns with hostile names", async () => {
      const row = await server.database.one(ask("read", `select 1 as "__proto__", 2 as "a""b\\', ${"`${c}`"}"`), []);
      expect(Object.entries(row as object)).to.deep.equal([
        ["__proto__", 1],
        ["a\"b\\', `${c}`", 2],
      ]);
    });

    it("that fill many chunks, beside small ones", async () => {
      const rows = await server.database.many<{ n: number; text: string }>(
        ask(
          "read",
          "select n, repeat('жук' || n, case when n % 3 = 0 then 400000 else n end) as text from generate_series(1, 9) as n",
        ),
        [],
      );
      expect(rows.map(({ n }) => n)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      for (const { n, text } of rows) expect(text === `жук${n}`.repeat(n % 3 === 0 ? 400_000 : n)).to.equal(true);
    });
  });

  describe("writes values", () => {
    const echo = ask<Record<string, unknown>>(
      "write",
      `select $1::int8 as number, $2::text as text, $3::bool as bool, $4::jsonb as object, $5::jsonb as list, $6::text[] as words,
              $7::int8[] as numbers, $8::timestamptz as moment, $9::bytea as bytes, $10::float8 as double, $11::jsonb as string`,
    );

    it("of every type as Postgres understands them", async () => {
      const words = ["a", "", 'q"u\\o', null, "{,}", "NULL", "слово"];
      const values = [
        -1,
        "ы\n'",
        false,
        { a: ["ж"] },
        [1, [2]],
        words,
        [1, null],
        new Date(0),
        Buffer.from([0, 1]),
        0.1,
        '"s"',
      ];
      expect(await server.database.one(echo, values)).to.deep.equal({
        number: -1,
        text: "ы\n'",
        bool: false,
        object: { a: ["ж"] },
        list: [1, [2]],
        words,
        numbers: [1, null],
        moment: "1970-01-01T00:00:00.000Z",
        bytes: Buffer.from([0, 1]),
        double: 0.1,
        string: "s",
      });
    });

    it("that are null or undefined as null", async () => {
      const row = await server.database.one(echo, [null, undefined, ...Array<null>(9).fill(null)]);
      expect(Object.values(row ?? {})).to.deep.equal(Array(11).fill(undefined));
    });

    it("of a megabyte, then small ones again", async () => {
      const length = ask<{ n: number }>("write", "select length($1::text) as n");
      const sizes = [1_000_000, 1, 3_000_000, 0];
      const rows = await Promise.all(sizes.map((size) => server.database.one(length, ["ё".repeat(size)])));
      expect(rows.map((row) => row?.n)).to.deep.equal(sizes);
    });

    it("only as many as the statement has", async () => {
      expect((await failure(server.database.one(echo, [1]))).message).to.match(/^11 values are required, 1 were given/);
    });

    it("that Postgres refuses are errors with its code", async () => {
      const number = ask("write", "select $1::int8 as id");
      expect((await failure(server.database.one(number, ["seven"]))).code).to.equal("22P02");
      expect((await failure(server.database.one(number, ["9223372036854775808"]))).code).to.equal("22003");
      expect((await failure(server.database.one(ask("write", "select $1::text as t"), ["\0"]))).code).to.equal("22021");
    });
  });

  describe("isolates", () => {
    it("errors among a thousand pipelined statements: each answer goes to its own question", async () => {
      const divide = ask<{ n: number; q: number }>("write", "select $1::int8 as n, $2::int8 / $3::int8 as q");
      const results = await Promise.allSettled(
        Array.from({ length: 1_000 }, (_, n) => server.database.one(divide, [n, n * 2, n % 7 === 0 ? 0 : 2])),
      );
      results.forEach((result, n) => {
        if (n % 7 === 0) expect(result).to.have.nested.property("reason.code", "22012");
        else expect(result).to.have.property("value").deep.equal({ n, q: n });
      });
    });

    it("a unique violation to its own statement, and names the constraint", async () => {
      const insert = ask<{ id: number }>("write", "insert into things (id, name) values ($1, $2) returning id");
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

    it("a foreign key violation likewise", async () => {
      const insert = ask("write", "insert into things (id, owner_id) values (1000, 1000)");
      const error = await failure(server.database.one(insert, []));
      expect(isForeignKeyViolation(error, "things_owner")).to.equal(true);
      expect(isUniqueViolation(error, "things_owner")).to.equal(false);
    });

    it("a statement that cannot be prepared, again and again", async () => {
      const wrong = ask("read", "select * from nowhere");
      expect((await failure(server.database.one(wrong, []))).code).to.equal("42P01");
      expect((await failure(server.database.one(wrong, []))).code).to.equal("42P01");
    });

    it("two statements of one name: the second is refused", async () => {
      const [one, other] = ["select 1 as n", "select 2 as n"].map((text) => statement("pool", "test-twice", text));
      await server.database.transaction(async (queries) => {
        expect(await queries.one(one!, [])).to.deep.equal({ n: 1 });
        expect((await failure(queries.one(other!, []))).message).to.equal("Two statements are named test-twice");
      });
    });
  });

  describe("tries again", () => {
    it("when tables changed under a prepared statement, and reads the new column", async () => {
      await server.knex.raw("create table changing (a bigint); insert into changing values (1)");
      const all = ask("read", "select * from changing");
      const both = [server.database.many(all, []), server.database.many(all, [])];
      expect(await Promise.all(both)).to.deep.equal([[{ a: 1 }], [{ a: 1 }]]);
      await server.knex.raw("alter table changing add column b text default 'x'");
      expect(await server.database.many(all, [])).to.deep.equal([{ a: 1, b: "x" }]);
      expect(await server.database.transaction((queries) => queries.many(all, []))).to.deep.equal([{ a: 1, b: "x" }]);
    });

    it("the transaction that lost a deadlock", async () => {
      await server.knex.raw("insert into things (id) values (101), (102)");
      const update = ask("pool", "update things set n = n + 1 where id = $1");
      let runs = 0;
      let met = 0;
      const crosswise = (first: number, second: number): Promise<void> =>
        server.database.transaction(
          async (queries) => {
            runs += 1;
            await queries.one(update, [first]);
            met += 1;
            while (met < 2) await delay(1);
            await queries.one(update, [second]);
          },
          { timeoutMs: 5_000 },
        );
      await Promise.all([crosswise(101, 102), crosswise(102, 101)]);
      expect(runs).to.be.above(2);
      const rows = await server.database.many(ask("read", "select n from things where id in (101, 102)"), []);
      expect(rows).to.deep.equal([{ n: 2 }, { n: 2 }]);
    });

    it("a single statement that could not be serialized, three times and no more", async () => {
      await server.knex.raw(`
        create sequence tries;
        create function fails(times int) returns int8 language plpgsql as $$
        begin
          if nextval('tries') <= times then raise exception 'again' using errcode = '40001'; end if;
          return currval('tries');
        end $$`);
      const fails = ask<{ n: number }>("write", "select fails($1) as n");
      expect(await server.database.one(fails, [3])).to.deep.equal({ n: 4 });
      expect((await failure(server.database.one(fails, [1_000]))).code).to.equal("40001");
      expect(await server.database.one(ask("read", "select last_value as n from tries"), [])).to.deep.equal({ n: 8 });
    });
  });

  describe("keeps transactions whole", () => {
    const insert = ask("write", "insert into things (id, name) values ($1, $2)");
    const count = ask<{ n: number }>("read", "select count(*) as n from things where id between $1 and $2");

    it("all of it is there after its end, and nothing before", async () => {
      await server.database.transaction(async (queries) => {
        await queries.one(insert, [201, "a"]);
        expect(await server.database.one(count, [201, 202])).to.deep.equal({ n: 0 });
        await queries.one(insert, [202, "b"]);
      });
      expect(await server.database.one(count, [201, 202])).to.deep.equal({ n: 2 });
    });

    it("nothing of it is there when its work throws", async () => {
      const fault = new Error("changed my mind");
      const error = await failure(
        server.database.transaction(async (queries) => {
          await queries.one(insert, [211, "c"]);
          throw fault;
        }),
      );
      expect(error).to.equal(fault);
      expect(await server.database.one(count, [211, 211])).to.deep.equal({ n: 0 });
    });

    it("a failure that its work swallowed fails it nevertheless", async () => {
      const error = await failure(
        server.database.transaction(async (queries) => {
          await queries.one(insert, [221, "d"]);
          await queries.one(insert, [221, "e"]).catch(() => undefined);
        }),
      );
      expect(isUniqueViolation(error, "things_pkey")).to.equal(true);
      expect(await server.database.one(count, [221, 221])).to.deep.equal({ n: 0 });
    });

    it("statements asked at once, of which one fails, leave nothing behind", async () => {
      for (let round = 0; round < 20; round += 1) {
        // New statements, so that some are still being prepared when another has failed.
        const fresh = Array.from({ length: 4 }, () => ask("write", "insert into things (id) values ($1)"));
        const error = await failure(
          server.database.transaction((queries) =>
            Promise.all([
              queries.one(ask("read", "select 1 / 0"), []),
              ...fresh.map((each, n) => queries.one(each, [231 + n])),
            ]),
          ),
        );
        expect(error.code).to.equal("22012");
      }
      await delay(50);
      expect(await server.database.one(count, [231, 234])).to.deep.equal({ n: 0 });
    });

    it("statements that nobody waited for belong to it", async () => {
      await server.database.transaction((queries) => {
        void queries.one(insert, [241, "f"]);
        return Promise.resolve();
      });
      expect(await server.database.one(count, [241, 241])).to.deep.equal({ n: 1 });
    });

    it("what comes after its end is refused", async () => {
      const late = await server.database.transaction((queries) => Promise.resolve(queries));
      expect((await failure(late.one(insert, [251, "g"]))).message).to.match(/came after the end of its transaction/);
      expect(await server.database.one(count, [251, 251])).to.deep.equal({ n: 0 });
    });

    it("twenty at once on three connections all succeed", async () => {
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          server.database.transaction((queries) => queries.one(insert, [260 + n, `h${n}`])),
        ),
      );
      expect(await server.database.one(count, [260, 279])).to.deep.equal({ n: 20 });
    });
  });

  describe("ends what takes too long", () => {
    it("a statement of a lane after two seconds, as 503", async () => {
      const error = await failure(server.database.one(ask("read", "select pg_sleep(10)"), []));
      expect(error).to.be.instanceOf(ApiError).and.deep.include({ reason: "DATABASE_UNAVAILABLE" });
      expect((error as ApiError).more.retryAfterSeconds).to.equal(1);
      expect((error as ApiError).more.cause).to.have.property("code", "57014");
    });

    it("but not a transaction that is given more time", async () => {
      const sleep = ask("pool", "select pg_sleep(3)::text as slept");
      const row = await server.database.transaction((queries) => queries.one(sleep, []), { timeoutMs: 10_000 });
      expect(row).to.deep.equal({ slept: "" });
      expect(await server.database.one(ask("pool", "show statement_timeout"), [])).to.deep.equal({
        statement_timeout: "2s",
      });
    });

    it("a wait for a lock, as 503", async () => {
      await server.knex.raw("insert into things (id) values (301)");
      const update = ask("write", "update things set n = n + 1 where id = 301");
      const error = await server.database.transaction(async (queries) => {
        await queries.one(update, []);
        return failure(server.database.one(update, []));
      });
      expect(error).to.be.instanceOf(ApiError);
      expect((error as ApiError).more.cause).to.have.property("code", "55P03");
    });

    it("a wait for a connection, as 503 within two seconds", async () => {
      const hold = (): Promise<void> => server.database.transaction(() => delay(2_400));
      const holders = [hold(), hold(), hold()];
      await delay(20);
      const start = performance.now();
      const errors = await Promise.all([
        failure(server.database.one(ask("pool", "select 1"), [])),
        failure(server.database.transaction(() => Promise.resolve())),
      ]);
      expect(performance.now() - start).to.be.below(2_000);
      for (const error of errors)
        expect(error).to.be.instanceOf(ApiError).and.have.property("reason", "DATABASE_UNAVAILABLE");
      await Promise.all(holders);
      expect(await server.database.one(ask("pool", "select 1 as n"), [])).to.deep.equal({ n: 1 });
    });
  });

  describe("tells", () => {
    it("the log each statement's name, SQL and time with the bindings of the request, and never a value", async () => {
      lines.length = 0;
      const bound = server.database.with(log.child({ request_id: "r-17" }));
      const secret = ask("read", "select $1::text as text");
      await bound.one(secret, ["correct horse battery staple"]);
      await bound.transaction((queries) => queries.one(secret, ["correct horse battery staple"]));
      await failure(bound.one(ask("read", "select $1::int8"), ["correct horse battery staple"]));
      expect(lines.map(({ statement: name }) => name)).to.include(secret.name);
      for (const line of lines) {
        expect(line).to.include({ request_id: "r-17", msg: "query" });
        expect(line["duration_ms"]).to.be.a("number");
        expect(line["sql"]).to.match(/^select \$1/);
      }
      expect(lines).to.have.length(3);
      expect(JSON.stringify(lines)).not.to.include("horse");
    });

    it("of slow ones as a warning", async () => {
      lines.length = 0;
      const slow = ask("read", "select pg_sleep(0.1)::text");
      await server.database.one(slow, []);
      expect(lines).to.have.length(1);
      expect(lines[0]).to.include({ level: 40, msg: "slow query", statement: slow.name });
      expect(lines[0]!["duration_ms"]).to.be.at.least(100);
    });

    it("whoever measures", async () => {
      const measured = ask("read", "select 1");
      observed.length = 0;
      await server.database.one(measured, []);
      expect(observed).to.deep.equal([measured.name]);
    });

    it("listeners what was told to their channel, until they have had enough", async () => {
      const heard: string[] = [];
      const listener = await server.listen("Some-Channel", (payload) => heard.push(payload));
      const failing = await server.listen("Some-Channel", () => {
        throw new Error("a bad listener");
      });
      const notify = ask("write", "select pg_notify($1, $2)");
      await server.database.one(notify, ["Some-Channel", "один"]);
      await server.database.one(notify, ["other", "two"]);
      await server.database.one(notify, ["Some-Channel", ""]);
      await until(() => heard.length === 2);
      expect(heard).to.deep.equal(["один", ""]);
      await listener.close();
      await failing.close();
      await server.database.one(notify, ["Some-Channel", "three"]);
      await server.ping();
      expect(heard).to.have.length(2);
    });
  });

  it("opens a fixed number of connections and closes all of them", async () => {
    const other = await openDatabase({ url: home.url, pool: 2, log });
    const sessions = ask<{ n: number }>(
      "read",
      "select count(*) as n from pg_stat_activity where datname = current_database() and application_name = 'lyceum'",
    );
    const now = async (): Promise<number> => (await server.database.one(sessions, []))!.n;
    const most = await now();
    await Promise.all(
      Array.from({ length: 50 }, () => other.database.transaction((queries) => queries.one(sessions, []))),
    );
    const busy = await now();
    expect(busy).to.equal(most + 2);
    await other.close();
    await until(async () => (await now()) === busy - 13);
  });

  it("answers what is in flight before it closes", async () => {
    const other = await openDatabase({ url: home.url, pool: 2, log });
    const slow = (lane: ConnectionGroup): Promise<unknown> =>
      other.database.one(ask(lane, "select pg_sleep(0.3)::text as done"), []);
    const inFlight = [slow("read"), slow("write"), slow("pool")];
    await delay(20);
    await other.close();
    expect(await Promise.all(inFlight)).to.deep.equal(Array(3).fill({ done: "" }));
    for (const lane of lanes) expect(await failure(slow(lane))).to.be.instanceOf(ApiError);
    expect(await failure(other.ping())).to.be.instanceOf(ApiError);
  });
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await condition()) return;
    await delay(20);
  }
  throw new Error("it never came");
}
