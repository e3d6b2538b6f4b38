// The ranges of ids that were not read, beside a plain set of ids.
import { expect } from "chai";
import fc from "fast-check";
import { UnseenIds } from "../../../../src/platform/updates/feed/unseen-ids.js";

const bound = 40;
const id = fc.nat({ max: bound });
const step = fc.oneof(
  fc.record({ act: fc.constant("extend" as const), id }),
  fc.record({ act: fc.constant("settle" as const), id }),
  fc.record({ act: fc.constant("see" as const), ids: fc.uniqueArray(id, { maxLength: 8 }) }),
);

describe("the ids that were not read", () => {
  it("are those between the first and the last, without those that were read or are settled", () => {
    fc.assert(
      fc.property(id, fc.array(step, { maxLength: 30 }), (after, steps) => {
        const unseen = new UnseenIds(after);
        const plain = new Set<number>();
        let last = after;
        for (const each of steps) {
          if (each.act === "extend") {
            unseen.extend(each.id);
            for (; last < each.id; last += 1) plain.add(last + 1);
          } else if (each.act === "settle") {
            unseen.settle(each.id);
            for (const one of plain) if (one <= each.id) plain.delete(one);
          } else {
            unseen.see(each.ids.sort((a, b) => a - b));
            for (; last < Math.max(last, ...each.ids); last += 1) plain.add(last + 1);
            for (const one of each.ids) plain.delete(one);
          }
          const listed = unseen.ranges.flatMap(({ first, last: end }) =>
            Array.from({ length: end - first + 1 }, (_, at) => first + at),
          );
          expect(listed).to.deep.equal([...plain].sort((a, b) => a - b));
          for (const end of [0, 10, bound])
            expect(unseen.countUpTo(end)).to.equal(listed.filter((one) => one <= end).length);
        }
      }),
      { numRuns: 300 },
    );
  });
});
