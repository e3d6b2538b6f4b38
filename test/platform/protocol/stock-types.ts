// The type parsers with which stock pg reads rows as Connection promises, from the text format that pg requests.
import pg from "pg";

type Parser = (text: string) => unknown;

function exactInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError("a bigint is beyond 2^53 - 1");
  return value;
}

/** "2026-11-23 12:00:00.123456+00" as RFC 3339 in UTC, cut to milliseconds. */
function timestamp(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?\+00$/.exec(text);
  if (!match) throw new RangeError("a timestamp is outside the years 1 to 9999");
  const [, date, time, fraction = ""] = match;
  return `${date}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}Z`;
}

const parserOfPg = pg.types.getTypeParser as (type: number) => Parser;
const boolean: Parser = (text) => text === "t";
const text: Parser = (text) => text;

function array(element: Parser): Parser {
  const parse = parserOfPg(1009) as (text: string) => (string | null | unknown[])[];
  return (source) =>
    parse(source).map((value) => {
      if (Array.isArray(value)) throw new RangeError("an array has more than one dimension");
      return value === null ? null : element(value);
    });
}

const parsers: ReadonlyMap<number, Parser> = new Map<number, Parser>([
  [16, boolean],
  [17, parserOfPg(17)],
  [20, exactInteger],
  [21, Number],
  [23, Number],
  [114, JSON.parse],
  // Postgres writes the shortest decimal that denotes the same float4.
  [700, (text) => Math.fround(Number(text))],
  [701, Number],
  [1184, timestamp],
  [3802, JSON.parse],
  [1000, array(boolean)],
  [1005, array(Number)],
  [1007, array(Number)],
  [1009, array(text)],
  [1015, array(text)],
  [1016, array(exactInteger)],
  [1022, array(Number)],
  [1185, array(timestamp)],
]);

/** For the `types` of a pg.Client: every other type is text. */
export const stockTypes = {
  getTypeParser: ((type: number) => parsers.get(type) ?? text) as typeof pg.types.getTypeParser,
};
