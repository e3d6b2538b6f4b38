// Every case of the contract through a real port, in three pairs of serializations; `make nightly` runs all nine.
import { codecNames } from "../../runner/client/encoding.js";
import { caseChecks } from "../../runner/cases/case-checks.js";
import { Worker } from "../../runner/cases/worker.js";
import { declareChecks } from "../support/declare-checks.js";
import { allCases } from "../../suite/all-cases.js";
import { pairs } from "./pairs.js";
import { localTarget } from "./servers.js";

describe("the contract", function () {
  this.timeout(30_000);
  this.slow(1_000);
  declareChecks(caseChecks(allCases, codecNames, pairs), new Worker(localTarget()));
});
