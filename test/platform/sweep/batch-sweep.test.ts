import { expect } from "chai";
import { batchSweep } from "../../../src/platform/sweep/batch-sweep.js";
import type { Database } from "../../../src/platform/database/database.js";

describe("a sweep in batches", () => {
  // No step of these tests runs a statement.
  let transactions = 0;
  const database = {
    transaction: (work: (queries: unknown) => Promise<unknown>) => work(++transactions),
  } as unknown as Database;
  const running = new AbortController().signal;

  beforeEach(() => (transactions = 0));

  it("deletes in a transaction for each batch, until one is not full", async () => {
    let left = 2_500;
    const step = batchSweep("rows", async (_, limit) => {
      const deleted = Math.min(left, limit);
      left -= deleted;
      return deleted;
    });
    expect(step.name).to.equal("rows");
    expect(await step.run(database, running)).to.deep.equal({ rows: 2_500, isComplete: true });
    expect(transactions).to.equal(3);
  });

  it("begins no further batch when it is aborted", async () => {
    const stop = new AbortController();
    const step = batchSweep("rows", async (_, limit) => {
      stop.abort();
      return limit;
    });
    expect(await step.run(database, stop.signal)).to.include({ rows: 1_000 });
    expect(transactions).to.equal(1);
  });

  it("fails as its batch does", async () => {
    const step = batchSweep("rows", () => Promise.reject(new Error("away")));
    expect(await step.run(database, running).catch(String)).to.equal("Error: away");
  });
});
