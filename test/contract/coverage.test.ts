// The law that no promise of the contract is without a case.
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { loadContract } from "../../src/contract/model/load.js";
import { allCases } from "../../suite/all-cases.js";
import { uncovered } from "../../runner/cases/coverage.js";

describe("the cases", () => {
  const { methods } = loadContract(fileURLToPath(new URL("../../proto", import.meta.url)));

  it("show every method succeed, and fail for each reason that it declares", () => {
    expect(uncovered(allCases, methods)).to.deep.equal([]);
  });

  it("show every method that needs a login refuse who has none", () => {
    const guarded = methods.filter(({ access }) => access !== "ACCESS_PUBLIC");
    const missing = uncovered(
      allCases,
      guarded.map(({ handler }) => ({ handler, reasons: ["UNAUTHENTICATED"] })),
    );
    expect(missing).to.deep.equal([]);
  });

  it("are missed when they are taken away", () => {
    const rest = allCases.filter(({ subject }) => subject !== "health");
    expect(uncovered(rest, methods)).to.include("getDatabaseHealth: no case for DATABASE_UNAVAILABLE");
  });
});
