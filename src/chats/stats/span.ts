// The days that statistics are asked for.
import { ApiError } from "../../errors.js";

/** From the first day to the last, both included, as days begin in a time zone. */
export interface Span {
  readonly startDate: string | undefined;
  readonly endDate: string | undefined;
  readonly timeZone: string;
}

/** Reads a span of days. Throws INVALID_DATE for days that do not exist or run backwards, and for unknown time zones. */
export function readSpan(startDate: string | undefined, endDate: string | undefined, timeZone = "UTC"): Span {
  for (const date of [startDate, endDate])
    if (date !== undefined && !isDate(date)) throw invalidDate("There is no such day in the calendar");
  if (startDate !== undefined && endDate !== undefined && startDate > endDate)
    throw invalidDate("start_date lies behind end_date");
  if (!isTimeZone(timeZone)) throw unknownTimeZone();
  return { startDate, endDate, timeZone };
}

/** The refusal of a time zone that nobody knows. */
export function unknownTimeZone(): ApiError {
  return invalidDate("There is no such time zone");
}

function invalidDate(detail: string): ApiError {
  return new ApiError("INVALID_DATE", detail);
}

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  // A day that is too large runs over into the next month; there was no year 0.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && !text.startsWith("0000");
}

/**
 * A name, not an offset: of "+03:00" Postgres and everybody else think the opposite. And no abbreviation: "CET" has summer
 * time here and none in Postgres, "IST" is India here and Israel there.
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
