import { expect } from "chai";
import fc from "fast-check";
import { ApiError } from "../../src/errors.js";
import { type Attempt, createFailureLimiter, type FailureLimiter } from "../../src/platform/failure-limit.js";

const bounds = { failures: 3, seconds: 1000, delaySeconds: 10, longestSeconds: 60 };

describe("the failure limit", () => {
  let now = 0;
  let limiter: FailureLimiter;
  beforeEach(() => {
    now = 1_000_000;
    limiter = createFailureLimiter({ now: () => now, capacity: 5 });
  });

  const begin = (address = "10.0.0.1", value = "masha@example.org", method = "Login") =>
    limiter.begin([{ key: [method, value, address].join(), ...bounds }]);
  const fail = (times: number, address?: string): void => {
    for (let count = 0; count < times; count++) begin(address).failed();
  };
  /** The seconds to wait; 0 when an attempt is permitted. */
  const wait = (address?: string, value?: string, method?: string): number => {
    try {
      begin(address, value, method).withdrawn();
      return 0;
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== "RATE_LIMITED") throw error;
      return error.more.retryAfterSeconds!;
    }
  };

  it("permits the given number of failures, and not one more", () => {
    fail(2);
    expect(wait()).to.equal(0);
    fail(1);
    expect(wait()).to.equal(10);
  });

  it("refuses with the whole seconds to wait, and permits an attempt after them", () => {
    fail(3);
    now += 5_500;
    expect(wait()).to.equal(5);
    now += 4_500;
    expect(wait()).to.equal(0);
  });

  it("doubles the delay with each further failure, up to the longest", () => {
    fail(3);
    for (const delay of [10, 20, 40, 60, 60, 60]) {
      expect(wait()).to.equal(delay);
      now += delay * 1000;
      fail(1);
    }
  });

  it("makes one attempt at a time after a delay", () => {
    fail(3);
    now += 10_000;
    const one = begin();
    expect(wait()).to.equal(1);
    one.withdrawn();
    expect(wait()).to.equal(0);
  });

  it("forgets failures when there was none for the given time", () => {
    fail(3);
    now += 999_000;
    fail(1);
    expect(wait()).to.equal(20);
    now += 1_000_000;
    expect(wait()).to.equal(0);
    fail(2);
    expect(wait()).to.equal(0);
  });

  it("counts from zero after a success", () => {
    fail(2);
    begin().succeeded();
    fail(2);
    expect(wait()).to.equal(0);
  });

  it("counts attempts that are under way, so that no more than the limit are made at once", () => {
    fail(1);
    const [one, other] = [begin(), begin()];
    expect(wait()).to.equal(1);
    one.withdrawn();
    expect(wait()).to.equal(0);
    const third = begin();
    other.failed();
    third.failed();
    expect(wait()).to.equal(10);
  });

  it("lets wait for a second when all that counts is under way", () => {
    const underWay = [begin(), begin(), begin()];
    expect(wait()).to.equal(1);
    underWay[1]!.succeeded();
    expect(wait()).to.equal(0);
    underWay[0]!.failed();
    underWay[2]!.failed();
    fail(1);
    expect(wait()).to.equal(10);
  });

  it("permits exactly the limit of failures, whatever the order in which any number of attempts begin and end", () => {
    const step = fc.record({ isBegin: fc.boolean(), which: fc.nat(), isFailure: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        limiter = createFailureLimiter({ now: () => now });
        const underWay: Attempt[] = [];
        let failures = 0;
        for (const { isBegin, which, isFailure } of steps) {
          if (isBegin) {
            const isFree = failures + underWay.length < bounds.failures;
            expect(wait() === 0).to.equal(isFree);
            if (isFree) underWay.push(begin());
          } else if (underWay.length > 0) {
            const [attempt] = underWay.splice(which % underWay.length, 1);
            if (isFailure) failures += 1;
            attempt![isFailure ? "failed" : "withdrawn"]();
          }
        }
      }),
    );
  });

  it("counts each address, value and method separately", () => {
    fail(3);
    expect(wait("10.0.0.2")).to.equal(0);
    expect(wait("10.0.0.1", "petya@example.org")).to.equal(0);
    expect(wait("10.0.0.1", "masha@example.org", "Other")).to.equal(0);
  });

  it("counts an attempt for each of its keys, and permits it when all of them do", () => {
    const both = [
      { ...bounds, key: "a", failures: 2 },
      { ...bounds, key: "b", failures: 3 },
    ];
    const isFree = (at: number): boolean => {
      try {
        limiter.begin([both[at]!]).withdrawn();
        return true;
      } catch {
        return false;
      }
    };
    limiter.begin(both).failed();
    limiter.begin(both).failed();
    expect([isFree(0), isFree(1)]).to.deep.equal([false, true]);
    expect(() => limiter.begin(both)).to.throw(ApiError);
    // What was refused is counted for none.
    expect(isFree(1)).to.equal(true);
    limiter.begin([both[1]!]).succeeded();
    limiter.begin([both[1]!]).failed();
    limiter.begin([both[1]!]).failed();
    expect([isFree(0), isFree(1)]).to.deep.equal([false, true]);
  });

  it("has a most number of counters, and removes the one with the oldest last failure", () => {
    fail(3, "10.0.0.1");
    for (let host = 2; host <= 5; host++) fail(1, `10.0.0.${host}`);
    expect(wait("10.0.0.1")).to.equal(10);
    fail(1, "10.0.0.6");
    expect(wait("10.0.0.1")).to.equal(0);
  });
});
