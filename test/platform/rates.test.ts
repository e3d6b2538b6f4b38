import { expect } from "chai";
import fc from "fast-check";
import { pino } from "pino";
import { openDatabase, type DatabaseServer } from "../../src/platform/database/database.js";
import { MemoryRates } from "../../src/platform/rates/memory-rates.js";
import { type Bound, type RateStore, shareMs, type Taken } from "../../src/platform/rates/rate.js";
import { SharedRates, sweepRates } from "../../src/platform/rates/shared-rates.js";
import { testDatabase, type TestDatabase } from "../support/database.js";
import { upTo } from "../support/numbers.js";
import { databaseGate, type Gate } from "../support/server.js";

const bound = (requests: number, seconds: number, name = "tries"): Bound => ({ name, requests, seconds });

describe("rates in memory", () => {
  let now = 0;
  let rates: MemoryRates;
  beforeEach(() => {
    now = 1000;
    rates = new MemoryRates({ now: () => now, capacity: 5 });
  });

  it("admit the given number at once, and then one more each time that the share of one has passed", () => {
    const three = bound(3, 60);
    expect(upTo(4).map(() => rates.take(three, "a"))).to.deep.equal([
      { isAdmitted: true, left: 2, nextSeconds: 20 },
      { isAdmitted: true, left: 1, nextSeconds: 20 },
      { isAdmitted: true, left: 0, nextSeconds: 20 },
      { isAdmitted: false, left: 0, nextSeconds: 20 },
    ]);
    now += 19_999;
    expect(rates.take(three, "a")).to.deep.equal({ isAdmitted: false, left: 0, nextSeconds: 1 });
    now += 1;
    expect(rates.take(three, "a")).to.deep.equal({ isAdmitted: true, left: 0, nextSeconds: 20 });
    now += 60_000;
    expect(rates.take(three, "a").left).to.equal(2);
  });

  it("count each bound and each person or address by itself", () => {
    const one = bound(1, 60);
    expect(rates.take(one, "a").isAdmitted).to.equal(true);
    expect(rates.take(one, "b").isAdmitted).to.equal(true);
    expect(rates.take(one, 7).isAdmitted).to.equal(true);
    expect(rates.take(bound(1, 60, "others"), "a").isAdmitted).to.equal(true);
    expect(rates.take(one, "a").isAdmitted).to.equal(false);
  });

  it("forget nobody whose bound is not free, below the capacity", () => {
    const one = bound(1, 60);
    rates.take(one, "a");
    for (const at of [1, 2, 3, 4]) {
      now += 14_000;
      rates.take(one, `other ${at}`);
      expect(rates.take(one, "a").isAdmitted, `after ${at * 14} s`).to.equal(false);
    }
  });

  it("never admit more than the bound and the shares of the time that has passed, tell how many are left, and when", () => {
    const step = fc.record({ pause: fc.integer({ min: 0, max: 5_000 }), times: fc.integer({ min: 1, max: 8 }) });
    const property = fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 90 }),
      fc.array(step, { maxLength: 40 }),
      (requests, seconds, steps) => {
        const here = new MemoryRates({ now: () => now });
        const limit = bound(requests, seconds);
        const begun = now;
        let admitted = 0;
        let last: Taken | undefined;
        for (const { pause, times } of steps) {
          now += pause;
          for (const _ of upTo(times)) {
            const taken = here.take(limit, "a");
            if (last && pause === 0) expect(taken.isAdmitted).to.equal(last.left > 0);
            if (taken.isAdmitted) admitted += 1;
            expect(taken.left).to.be.within(0, requests - 1);
            expect(taken.nextSeconds).to.be.within(1, seconds);
            last = pause === 0 ? taken : undefined;
          }
          expect(admitted).to.be.at.most(requests + Math.floor((now - begun) / shareMs(limit) + 1e-3));
        }
        let refused = here.take(limit, "a");
        while (refused.isAdmitted) refused = here.take(limit, "a");
        now += refused.nextSeconds * 1000;
        expect(here.take(limit, "a").isAdmitted).to.equal(true);
      },
    );
    fc.assert(property);
  });
});

describe("rates in Postgres", function () {
  this.timeout(30_000);
  let database: TestDatabase;
  let gate: Gate;
  let server: DatabaseServer;
  let number = 0;
  before(async () => {
    database = await testDatabase();
    gate = await databaseGate(database.url);
    server = await openDatabase({ url: gate.url, pool: 2, log: pino({ level: "silent" }) });
  });
  after(async () => {
    await server.close();
    await gate.close();
    await database.drop();
  });

  const fails: RateStore = {
    take() {
      throw new Error("The memory was asked");
    },
  };
  const fresh = (requests: number, seconds: number): Bound => bound(requests, seconds, `bound-${(number += 1)}`);
  /** An hour for one share, so that none passes while a test runs. */
  const slow = (requests: number): Bound => fresh(requests, requests * 3600);

  it("are one bound for all processes, however many requests come at once", async () => {
    const limit = slow(20);
    const processes = [new SharedRates(server.database, fails), new SharedRates(server.database, fails)];
    const taken = await Promise.all(upTo(60).map((index) => processes[index % 2]!.take(limit, "a")));
    expect(taken.filter(({ isAdmitted }) => isAdmitted)).to.have.length(20);
    const left = taken.filter(({ isAdmitted }) => isAdmitted).map((each) => each.left);
    expect(left.sort((a, b) => a - b)).to.deep.equal(upTo(20).map((index) => index - 1));
    for (const { isAdmitted, nextSeconds } of taken) if (!isAdmitted) expect(nextSeconds).to.be.within(3500, 3600);
    expect((await processes[0]!.take(limit, "b")).isAdmitted).to.equal(true);
  });

  it("admit one more each time that the share of one has passed", async () => {
    const rates = new SharedRates(server.database, fails);
    const limit = fresh(2, 1);
    let admitted = 0;
    const begun = performance.now();
    while (admitted < 5) if ((await rates.take(limit, "a")).isAdmitted) admitted += 1;
    // Two at once, and three shares of half a second.
    expect(performance.now() - begun).to.be.at.least(1450);
  });

  it("are swept as soon as they are free, and not before", async () => {
    const rates = new SharedRates(server.database, fails);
    const limit = slow(1);
    await rates.take(limit, "a");
    await rates.take(fresh(1_000_000, 1), "b");
    expect((await sweepRates.run(server.database, new AbortController().signal)).rows).to.be.at.least(1);
    expect((await rates.take(limit, "a")).isAdmitted).to.equal(false);
  });

  it("are counted in memory while Postgres does not answer, and in Postgres when it does again", async () => {
    const limit = slow(2);
    const rates = new SharedRates(server.database, new MemoryRates());
    const admitted = async (): Promise<boolean> => (await rates.take(limit, "a")).isAdmitted;
    expect(await admitted()).to.equal(true);
    gate.shut();
    const away = [await admitted(), await admitted(), await admitted()];
    expect(away).to.deep.equal([true, true, false]);
    gate.open();
    // Of two, one is left in Postgres: nothing was counted there meanwhile.
    while (!(await admitted())) await new Promise((resolve) => setTimeout(resolve, 50));
    const other = new SharedRates(server.database, fails);
    expect((await other.take(limit, "a")).isAdmitted).to.equal(false);
  });
});
