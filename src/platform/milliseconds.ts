// Moments of a request, as Postgres keeps moments: timestamptz(3). Text is cut, because Postgres would round it.

/** The last whole millisecond that is not after a moment. `moment` is RFC 3339 in UTC, with three digits of a fraction or more. */
export function wholeMsUntil(moment: string): string {
  return `${moment.slice(0, 23)}Z`;
}

/** The first whole millisecond that is not before a moment; "infinity" after the year 9999. `moment` is as in `wholeMsUntil`. */
export function wholeMsFrom(moment: string): string {
  const until = wholeMsUntil(moment);
  if (until.length === moment.length) return moment;
  const from = new Date(Date.parse(until) + 1).toISOString();
  return from.length === until.length ? from : "infinity";
}
