// The clock by which tests measure bounds.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { signalProcess } from "../src/platform/embedded/process-table.js";
import { fairNow } from "./support/fair-clock.js";
import { projectRoot } from "./support/program.js";

describe("the fair clock", function () {
  this.timeout(30_000);

  it("runs while the process waits for something else, and never faster than time", async () => {
    // The longer time is read outside of the other: the process may have to wait between the two.
    const [real, fair] = [performance.now(), fairNow()];
    await delay(200);
    expect(fairNow() - fair)
      .to.be.greaterThan(0)
      .and.at.most(performance.now() - real);
  });

  it("counts all of the process's own work", () => {
    const [fair, used] = [fairNow(), process.cpuUsage()];
    while (process.cpuUsage(used).user < 100_000);
    expect(fairNow() - fair).to.be.at.least(100);
  });

  it("stands still while the process gets no processor", async () => {
    const program = `
      import { fairNow } from "./test/support/fair-clock.ts";
      for await (const _ of process.stdin) console.log(JSON.stringify([fairNow(), performance.now()]));
    `;
    const args = ["--import=tsx", "--input-type=module", "--eval", program];
    const child = spawn(process.execPath, args, { cwd: projectRoot, stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(child, "close");
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const read = async (): Promise<[number, number]> => {
      child.stdin.write("\n");
      return JSON.parse((await lines.next()).value as string) as [number, number];
    };
    const [fair, real] = await read();
    signalProcess(child.pid!, "SIGSTOP");
    await delay(1_000);
    signalProcess(child.pid!, "SIGCONT");
    const [fairAfter, realAfter] = await read();
    child.stdin.end();
    await ended;
    expect(realAfter - real).to.be.greaterThan(950);
    expect(realAfter - real - (fairAfter - fair), "what the clock has left out").to.be.greaterThan(900);
  });
});
