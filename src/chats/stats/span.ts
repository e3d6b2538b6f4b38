// The days that statistics cover.
import { ApiError } from "../../errors.js";

/** From the first day to the last, both included. Days begin at midnight of the time zone. */
export interface Span {
  readonly startDate: string | undefined;
  readonly endDate: string | undefined;
  readonly timeZone: string;
}

/**
 * Checks a span of days. Throws INVALID_DATE for a day that does not exist, a start after the end, or an unknown time
 * zone.
 */
export function readSpan(startDate: string | undefined, endDate: string | undefined, timeZone = "UTC"): Span {
  for (const date of [startDate, endDate])
    if (date !== undefined && !isDate(date)) throw invalidDate("There is no such day in the calendar");
  if (startDate !== undefined && endDate !== undefined && startDate > endDate)
    throw invalidDate("start_date lies behind end_date");
  if (!isTimeZone(timeZone)) throw unknownTimeZone();
  return { startDate, endDate, timeZone };
}

/** The error for an unknown time zone. */
export function unknownTimeZone(): ApiError {
  return invalidDate("There is no such time zone");
}

function invalidDate(detail: string): ApiError {
  return new ApiError("INVALID_DATE", detail);
}

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  // JavaScript carries a day number that is too large over into the next month. There was no year 0.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && !text.startsWith("0000");
}

/**
 * Whether this is the name of a time zone. Offsets are refused: Postgres reads the sign of "+03:00" the other way
 * round. So are abbreviations: "CET" has summer time in Node and none in Postgres, "IST" is India in Node and Israel in
 * Postgres.
 */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name) || (/^[A-Za-z]{3}$/.test(name) && !/^(utc|gmt)$/i.test(name))) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    return true;
  } catch {
    return false;
  }
}
