// The values of rows and of parameters: every type, and those that have no exact form.
import { expect } from "chai";
import type { Connection } from "../../../src/platform/database/protocol/connection.js";
import { type TestDatabase, testDatabase } from "../../support/database.js";
import { implementations, rejection, settings } from "./implementations.js";

const everything = `
  select 42::int2 as small, -7::int4 as int, 9007199254740991::int8 as big, -9007199254740991::int8 as low, true as yes, false as no,
         1.5::float8 as double, 0.1::float4 as real, 'Привет, 🌍' as text, ''::text as empty, 'v'::varchar as varchar,
         '{"a": [1, null], "ы": "я"}'::jsonb as jsonb, '[1]'::json as json, '2026-11-23'::date as date, 12.50::numeric as numeric,
         '\\x00ff'::bytea as bytes, '0193a1b2-0000-7000-8000-000000000001'::uuid as uuid,
         array[1, -2, null]::int8[] as numbers, array['a', 'b "c"', null, '{}']::text[] as words, array[]::int4[] as none,
         array[1, 2]::int2[] as smalls, array['v']::varchar[] as varchars, array[0.5]::float8[] as doubles,
         array[true, false] as flags, array['2026-11-23 12:00Z']::timestamptz[] as times, null::int8 as gone, null::timestamptz as never`;

const read = {
  small: 42,
  int: -7,
  big: 9007199254740991,
  low: -9007199254740991,
  yes: true,
  no: false,
  double: 1.5,
  real: Math.fround(0.1),
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
  smalls: [1, 2],
  varchars: ["v"],
  doubles: [0.5],
  flags: [true, false],
  times: ["2026-11-23T12:00:00.000Z"],
  gone: undefined,
  never: undefined,
};

const moments: readonly (readonly [string, string])[] = [
  ["2026-11-23 12:00:00Z", "2026-11-23T12:00:00.000Z"],
  ["2026-11-23 12:00:00.1Z", "2026-11-23T12:00:00.100Z"],
  ["2026-11-23 12:00:00.123999Z", "2026-11-23T12:00:00.123Z"],
  ["2026-11-23 23:59:59.999+03", "2026-11-23T20:59:59.999Z"],
  ["2024-02-29 00:00:00Z", "2024-02-29T00:00:00.000Z"],
  ["1969-12-31 23:59:59.999999Z", "1969-12-31T23:59:59.999Z"],
  ["0001-01-01 00:00:00Z", "0001-01-01T00:00:00.000Z"],
  ["9999-12-31 23:59:59.999999Z", "9999-12-31T23:59:59.999Z"],
];

