// The short form of the faults of realtime, and servers that break a rule on purpose: the same audit finds each of them.
import { expect } from "chai";
import { realtimeControls } from "./controls.js";
import { readRealtimeOptions } from "./options.js";
import { lineOf, playRealtime } from "./play.js";

const kinds = ["cut", "kill-server", "absent"];
const controls = process.env["FAULT_CONTROLS"] === "all" ? realtimeControls : [];

describe("clients of three servers on one Postgres", function () {
  this.timeout(120_000);

  it("have all that happened, once and in order, whatever befalls them", async () => {
    const results = await playRealtime(readRealtimeOptions(["--short", "--clients", "5", "--kinds", kinds.join(",")]));
    const lines = results.map(lineOf).join("\n");
    expect(
      results.flatMap(({ broken }) => broken),
      lines,
    ).to.deep.equal([]);
    expect(results.map(({ kind }) => kind)).to.have.members(kinds);
    const sum = (name: string): number => results.reduce((total, { facts }) => total + facts[name]!, 0);
    for (const name of ["sent", "received", "resumed", "too_long", "removals", "calls"])
      expect(sum(name), `${name}\n${lines}`).to.be.greaterThan(0);
  });

  for (const { name, finds } of controls)
    it(`are found to be wrong when ${name} is broken`, async () => {
      const results = await playRealtime(readRealtimeOptions(["--short", "--control", name, "--seconds", "20"]));
      const broken = results.flatMap((result) => result.broken);
      expect(
        broken.some((promise) => promise.startsWith(finds)),
        results.map(lineOf).join("\n"),
      ).to.equal(true);
    });
});
