// Bounds in whole milliseconds: the same rows are on each side of them as of the moment itself.
import { expect } from "chai";
import { wholeMsFrom, wholeMsUntil } from "../../src/platform/milliseconds.js";

describe("a moment in whole milliseconds", () => {
  for (const [moment, until, from] of [
    ["2026-11-29T10:00:00.000Z", "2026-11-29T10:00:00.000Z", "2026-11-29T10:00:00.000Z"],
    ["2026-11-29T10:00:00.000500Z", "2026-11-29T10:00:00.000Z", "2026-11-29T10:00:00.001Z"],
    ["2026-12-31T23:59:59.999000001Z", "2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00.000Z"],
    ["1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999Z", "infinity"],
  ] as const)
    it(`is ${until} or ${from} for ${moment}`, () => {
      expect(wholeMsUntil(moment)).to.equal(until);
      expect(wholeMsFrom(moment)).to.equal(from);
    });
});
