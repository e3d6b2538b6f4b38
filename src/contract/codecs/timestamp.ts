// google.protobuf.Timestamp as text: RFC 3339 is read, UTC with milliseconds is written. Finer digits are kept, so that a bound is
// compared as it was given. Digits are read one by one, because Date accepts too much, and is slow for long lists.

/** What a Timestamp must be, to complete "created_after ...". */
export const timestampWanted =
  "must be an RFC 3339 date and time such as 2026-11-23T12:00:00Z, between the years 0001 and 9999";

/** 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z, in milliseconds since 1970. */
export const earliest = -62_135_596_800_000;
export const latest = 253_402_300_799_999;

/**
 * `ms`, milliseconds since 1970 between `earliest` and `latest`, as "2026-11-23T12:00:00.000Z". With `finer`, the nanoseconds
 * below them, it has six or nine digits where three do not hold them.
 */
export function formatTimestamp(ms: number, finer = 0): string {
  const days = Math.floor(ms / 86_400_000);
  const time = ms - days * 86_400_000;
  // Days are counted from 0000-03-01, in eras of 400 years, each of which has the same number of days.
  const sinceMarch = days + 719_468;
  const era = Math.floor(sinceMarch / 146_097);
  const dayOfEra = sinceMarch - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthOfYear = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthOfYear + 2) / 5) + 1;
  const month = monthOfYear < 10 ? monthOfYear + 3 : monthOfYear - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  const [hour, minute] = [Math.floor(time / 3_600_000), Math.floor(time / 60_000) % 60];
  const [second, millisecond] = [Math.floor(time / 1000) % 60, time % 1000];
  const date = `${two[Math.floor(year / 100)]!}${two[year % 100]!}-${two[month]!}-${two[day]!}`;
  const fraction = millisecond < 100 ? `0${two[millisecond]!}` : String(millisecond);
  return `${date}T${two[hour]!}:${two[minute]!}:${two[second]!}.${fraction}${finer === 0 ? "" : finerDigits(finer)}Z`;
}

function finerDigits(nanos: number): string {
  const digits = String(nanos).padStart(6, "0");
  return digits.endsWith("000") ? digits.slice(0, 3) : digits;
}

/** The nanoseconds below the millisecond, of a text that parseTimestamp reads. */
export function finerThanMs(text: string): number {
  // A text without finer digits is shorter, which nearly all are.
  if (text.length < 25) return 0;
  const [, digits = ""] = /\.\d{3}(\d+)/.exec(text) ?? [];
  return Number(digits.padEnd(6, "0"));
}

const two = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0"));

/** What is wrong with a text that parseTimestamp does not read, to complete "created_after ...", and how to write it. */
export function timestampFault(text: string): string {
  const hint = hints.find(([form]) => form.test(text))?.[1];
  return hint === undefined ? timestampWanted : `${timestampWanted}: ${hint}`;
}

/** The usual misspellings. The texts of a client are not sent back. */
const hints: readonly (readonly [form: RegExp, hint: string])[] = [
  [/^\S+ \d\d:?\d\d$/, "in a query a + is a blank, so the + of an offset is written %2B, as in %2B03:00"],
  [/[+-]\d\d(?:\d\d)?$(?<=:.*)/, "an offset has a colon, as in +03:00 (in a query %2B03:00)"],
  [/^\d{4}-\d\d-\d\d$/, "it has no time and no offset, such as T00:00:00Z"],
  [/^[\d-]+[ t]|z$/, "T is between date and time, and T and Z are capital letters"],
  [/T\d\d:\d\d(?:Z|[+-]\d\d:\d\d)?$/, "it has no seconds"],
  [/T[\d:.,]+$/, "it has no offset from UTC, such as Z or +03:00"],
  [/,|\.\d{10}/, "a fraction of a second has a point and at most nine digits"],
];

/**
 * RFC 3339 text as milliseconds since 1970; finer digits are cut off, see finerThanMs. Undefined for a text that is not RFC 3339 as ProtoJSON
 * has it (capital T and Z, at most nine digits of a fraction), for a day that no calendar has, and out of range.
 */
export function parseTimestamp(text: string): number | undefined {
  const length = text.length;
  if (length < 20) return undefined;
  const separated =
    text.charCodeAt(4) === DASH &&
    text.charCodeAt(7) === DASH &&
    text.charCodeAt(10) === 0x54 &&
    text.charCodeAt(13) === COLON &&
    text.charCodeAt(16) === COLON;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  if (!separated || year < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return undefined;

  let at = 19;
  let milliseconds = 0;
  if (text.charCodeAt(at) === 0x2e) {
    const start = ++at;
    while (isDigit(text.charCodeAt(at))) at++;
    if (at === start || at - start > 9) return undefined;
    const kept = Math.min(at, start + 3);
    milliseconds = digits(text, start, kept) * tens[kept - start]!;
  }
  const offset = zone(text, at);
  if (offset === undefined) return undefined;
  const minutes = (daysSince1970(year, month, day) * 24 + hour) * 60 + minute - offset;
  const ms = (minutes * 60 + second) * 1000 + milliseconds;
  return ms < earliest || ms > latest ? undefined : ms;
}

const DASH = 0x2d;
const COLON = 0x3a;
const tens = [1000, 100, 10, 1] as const;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The digits from `start` to `end` as a number; -1 when another character is among them. */
function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return -1;
    value = value * 10 + code - 0x30;
  }
  return value;
}

/** The zone at the end of the text, in minutes east of UTC. */
function zone(text: string, at: number): number | undefined {
  const sign = text.charCodeAt(at);
  if (sign === 0x5a) return at + 1 === text.length ? 0 : undefined;
  if ((sign !== 0x2b && sign !== DASH) || at + 6 !== text.length || text.charCodeAt(at + 3) !== COLON) return undefined;
  const hours = digits(text, at + 1, at + 3);
  const minutes = digits(text, at + 4, at + 6);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return undefined;
  return (sign === DASH ? -1 : 1) * (hours * 60 + minutes);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01, counted in years that begin with March, so that leap days come last. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const sinceMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * sinceMarch + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
}
