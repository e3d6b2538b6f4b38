// Servers, a database or a record that break a promise on purpose: the faults find each of them.
import { execFile } from "node:child_process";
import { expect } from "chai";
import { projectRoot } from "../support/program.js";
import { controls } from "./controls.js";
import { readOptions } from "./options.js";
import { playFaults } from "./play.js";
import { line } from "./table.js";

/** All with FAULT_CONTROLS=all, as in `make nightly`; beside them one through the command line. */
const played = process.env["FAULT_CONTROLS"] === "all" ? controls : [];

describe("the faults, with a rule broken on purpose", function () {
  this.timeout(120_000);

  for (const { name, finds } of played)
    it(`find that ${name} is broken`, async () => {
      const results = await playFaults(readOptions(["--short", "--control", name]));
      const broken = results.flatMap((result) => result.broken);
      expect(
        broken.some((promise) => promise.startsWith(finds)),
        results.map(line).join("\n"),
      ).to.equal(true);
    });

  it("end with 1, and say which promise was broken", async () => {
    const args = ["--import", "tsx", "test/faults/faults.ts", "--short", "--control", "record"];
    const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) =>
      execFile(process.execPath, args, { cwd: projectRoot }, (error, output) => resolve({ code: error?.code, output })),
    );
    expect(code, output).to.equal(1);
    expect(output).to.contain("terminate: lost: never sent was acknowledged with id 1 and seq 1");
  });
});