for (const { name, open } of implementations) {
  describe(`values over a connection ${name}`, () => {
    let database: TestDatabase;
    let connection: Connection;
    let serial = 0;

    const run = (text: string, values: readonly unknown[] = []): Promise<object[]> =>
      connection.run(`values-${(serial += 1)}`, text, values, Infinity);

    before(async () => {
      database = await testDatabase();
      connection = await open(settings(database.url));
    });
    after(async () => {
      await connection.close(1_000);
      await database.drop();
    });

    describe("are read", () => {
      it("from every type", async () => {
        expect(await run(everything)).to.deep.equal([read]);
      });

      it("as times in UTC, cut to milliseconds, from the year 1 to 9999", async () => {
        const at = (moment: string): Promise<object[]> =>
          connection.run("at", "select $1::timestamptz as at", [moment], Infinity);
        for (const [moment, text] of moments) expect(await at(moment)).to.deep.equal([{ at: text }]);
      });

      it("exactly or not at all: a bigint beyond 2^53 - 1, a time out of range, an array of two dimensions are errors", async () => {
        for (const value of ["9007199254740992", "-9007199254740992", "9223372036854775807"]) {
          expect(await rejection(run("select $1::int8 as id", [value]))).to.be.instanceOf(RangeError);
          expect(await rejection(run("select array[$1::int8] as ids", [value]))).to.be.instanceOf(RangeError);
        }
        for (const value of ["infinity", "-infinity", "0044-03-15 12:00Z BC", "10000-01-01 00:00Z"]) {
          expect(await rejection(run("select $1::timestamptz as at", [value]))).to.be.instanceOf(RangeError);
        }
        expect(await rejection(run("select array[[1], [2]] as table"))).to.be.instanceOf(RangeError);
        expect(await run("select $1::int8 as id", ["17"])).to.deep.equal([{ id: 17 }]);
      });

      it("into rows with the same properties, null or not", async () => {
        const rows = await run("select n as id, nullif(n, 2) as other from generate_series(1, 3) as n");
        expect(rows).to.deep.equal([
          { id: 1, other: 1 },
          { id: 2, other: undefined },
          { id: 3, other: 3 },
        ]);
        expect(rows.map((row) => Object.keys(row))).to.deep.equal(Array(3).fill(["id", "other"]));
      });

      it("from columns with any name; of two with one name the last", async () => {
        const [row] = await run(`select 1 as "__proto__", 2 as "a""b\\', ${"`${c}`"}", 3 as twice, 4 as twice`);
        expect(Object.entries(row!)).to.deep.equal([
          ["__proto__", 1],
          ["a\"b\\', `${c}`", 2],
          ["twice", 4],
        ]);
      });

      it("from rows larger than a chunk of the stream, between small ones", async () => {
        const rows = await run(
          "select n, repeat('жук' || n, case when n % 3 = 0 then 400000 else n end) as text from generate_series(1, 9) as n",
        );
        rows.forEach((row, index) => {
          const { n, text } = row as { n: number; text: string };
          expect(n).to.equal(index + 1);
          expect(text === `жук${n}`.repeat(n % 3 === 0 ? 400_000 : n)).to.equal(true);
        });
        expect(rows).to.have.length(9);
      });
    });

    describe("are written", () => {
      const echo = `
        select $1::int8 as number, $2::text as text, $3::bool as bool, $4::jsonb as object, $5::jsonb as list, $6::text[] as words,
               $7::int8[] as numbers, $8::timestamptz as moment, $9::bytea as bytes, $10::float8 as double, $11::jsonb as string,
               $12::json as json, $13::int8 as big`;

      it("to every type", async () => {
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
          true,
          17n,
        ];
        expect(await run(echo, values)).to.deep.equal([
          {
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
            json: true,
            big: 17,
          },
        ]);
      });

      it("as null when they are null or undefined", async () => {
        const [row] = await run(echo, [null, undefined, ...Array<null>(11).fill(null)]);
        expect(Object.values(row!)).to.deep.equal(Array(13).fill(undefined));
      });

      it("within arrays of times, bytes and objects", async () => {
        const [row] = await run("select $1::timestamptz[] as times, $2::bytea[] as bytes, $3::jsonb[] as objects", [
          [new Date(0), null],
          [Buffer.from([0, 255])],
          [{ a: 'q"' }, null],
        ]);
        expect(row).to.deep.equal({
          times: ["1970-01-01T00:00:00.000Z", null],
          bytes: '{"\\\\x00ff"}',
          objects: '{"{\\"a\\": \\"q\\\\\\"\\"}",NULL}',
        });
      });

      it("of megabytes, between small ones", async () => {
        const sizes = [1_000_000, 1, 3_000_000, 0];
        const rows = await Promise.all(sizes.map((size) => run("select length($1::text) as n", ["ё".repeat(size)])));
        expect(rows).to.deep.equal(sizes.map((n) => [{ n }]));
      });

      it("or are errors of Postgres when their type refuses them", async () => {
        expect((await rejection(run("select $1::int8", ["seven"]))).code).to.equal("22P02");
        expect((await rejection(run("select $1::int8", ["9223372036854775808"]))).code).to.equal("22003");
        expect((await rejection(run("select $1::text", ["\0"]))).code).to.equal("22021");
      });

      it("or, when they have no text, are errors of which nothing is sent", async () => {
        const circular: Record<string, unknown> = {};
        circular["self"] = circular;
        const write = (object: unknown, text: unknown): Promise<object[]> =>
          connection.run("unwritten", "select $1::jsonb as object, $2::text as text", [object, text], Infinity);
        for (const value of [circular, [circular], { big: 1n }, new Date(Number.NaN)]) {
          const [before, error, after] = await Promise.all([
            run("select 1 as n"),
            rejection(write(value, value)),
            run("select 2 as n"),
          ]);
          expect(before).to.deep.equal([{ n: 1 }]);
          expect(error).not.to.have.property("code");
          expect(after).to.deep.equal([{ n: 2 }]);
        }
        expect(await write(1, "t")).to.deep.equal([{ object: 1, text: "t" }]);
      });
    });
  });
}
