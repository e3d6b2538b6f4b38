// The checks that are derived from the contract for every method, those of the documents, and generated messages.
import { readFileSync } from "node:fs";
import { checksOf } from "../../runner/program/checks.js";
import { readDescriptors } from "../../runner/client/descriptors.js";
import { codecNames } from "../../runner/client/encoding.js";
import { Worker } from "../../runner/cases/worker.js";
import { declareChecks } from "../support/declare-checks.js";
import { suite } from "../../suite/suite.js";
import { pairs } from "./pairs.js";
import { localTarget } from "./servers.js";

/**
 * However many methods there are, about as many of their checks are played: of each method every second one, third one and so on,
 * which are others for the next method. `make nightly` plays all.
 */
function isPlayed({ path: [group, method = ""] }: { readonly path: readonly string[] }, at: number): boolean {
  if (pairs === "all" || group !== "every method") return true;
  return (at + methods.indexOf(method)) % Math.ceil(methods.length / methodsPlayedWhole) === 0;
}

const methodsPlayedWhole = 18;
const descriptors = readDescriptors(readFileSync(suite.descriptorSet));
const methods = [...descriptors.rpcs.keys()];

describe("the checks derived from the contract", function () {
  this.timeout(60_000);
  this.slow(5_000);
  const checks = checksOf(suite, descriptors, { codec: codecNames, pairs, runs: 200, seed: 20261125, socket: false });
  declareChecks(checks.filter(({ tags }) => !tags.includes("cases")).filter(isPlayed), new Worker(localTarget()));
});
