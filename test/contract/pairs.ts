// The pairs of serializations of the tests: three, or with CONTRACT_PAIRS=all, as in `make nightly`, all nine and the relay.
import type { Pairs } from "../../runner/cases/codec-plan.js";

export const pairs: Pairs = process.env["CONTRACT_PAIRS"] === "all" ? "all" : "three";
