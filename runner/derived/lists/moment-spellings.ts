// The spellings of a moment in RFC 3339.

const offsets = ["+00:00", "-00:00", "+14:00", "-12:00", "+05:45", "-03:30", "+23:59", "-00:01"];

/** Other spellings of a moment that is given in UTC with milliseconds: at offsets from UTC, and with other fractions. */
export function spellingsOf(utc: string): string[] {
  const fractions = [utc.replace(/\.?0*Z$/, "Z")];
  for (let digits = 4; digits <= 9; digits++) fractions.push(utc.replace("Z", `${"0".repeat(digits - 3)}Z`));
  return [...fractions, ...offsets.map((offset) => atOffset(utc, offset))];
}

/** The same moment at an offset. */
export function atOffset(utc: string, offset: string): string {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(offset)!;
  const ms = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  return new Date(Date.parse(utc) + ms).toISOString().replace("Z", offset);
}
