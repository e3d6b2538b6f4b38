// Every promise of the contract, in every serialization, through a real port.
import { allCases } from "./all-cases.js";
import type { Case } from "../../runner/case.js";
import { allPairs, describeCases, straightPairs } from "../../runner/run-cases.js";
import { localTheatre } from "./theatre.js";

describe("the contract", function () {
  this.timeout(30_000);
  this.slow(1_000);
  const theatre = localTheatre();
  describeCases(theatre, allCases, { pairs: straightPairs });

  describe("whatever the request is written in and the answer is asked for", () => {
    const seen = new Set<string>();
    const isFirst = (method: string, played: Case): boolean => {
      const isNew = !seen.has(method) && played.server === undefined && !played.noisy;
      if (isNew) seen.add(method);
      return isNew;
    };
    describeCases(theatre, allCases, { pairs: allPairs, only: isFirst });
  });
});
