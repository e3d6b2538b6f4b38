// google.protobuf.Duration as text, as ProtoJSON has it: seconds with 0, 3, 6 or 9 digits of a fraction, and an "s".

/** A span of time, exact to the nanosecond. Neither part is negative where the other is positive. */
export interface Duration {
  readonly seconds: number;
  readonly nanos: number;
}

/** The most seconds of a Duration, and their negative the fewest: 10,000 years. */
export const mostSeconds = 315_576_000_000;

/** What a Duration must be, to complete "limit ...". */
export const durationWanted = `must be a duration in seconds such as "1.500s" or "-3s", of at most ${mostSeconds} seconds`;

const parts = /^(-?)(0|[1-9]\d{0,11})(?:\.(\d{1,9}))?s$/;

/** A regular expression of the texts that are Durations; the range of their seconds is not in it. */
export const durationPattern = parts.source;

/** Whether a Duration message may hold these parts: whole numbers in range, and of one sign. */
export function isValidDuration(seconds: number, nanos: number): boolean {
  if (seconds < -mostSeconds || seconds > mostSeconds || nanos < -999_999_999 || nanos > 999_999_999) return false;
  return seconds === 0 || nanos === 0 || seconds < 0 === nanos < 0;
}

/** The parts of a text; undefined when it is no Duration. */
export function parseDuration(text: string): Duration | undefined {
  const match = parts.exec(text);
  if (!match) return undefined;
  const [, sign, whole, fraction] = match;
  // Minus zero is no number of its own.
  const signed = (value: number): number => (sign === "" ? value : 0 - value);
  const seconds = signed(Number(whole));
  const nanos = fraction === undefined ? 0 : signed(Number(fraction.padEnd(9, "0")));
  return isValidDuration(seconds, nanos) ? { seconds, nanos } : undefined;
}

/** The canonical text of a Duration: "1.500s", "-3s". Equal Durations have equal texts. */
export function formatDuration({ seconds, nanos }: Duration): string {
  const sign = seconds < 0 || nanos < 0 ? "-" : "";
  if (nanos === 0) return `${seconds}s`;
  const digits = String(Math.abs(nanos)).padStart(9, "0");
  const fraction = digits.replace(/(?:000){1,2}$/, "");
  return `${sign}${Math.abs(seconds)}.${fraction}s`;
}

/** Below zero when `one` is shorter than `other`, zero when they are equal, else above. */
export function compareDurations(one: Duration, other: Duration): number {
  return one.seconds - other.seconds || one.nanos - other.nanos;
}
