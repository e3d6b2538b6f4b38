// Limits on the refused tries of a method: the failure limit of the contract, counted by this process.
import { canonicalEmail } from "../contract/validation/email.js";
import type { Caller } from "../call.js";
import type { Around, Wrapper } from "../contract/around.js";
import type { Contract } from "../contract/model/load.js";
import { delaysOf } from "../contract/model/options/failure-limit.js";
import { ApiError } from "../errors.js";
import type { FailureLimit } from "../gen/lyceum/v1/option_types.js";
import { createFailureLimiter, type FailureBound } from "../platform/failure-limit.js";
import { networkOf } from "../platform/network-address.js";
import { RecentMap } from "../platform/recent-map.js";

/** Reads what shows that a request comes from a device of an account. */
export interface Devices {
  /** The id of the device; undefined when the token is not one for this account. */
  read(token: string | undefined, account: string): string | undefined;
}

/** How long an address is known for an account after a success, in milliseconds: thirty days. */
const knownMs = 30 * 24 * 3_600_000;
/** The most addresses of accounts that are known. */
const mostKnown = 100_000;

/**
 * Applies `(lyceum.v1.failure_limit)`: throws RATE_LIMITED after too many failures on one value of the field that the option names,
 * such as an account, until a delay has passed that grows with each further one: of one address, or, without the growth, of all
 * addresses together where the account is not known at the address. A device of the account has a count of its own, and no other
 * touches it; its success resets that of its address. Where the option names no field, the failures of the caller count. A failure
 * is a response with status 401; a success resets the counts; any other error, such as 503 or a client that has gone, leaves them as
 * they were.
 */
export function failureLimits(contract: Contract, devices: Devices): Around<Caller> {
  const failures = createFailureLimiter();
  const isFailure = (error: unknown): boolean =>
    error instanceof ApiError && contract.reasons.get(error.reason)?.status === 401;

  /** Of one caller, wherever they are: who has their access token guesses no password with it. */
  function byCaller(name: string, limit: Readonly<FailureLimit>): Wrapper<Caller> {
    const bound = growing(limit);
    return async ({ caller }, next) => {
      const attempt = failures.begin([{ key: JSON.stringify([name, "caller", caller.id]), ...bound }]);
      try {
        const response = await next();
        attempt.succeeded();
        return response;
      } catch (error) {
        if (isFailure(error)) attempt.failed();
        else attempt.withdrawn();
        throw error;
      }
    };
  }

  const known = new RecentMap<string, true>(knownMs, Date.now, mostKnown);
  return ({ name: method, access, failureLimit }) => {
    if (!failureLimit) return undefined;
    if (!failureLimit.field) {
      if (access === "ACCESS_PUBLIC")
        throw new Error(`${method}: a limit on the failures of a caller whom nobody knows`);
      return byCaller(method, failureLimit);
    }
    const name = failureLimit.counted_with || method;
    const { failures_of_all: failuresOfAll, device_field: deviceField } = failureLimit;
    const bound = growing(failureLimit);
    // It does not grow for all together: who is new to the account has a turn again soon, whatever strangers do.
    const ofAll = { ...bound, failures: failuresOfAll, longestSeconds: bound.delaySeconds };
    return async ({ ctx, request }, next) => {
      const given = request[failureLimit.field] as string | number | undefined;
      // There is nothing to guess at.
      if (given === undefined) return next();
      const value = canonicalEmail(String(given));
      const device = deviceField ? devices.read(request[deviceField] as string | undefined, value) : undefined;
      const pair = JSON.stringify([name, value, "address", networkOf(ctx.ip)]);
      const counted: FailureBound[] = [
        { key: device ? JSON.stringify([name, value, "device", device]) : pair, ...bound },
      ];
      if (!device && failuresOfAll > 0 && !known.get(pair))
        counted.push({ key: JSON.stringify([name, value]), ...ofAll });
      const attempt = failures.begin(counted);
      try {
        const response = await next();
        attempt.succeeded();
        // Who it belongs to is at this address.
        if (device) failures.forget(pair);
        known.set(pair, true);
        return response;
      } catch (error) {
        if (isFailure(error)) attempt.failed();
        else attempt.withdrawn();
        throw error;
      }
    };
  };
}

/** The failures of a limit, and the delay that grows with each further one. */
function growing(limit: Readonly<FailureLimit>): Omit<FailureBound, "key"> {
  const { shortest, longest } = delaysOf(limit);
  return { failures: limit.failures, seconds: limit.seconds, delaySeconds: shortest, longestSeconds: longest };
}
