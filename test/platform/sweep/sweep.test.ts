import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { pino } from "pino";
import type { Database } from "../../../src/platform/database/database.js";
import { upTo } from "../../support/numbers.js";
import { startSweep, type Swept, type Sweeper, type SweepStep } from "../../../src/platform/sweep/sweep.js";
import { fairNow } from "../../support/fair-clock.js";

describe("the periodic sweep", () => {
  // No step of these tests runs a statement.
  const database = { with: () => database } as unknown as Database;
  let lines: Record<string, unknown>[];
  let ran: string[];
  let sweeper: Sweeper | undefined;
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });

  beforeEach(() => {
    lines = [];
    ran = [];
  });
  afterEach(() => sweeper?.close());

  const all = (rows: number): Swept => ({ rows, isComplete: true });
  const step = (name: string, run: SweepStep["run"] = async () => all(0)): SweepStep => ({
    name,
    run(database, signal) {
      ran.push(name);
      return run(database, signal);
    },
  });
  const start = (steps: readonly SweepStep[], everyMs = 5, soonMs = everyMs): void => {
    sweeper = startSweep({ steps, database, log, everyMs, soonMs });
  };

  it("runs the steps one after the other, at once and then again and again", async () => {
    start([step("first", () => pause(3, all(0))), step("second")]);
    expect(ran).to.deep.equal(["first"]);
    while (ran.length < 6) await pause(1);
    expect(ran.slice(0, 6)).to.deep.equal(["first", "second", "first", "second", "first", "second"]);
  });

  it("waits between two runs", async () => {
    start([step("only")], 60_000);
    await pause(50);
    expect(ran).to.deep.equal(["only"]);
  });

  it("logs what was deleted, and nothing else", async () => {
    let left = 7;
    start([step("chats", async () => all(left - (left = 0))), step("sessions")]);
    while (ran.length < 6) await pause(1);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include({ level: 30, msg: "swept", step: "chats", rows: 7 });
  });

  it("logs a step that fails, runs the others, and repeats it at the next run", async () => {
    let isAway = true;
    const failing = step("failing", async () => {
      if (isAway) throw new Error("the database is away");
      return all(3);
    });
    start([failing, step("other")]);
    while (ran.length < 2) await pause(1);
    expect(ran).to.deep.equal(["failing", "other"]);
    isAway = false;
    while (!lines.some(({ msg }) => msg === "swept")) await pause(1);
    expect(lines[0]).to.include({ level: 50, step: "failing" });
    expect(lines.at(-1)).to.include({ step: "failing", rows: 3 });
  });

  it("repeats a run that failed or left something soon, then ever later, and a complete one at the next interval", async () => {
    const at: number[] = [];
    const outcomes = [
      () => ({ rows: 0, isComplete: false }),
      () => {
        throw new Error("the database is away");
      },
      () => ({ rows: 1, isComplete: false }),
      () => all(1),
    ];
    start(
      [
        step("left over", async () => {
          at.push(performance.now());
          return (outcomes.shift() ?? (() => all(0)))();
        }),
        step("other"),
      ],
      60_000,
      10,
    );
    while (at.length < 4) await pause(1);
    const [first, second, third] = at.slice(1).map((time, n) => time - at[n]!);
    expect([first! >= 9, second! >= 19, third! >= 39]).to.deep.equal([true, true, true]);
    await pause(100);
    expect(ran).to.deep.equal(upTo(4).flatMap(() => ["left over", "other"]));
  });

  it("starts no step after it was closed, and is closed when the running one has ended", async () => {
    let isAborted: boolean | undefined;
    const long = step("long", async (_database, signal) => {
      await pause(30);
      isAborted = signal.aborted;
      return all(0);
    });
    start([long, step("never")]);
    await sweeper!.close();
    expect(isAborted).to.equal(true);
    await pause(20);
    expect(ran).to.deep.equal(["long"]);
  });

  it("ends its wait when it is closed", async () => {
    start([step("only")], 60_000);
    const begun = fairNow();
    await pause(5);
    await sweeper!.close();
    expect(fairNow() - begun).to.be.below(10_000);
  });
});
