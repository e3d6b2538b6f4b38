// The checks that are derived from the contract for every method, those of the documents, and generated messages.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { checksOf } from "../../runner/program/checks.js";
import { readDescriptors } from "../../runner/client/descriptors.js";
import { codecNames } from "../../runner/client/encoding.js";
import { Worker } from "../../runner/cases/worker.js";
import { declareChecks } from "../support/declare-checks.js";
import { suite } from "../../suite/suite.js";
import { pairs } from "./pairs.js";
import { kindOf, playedChecks } from "./played-checks.js";
import { localTarget } from "./servers.js";

const descriptors = readDescriptors(readFileSync(suite.descriptorSet));
const checks = checksOf(suite, descriptors, {
  codec: codecNames,
  pairs,
  runs: 200,
  seed: 20261125,
  socket: false,
}).filter(({ tags }) => !tags.includes("cases"));
const played = pairs === "all" ? checks : playedChecks(checks);

describe("the checks derived from the contract", function () {
  this.timeout(60_000);
  this.slow(5_000);
  declareChecks(played, new Worker(localTarget()));
});

describe("the derived checks that are played", () => {
  it("are of every kind, and of every method", () => {
    expect(new Set(played.map(kindOf))).to.deep.equal(new Set(checks.map(kindOf)));
    const methods = new Set(played.flatMap(({ path: [group, method] }) => (group === "every method" ? [method] : [])));
    expect([...methods]).to.have.members([...descriptors.rpcs.keys()]);
  });
});
