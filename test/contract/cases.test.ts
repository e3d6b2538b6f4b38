// Every case of the contract through a real port, in one to three runs: in pairs of serializations, and over a web socket; `make nightly`
// runs all nine pairs, and all three serializations over sockets.
import { expect } from "chai";
import { codecNames } from "../../runner/client/encoding.js";
import { caseChecks } from "../../runner/cases/case-checks.js";
import { Worker } from "../../runner/cases/worker.js";
import { clientDescriptors } from "../support/client-descriptors.js";
import { declareChecks } from "../support/declare-checks.js";
import { allCases } from "../../suite/all-cases.js";
import { suite } from "../../suite/suite.js";
import { pairs } from "./pairs.js";
import { playedRuns } from "./played-runs.js";
import { localTarget } from "./servers.js";

const overSocket = { descriptors: await clientDescriptors(), names: suite.socket! };
const checks = caseChecks(allCases, { codecs: codecNames, pairs, overSocket });
const isPlayed = playedRuns(allCases);
const played = checks.filter((_, run) => pairs === "all" || isPlayed(run));

let calls = 0;

describe("the contract", function () {
  this.timeout(30_000);
  this.slow(1_000);
  const target = localTarget(() => void (calls += 1));
  declareChecks(played, new Worker(target));
});

describe("the cases that are played", () => {
  it("are all of them, those of each method in every serialization, and in all pairs", () => {
    const nameOf = ({ path }: (typeof checks)[number]): string => path.join(" / ");
    expect(new Set(played.map(nameOf))).to.deep.equal(new Set(checks.map(nameOf)));
    const used = (of: typeof checks): string[] => [...new Set(of.map(({ path, codec }) => `${path[1]} in ${codec}`))];
    for (const method of new Set(checks.map(({ path }) => path[1]!))) {
      const inside = used(played).flatMap((use) => (use.startsWith(`${method} in `) ? [use.split(" in ")[1]!] : []));
      const serializations = inside.map((name) => name.replace(" over a socket", "").split(" to "));
      const [requests, responses] = [0, -1].map((at) => new Set(serializations.map((pair) => pair.at(at))));
      expect([...requests!], method).to.have.members(codecNames);
      expect([...responses!], method).to.have.members(codecNames);
    }
    expect(new Set(played.map(({ codec }) => codec))).to.deep.equal(new Set(checks.map(({ codec }) => codec)));
  });

  it("are hundreds of calls over web sockets", () => {
    expect(calls).to.be.greaterThan(300);
  });
});
