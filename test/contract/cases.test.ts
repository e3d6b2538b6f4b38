// Every case of the contract through a real port, in three pairs of serializations, and over a web socket in one; `make nightly` runs
// all nine, and all three over sockets.
import { expect } from "chai";
import { codecNames } from "../../runner/client/encoding.js";
import { caseChecks } from "../../runner/cases/case-checks.js";
import { Worker } from "../../runner/cases/worker.js";
import { clientDescriptors } from "../support/client-descriptors.js";
import { declareChecks } from "../support/declare-checks.js";
import { allCases } from "../../suite/all-cases.js";
import { suite } from "../../suite/suite.js";
import { pairs } from "./pairs.js";
import { localTarget } from "./servers.js";

const overSocket = { descriptors: await clientDescriptors(), names: suite.socket! };

let calls = 0;

describe("the contract", function () {
  this.timeout(30_000);
  this.slow(1_000);
  const target = localTarget(() => void (calls += 1));
  declareChecks(caseChecks(allCases, { codecs: codecNames, pairs, overSocket }), new Worker(target));
});

describe("the contract, over web sockets", () => {
  it("was played with more calls than it has cases", () => {
    expect(calls).to.be.greaterThan(1_500);
  });
});
