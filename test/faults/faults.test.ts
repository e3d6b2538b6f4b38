// The short form of `make faults`, with the kinds of fault that no other test of resilience plays.
import { expect } from "chai";
import { faults } from "./kinds/kinds.js";
import { readOptions } from "./options.js";
import { playFaults } from "./play.js";
import { line, table } from "./table.js";

const kinds = ["kill-server", "shutdown-immediate", "terminate", "cut", "deadlocks", "hang-ups", "garbage"];

describe("two servers on one Postgres, under load", function () {
  this.timeout(240_000);

  it("keep every promise while faults befall them", async () => {
    const results = await playFaults(readOptions(["--short", "--writers", "2", "--kinds", kinds.join(",")]));
    const lines = results.map(line).join("\n");
    expect(
      results.flatMap(({ broken }) => broken),
      lines,
    ).to.deep.equal([]);
    expect(results.map(({ kind }) => kind)).to.have.members(kinds);
    for (const { acknowledged } of results) expect(acknowledged, lines).to.be.greaterThan(0);
    expect(table(results)).to.match(/^all +7 /m);
  });
});

describe("the faults", () => {
  it("have names of their own", () => {
    expect(new Set(faults.map(({ kind }) => kind)).size).to.equal(faults.length);
  });

  it("are chosen by name, and no unknown word is accepted", () => {
    expect(readOptions(["--kinds", "cut,terminate", "--seed", "7"])).to.deep.include({
      kinds: ["cut", "terminate"],
      seed: 7,
      writers: 32,
      seconds: 300,
    });
    for (const args of [["--kinds", "flood"], ["--control", "x"], ["--seed", "-1"], ["--shorter"]])
      expect(() => readOptions(args), args.join(" ")).to.throw(Error);
  });
});
