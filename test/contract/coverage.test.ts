// Every promise of the contract has a case.
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { loadContract } from "../../src/contract/model/load.js";
import { allCases } from "../../suite/all-cases.js";
import { uncovered } from "../../runner/cases/coverage.js";

describe("the cases", () => {
  const { methods } = loadContract(fileURLToPath(new URL("../../proto", import.meta.url)));

  it("have a success of every method, and a failure for each reason that it declares", () => {
    expect(uncovered(allCases, methods)).to.deep.equal([]);
  });

  it("have a refusal without a login for every method that needs one", () => {
    const guarded = methods.filter(({ access }) => access !== "ACCESS_PUBLIC");
    const missing = uncovered(
      allCases,
      guarded.map(({ handler }) => ({ handler, reasons: ["UNAUTHENTICATED"] })),
    );
    expect(missing).to.deep.equal([]);
  });

  it("are reported as missing when they are removed", () => {
    const rest = allCases.filter(({ subject }) => subject !== "health");
    expect(uncovered(rest, methods)).to.include("getDatabaseHealth: no case for DATABASE_UNAVAILABLE");
  });
});
