// Rows, from Postgres's bytes straight to plain objects of the contract: one function compiled for each list of columns. It
// knows no connection.

/** A column of a result, as Postgres describes it. */
export interface Column {
  readonly name: string;
  /** The type's number in pg_type. */
  readonly type: number;
}

/** Reads one DataRow, from the place of its first column's length. Throws a RangeError when a value has no exact form. */
export type RowReader = (bytes: Buffer, at: number) => object;

/** Reads a value of `size` bytes that starts at `at`. */
type ValueReader = (bytes: Buffer, at: number, size: number) => unknown;

const DAY = 86_400_000;
/** The epoch of Postgres, 2000-01-01, in milliseconds since 1970. */
const EPOCH = 946_684_800_000;
const YEAR_1 = -62_135_596_800_000;
const YEAR_10000 = 253_402_300_800_000;

function int4(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function int2(bytes: Buffer, at: number): number {
  return bytes.readInt16BE(at);
}

/** A bigint as a number; an error beyond 2^53 - 1, because a rounded id would be the id of another row. */
function int8(bytes: Buffer, at: number): number {
  const value = int4(bytes, at) * 4_294_967_296 + (int4(bytes, at + 4) >>> 0);
  if (!Number.isSafeInteger(value)) throw new RangeError("a bigint is beyond 2^53 - 1");
  return value;
}

function bool(bytes: Buffer, at: number): boolean {
  return bytes[at] === 1;
}

function float4(bytes: Buffer, at: number): number {
  return bytes.readFloatBE(at);
}

function float8(bytes: Buffer, at: number): number {
  return bytes.readDoubleBE(at);
}

function text(bytes: Buffer, at: number, size: number): string {
  return bytes.toString("utf8", at, at + size);
}

function json(bytes: Buffer, at: number, size: number): unknown {
  return JSON.parse(text(bytes, at, size));
}

/** A copy, because the bytes themselves are part of the stream's buffer. */
function bytea(bytes: Buffer, at: number, size: number): Buffer {
  return Buffer.from(bytes.subarray(at, at + size));
}

let day = Number.NaN;
let dayText = "";

/** "2026-11-23T", cached for the last day, which the rows of one result mostly share. */
function dateOf(days: number): string {
  if (days !== day) {
    dayText = new Date(days * DAY).toISOString().slice(0, 11);
    day = days;
  }
  return dayText;
}

const two = (number: number): string => String(number).padStart(2, "0");
const MINUTES = Array.from({ length: 1_440 }, (_, minute) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}:`);
const SECONDS = Array.from({ length: 60 }, (_, second) => two(second));
const MILLISECONDS = Array.from({ length: 1_000 }, (_, ms) => `.${String(ms).padStart(3, "0")}Z`);

/** Microseconds since 2000 as RFC 3339 in UTC, cut to milliseconds. Infinity and years outside 1 to 9999 have no such form. */
function timestamptz(bytes: Buffer, at: number): string {
  const high = int4(bytes, at);
  // In two parts, because a sum of microseconds is not exact beyond the year 2285.
  const time = high * 4_294_967 + Math.floor((high * 296 + (int4(bytes, at + 4) >>> 0)) / 1_000) + EPOCH;
  if (time < YEAR_1 || time >= YEAR_10000) throw new RangeError("a timestamp is outside the years 1 to 9999");
  const days = Math.floor(time / DAY);
  const rest = time - days * DAY;
  const minute = Math.floor(rest / 60_000);
  const second = Math.floor((rest - minute * 60_000) / 1_000);
  return dateOf(days) + MINUTES[minute]! + (SECONDS[second]! + MILLISECONDS[rest % 1_000]!);
}

/** An array of one dimension. A null element stays null, so that the others keep their places. */
function array(element: ValueReader): ValueReader {
  return (bytes, at) => {
    const dimensions = int4(bytes, at);
    if (dimensions === 0) return [];
    if (dimensions > 1) throw new RangeError("an array has more than one dimension");
    const count = int4(bytes, at + 12);
    const values: unknown[] = [];
    let place = at + 20;
    for (let index = 0; index < count; index += 1) {
      const size = int4(bytes, place);
      place += 4;
      values.push(size < 0 ? null : element(bytes, place, size));
      if (size > 0) place += size;
    }
    return values;
  };
}

/** The types that are requested in binary format, by their numbers in pg_type; every other is requested as text. */
const binary: ReadonlyMap<number, ValueReader> = new Map<number, ValueReader>([
  [16, bool],
  [17, bytea],
  [20, int8],
  [21, int2],
  [23, int4],
  [700, float4],
  [701, float8],
  [1184, timestamptz],
  [1000, array(bool)],
  [1005, array(int2)],
  [1007, array(int4)],
  [1009, array(text)],
  [1015, array(text)],
  [1016, array(int8)],
  [1022, array(float8)],
  [1185, array(timestamptz)],
]);
const asText: ReadonlyMap<number, ValueReader> = new Map<number, ValueReader>([
  [114, json],
  [3802, json],
]);

/** The format code of a type in a Bind message: 1 for binary, 0 for text. */
export function resultFormat(type: number): 0 | 1 {
  return binary.has(type) ? 1 : 0;
}

const compiled = new Map<string, RowReader>();

/**
 * The reader of rows with these columns, each in the format of `resultFormat`. Equal lists share one reader, so that their
 * rows have one hidden class. Null is undefined; of two columns with one name the row has the last.
 */
export function rowReader(columns: readonly Column[]): RowReader {
  const key = JSON.stringify(columns.map(({ name, type }) => [name, type]));
  const known = compiled.get(key);
  if (known) return known;
  const readers = columns.map(({ type }) => binary.get(type) ?? asText.get(type) ?? text);
  const steps = columns.map(
    (_, index) => `
    let value${index};
    size = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    at += 4;
    if (size >= 0) {
      value${index} = read${index}(bytes, at, size);
      at += size;
    }`,
  );
  // Names are quoted, and __proto__ is a computed name, so that every column is an own property.
  const fields = columns.map(({ name }, index) =>
    name === "__proto__" ? `["__proto__"]: value${index}` : `${JSON.stringify(name)}: value${index}`,
  );
  const source = `return (bytes, at) => { let size; ${steps.join("")} return { ${fields.join(", ")} }; }`;
  const build = new Function(...readers.map((_, index) => `read${index}`), source) as (
    ...of: ValueReader[]
  ) => RowReader;
  const reader = build(...readers);
  compiled.set(key, reader);
  return reader;
}
