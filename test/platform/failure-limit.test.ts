import { expect } from "chai";
import { ApiError } from "../../src/errors.js";
import { createFailureLimiter, type FailureLimiter } from "../../src/platform/failure-limit.js";

const bounds = { failures: 3, seconds: 60 };

describe("the failure limit", () => {
  let now = 0;
  let limiter: FailureLimiter;
  beforeEach(() => {
    now = 1_000_000;
    limiter = createFailureLimiter({ now: () => now, capacity: 5 });
  });

  const fail = (times: number, address = "10.0.0.1", value = "masha@example.org"): void => {
    for (let count = 0; count < times; count++) limiter.failed("Login", bounds, address, value);
  };
  /** The seconds to wait; 0 when an attempt is permitted. */
  const wait = (address = "10.0.0.1", value = "masha@example.org", method = "Login"): number => {
    try {
      limiter.check(method, bounds, address, value);
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
    expect(wait()).to.equal(60);
  });

  it("refuses with the whole seconds to wait, and permits attempts after them", () => {
    fail(3);
    now += 30_500;
    expect(wait()).to.equal(30);
    now += 29_500;
    expect(wait()).to.equal(0);
  });

  it("has a sliding window: each failure counts for the same time", () => {
    fail(1);
    now += 50_000;
    fail(2);
    expect(wait()).to.equal(10);
    now += 10_000;
    expect(wait()).to.equal(0);
    fail(1);
    expect(wait()).to.equal(50);
  });

  it("counts from zero after a success", () => {
    fail(2);
    limiter.succeeded("Login", "10.0.0.1", "masha@example.org");
    fail(2);
    expect(wait()).to.equal(0);
  });

  it("counts each address, value and method separately", () => {
    fail(3);
    expect(wait("10.0.0.2")).to.equal(0);
    expect(wait("10.0.0.1", "petya@example.org")).to.equal(0);
    expect(wait("10.0.0.1", "masha@example.org", "Other")).to.equal(0);
  });

  it("counts the addresses of one IPv6 network as one, and an IPv4 address in either spelling", () => {
    fail(3, "2001:db8:0:7::1");
    expect(wait("2001:0db8::7:ffff:1:2:3")).to.equal(60);
    expect(wait("2001:db8:0:8::1")).to.equal(0);
    fail(3, "::ffff:10.0.0.9");
    expect(wait("10.0.0.9")).to.equal(60);
    expect(wait("::ffff:10.0.0.8")).to.equal(0);
    expect(wait("::1")).to.equal(0);
  });

  it("has a most number of counters, and removes the one with the oldest last failure", () => {
    fail(3, "10.0.0.1");
    for (let host = 2; host <= 5; host++) fail(1, `10.0.0.${host}`);
    expect(wait("10.0.0.1")).to.equal(60);
    fail(1, "10.0.0.6");
    expect(wait("10.0.0.1")).to.equal(0);
  });
});
