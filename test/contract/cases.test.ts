// Every case of the contract through a real port, in one to three pairs of serializations; `make nightly` runs all nine.
import { expect } from "chai";
import { codecNames } from "../../runner/client/encoding.js";
import { caseChecks } from "../../runner/cases/case-checks.js";
import { Worker } from "../../runner/cases/worker.js";
import { declareChecks } from "../support/declare-checks.js";
import { allCases } from "../../suite/all-cases.js";
import { pairs } from "./pairs.js";
import { playedRuns } from "./played-runs.js";
import { localTarget } from "./servers.js";

const checks = caseChecks(allCases, codecNames, pairs);
const isPlayed = playedRuns(allCases);
const played = checks.filter((_, run) => pairs === "all" || isPlayed(run));

describe("the contract", function () {
  this.timeout(30_000);
  this.slow(1_000);
  declareChecks(played, new Worker(localTarget()));
});

describe("the cases that are played", () => {
  it("are all of them, those of each method in every serialization, and in all pairs", () => {
    const nameOf = ({ path }: (typeof checks)[number]): string => path.join(" / ");
    expect(new Set(played.map(nameOf))).to.deep.equal(new Set(checks.map(nameOf)));
    const used = (of: typeof checks): string[] => [...new Set(of.map(({ path, codec }) => `${path[1]} in ${codec}`))];
    for (const method of new Set(checks.map(({ path }) => path[1]!))) {
      const inside = used(played).flatMap((use) => (use.startsWith(`${method} in `) ? [use.split(" in ")[1]!] : []));
      const [requests, responses] = [0, -1].map((at) => new Set(inside.map((name) => name.split(" to ").at(at))));
      expect([...requests!], method).to.have.members(codecNames);
      expect([...responses!], method).to.have.members(codecNames);
    }
    expect(new Set(played.map(({ codec }) => codec))).to.deep.equal(new Set(checks.map(({ codec }) => codec)));
  });
});
