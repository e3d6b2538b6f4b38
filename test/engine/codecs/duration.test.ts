// Durations as text: what is read, what is written, and how they compare.
import { expect } from "chai";
import fc from "fast-check";
import {
  compareDurations,
  formatDuration,
  isValidDuration,
  mostSeconds,
  parseDuration,
} from "../../../src/contract/codecs/duration.js";
import { repeats } from "../../support/numbers.js";

const seed = 20261123;

/** All Durations, as nanoseconds. */
const spans = fc.oneof(
  fc.bigInt({ min: -BigInt(mostSeconds) * 10n ** 9n, max: BigInt(mostSeconds) * 10n ** 9n }),
  fc.bigInt({ min: -(10n ** 10n), max: 10n ** 10n }),
  fc.bigInt({ min: -5n, max: 5n }).map((seconds) => seconds * 10n ** 9n),
);

function parts(nanos: bigint): { seconds: number; nanos: number } {
  // `+ 0`, as the remainder of a negative number may be minus zero.
  return { seconds: Number(nanos / 10n ** 9n) + 0, nanos: Number(nanos % 10n ** 9n) + 0 };
}

describe("a duration", () => {
  it("is read again as it was written, to the nanosecond", () => {
    fc.assert(
      fc.property(spans, (span) => {
        const text = formatDuration(parts(span));
        expect(text).to.match(/^-?\d+(\.\d{3}|\.\d{6}|\.\d{9})?s$/);
        expect(parseDuration(text)).to.deep.equal(parts(span));
      }),
      { seed, numRuns: repeats(400, 2000) },
    );
  });

  it("is ordered as its nanoseconds are", () => {
    fc.assert(
      fc.property(spans, spans, (one, other) => {
        const order = compareDurations(parts(one), parts(other));
        expect(Math.sign(order)).to.equal(one < other ? -1 : one > other ? 1 : 0);
      }),
      { seed, numRuns: repeats(400, 2000) },
    );
  });

  const canonical: Record<string, string> = {
    "0s": "0s",
    "-0s": "0s",
    "0.000s": "0s",
    "-0.0s": "0s",
    "1s": "1s",
    "1.5s": "1.500s",
    "-3s": "-3s",
    "-0.5s": "-0.500s",
    "1.000100s": "1.000100s",
    "1.0001s": "1.000100s",
    "0.000000001s": "0.000000001s",
    "-1.000000010s": "-1.000000010s",
    "315576000000s": "315576000000s",
    "-315576000000.999999999s": "-315576000000.999999999s",
  };
  for (const [text, written] of Object.entries(canonical))
    it(`${text} is written as ${written}`, () => expect(formatDuration(parseDuration(text)!)).to.equal(written));

  const none = [
    "",
    "s",
    "1",
    "1 s",
    "1s ",
    " 1s",
    "1S",
    "1m",
    "PT1S",
    "+1s",
    "--1s",
    "01s",
    "-01s",
    ".5s",
    "1.s",
    "1.5.5s",
    "1,5s",
    "1e3s",
    "1.0000000001s",
    "315576000001s",
    "-315576000001s",
    "9999999999999s",
    "Infinitys",
    "NaNs",
    "1s\n",
    "\u0661s",
  ];
  for (const text of none) it(`is not ${JSON.stringify(text)}`, () => expect(parseDuration(text)).to.equal(undefined));

  const invalid: readonly [seconds: number, nanos: number][] = [
    [1, -1],
    [-1, 1],
    [0, 1_000_000_000],
    [0, -1_000_000_000],
    [mostSeconds + 1, 0],
    [-mostSeconds - 1, 0],
    [2 ** 63, 0],
  ];
  for (const [seconds, nanos] of invalid)
    it(`does not have ${seconds} seconds and ${nanos} nanos`, () =>
      expect(isValidDuration(seconds, nanos)).to.equal(false));
});
