// Timestamps as text, compared with those of Date.
import { expect } from "chai";
import fc from "fast-check";
import {
  earliest,
  finerThanMs,
  formatTimestamp,
  latest,
  parseTimestamp,
  timestampFault,
} from "../../../src/contract/codecs/timestamp.js";
import { repeats } from "../../support/numbers.js";

describe("a timestamp", () => {
  it("is written as Date writes it, from the year 1 to the year 9999, and read again", () => {
    const moments = fc.oneof(fc.integer({ min: earliest, max: latest }), fc.constantFrom(earliest, latest, 0, -1, 1));
    fc.assert(
      fc.property(moments, (ms) => {
        expect(formatTimestamp(ms)).to.equal(new Date(ms).toISOString());
        expect(parseTimestamp(formatTimestamp(ms))).to.equal(ms);
      }),
      { seed: 20261123, numRuns: repeats(400, 2000) },
    );
  });

  it("is right on each day around the ends of months, years and centuries", () => {
    for (const year of [1, 4, 100, 400, 1600, 1900, 1969, 1970, 1972, 2000, 2026, 2100, 9999]) {
      for (let day = 0; day < 366; day++) {
        const ms = Date.parse(`${String(year).padStart(4, "0")}-01-01T00:00:00Z`) + day * 86_400_000;
        if (ms > latest) continue;
        expect(formatTimestamp(ms)).to.equal(new Date(ms).toISOString());
        expect(parseTimestamp(formatTimestamp(ms))).to.equal(ms);
      }
    }
  });

  const cuts: Record<string, number> = {
    "1970-01-01T00:00:00Z": 0,
    "1970-01-01T00:00:00.9Z": 900,
    "1970-01-01T00:00:00.98Z": 980,
    "1970-01-01T00:00:00.987654321Z": 987,
    "1969-12-31T23:59:59.0009Z": -1000,
    "1970-01-01T01:00:00+01:00": 0,
    "1969-12-31T12:01:00-11:59": 0,
    "1970-01-01T23:59:00+23:59": 0,
    "1970-01-01T00:00:00-00:00": 0,
    "0000-12-31T23:00:00-01:00": earliest,
  };
  for (const [text, ms] of Object.entries(cuts)) it(`reads ${text}`, () => expect(parseTimestamp(text)).to.equal(ms));

  it("keeps digits that are finer than milliseconds, six or nine of them in all", () => {
    const finer: Record<string, string> = {
      "1970-01-01T00:00:00.0005Z": "1970-01-01T00:00:00.000500Z",
      "1970-01-01T03:00:00.000500+03:00": "1970-01-01T00:00:00.000500Z",
      "1969-12-31T23:59:59.9999999Z": "1969-12-31T23:59:59.999999900Z",
      "9999-12-31T23:59:59.999999999Z": "9999-12-31T23:59:59.999999999Z",
      "1970-01-01T00:00:00.500000000-00:00": "1970-01-01T00:00:00.500Z",
    };
    for (const [text, canonical] of Object.entries(finer))
      expect(formatTimestamp(parseTimestamp(text)!, finerThanMs(text))).to.equal(canonical);
  });

  const misspelt: Record<string, RegExp> = {
    "2026-11-29T10:00:00 03:00": /written %2B, as in %2B03:00/,
    "2026-11-29T10:00:00.5 0000": /written %2B, as in %2B03:00/,
    "2026-11-29T10:00:00+0000": /an offset has a colon, as in \+03:00/,
    "2026-11-29T10:00:00-03": /an offset has a colon/,
    "2026-11-29T10:00:00": /it has no offset from UTC, such as Z/,
    "2026-11-29T10:00:00.123": /it has no offset/,
    "2026-11-29T10:00Z": /it has no seconds/,
    "2026-11-29": /it has no time and no offset/,
    "2026-11-29 10:00:00Z": /T is between date and time/,
    "2026-11-29t10:00:00z": /capital letters/,
    "2026-11-29T10:00:00,5Z": /a point and at most nine digits/,
    "2026-11-29T10:00:00.0123456789Z": /a point and at most nine digits/,
    yesterday: /between the years 0001 and 9999$/,
    "2026-02-30T10:00:00Z": /between the years 0001 and 9999$/,
  };
  for (const [text, hint] of Object.entries(misspelt))
    it(`says what is wrong with ${text}`, () => {
      expect(parseTimestamp(text)).to.equal(undefined);
      expect(timestampFault(text))
        .to.match(/^must be an RFC 3339 date and time/)
        .and.match(hint);
    });

  const none = [
    "",
    "Z",
    "2026",
    "2026-11-23",
    "2026-11-23T12:00Z",
    "2026-11-23T12:00:00",
    "2026-11-23 12:00:00Z",
    "2026-11-23T12:00:00z",
    "2026-11-23t12:00:00Z",
    " 2026-11-23T12:00:00Z",
    "2026-11-23T12:00:00Z ",
    "2026-11-23T12:00:00ZZ",
    "2026-11-23T12:00:00.Z",
    "2026-11-23T12:00:00,5Z",
    "2026-11-23T12:00:00.0123456789Z",
    "2026-11-23T12:00:00+0300",
    "2026-11-23T12:00:00+03",
    "2026-11-23T12:00:00+24:00",
    "2026-11-23T12:00:00+03:60",
    "2026-11-23T12:00:00+03:00Z",
    "2026-11-23T12:00:00.5",
    "2026/11/23T12:00:00Z",
    "2026-00-23T12:00:00Z",
    "2026-13-23T12:00:00Z",
    "2026-11-00T12:00:00Z",
    "2026-11-31T12:00:00Z",
    "2026-02-29T12:00:00Z",
    "1900-02-29T12:00:00Z",
    "2026-11-23T24:00:00Z",
    "2026-11-23T12:60:00Z",
    "2026-11-23T12:00:60Z",
    "+002026-11-23T12:00:00Z",
    "-001-11-23T12:00:00Z",
    "2026-11-23T1a:00:00Z",
    "２026-11-23T12:00:00Z",
    "0000-12-31T23:59:59Z",
    "9999-12-31T23:59:59-00:01",
  ];
  for (const text of none) it(`does not read "${text}"`, () => expect(parseTimestamp(text)).to.equal(undefined));
});
