// The regular expressions of ranges of whole numbers.
import { expect } from "chai";
import fc from "fast-check";
import { integerPattern } from "../../../src/contract/documents/openapi/integer-pattern.js";
import { repeats } from "../../support/numbers.js";

const { MIN_SAFE_INTEGER: least, MAX_SAFE_INTEGER: most } = Number;
const edge = fc.oneof(fc.integer({ min: -1200, max: 1200 }), fc.constantFrom(least, most), fc.maxSafeInteger());

describe("the pattern of a range", () => {
  it("matches the numbers in it, and no others", () => {
    fc.assert(
      fc.property(edge, edge, fc.array(edge), (one, other, others) => {
        const [min, max] = [Math.min(one, other), Math.max(one, other)];
        const pattern = new RegExp(integerPattern(min, max), "u");
        const near = [min, max, 0].flatMap((at) => [-1n, 0n, 1n].map((step) => BigInt(at) + step));
        const longer = [`${max}0`, `${min}0`, `${max}9`].map(BigInt);
        for (const value of [...near, ...longer, ...others.map(BigInt)])
          expect(pattern.test(String(value)), `${value} in ${min}..${max}`).to.equal(value >= min && value <= max);
      }),
      { numRuns: repeats(600, 3000) },
    );
  });

  it("matches every number of a small range, and no other text of a number", () => {
    fc.assert(
      fc.property(fc.integer({ min: -120, max: 120 }), fc.nat(250), (min, size) => {
        const pattern = new RegExp(integerPattern(min, min + size), "u");
        for (let value = -400; value <= 400; value++)
          expect(pattern.test(String(value)), `${value} in ${min}..${min + size}`).to.equal(
            value >= min && value <= min + size,
          );
      }),
      { numRuns: 200 },
    );
    for (const text of ["", "-", "-0", "00", "01", "+1", "1.0", "1e1", " 1", "1\n"])
      expect(new RegExp(integerPattern(least, most), "u").test(text), text).to.equal(false);
  });

  it("matches nothing where there is no number", () => {
    expect(new RegExp(integerPattern(5, 4), "u").test("5")).to.equal(false);
  });
});
